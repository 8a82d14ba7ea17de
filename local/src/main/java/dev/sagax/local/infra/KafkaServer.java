package dev.sagax.local.infra;

import dev.sagax.platform.tls.TlsFiles;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** One Kafka node, broker and controller at once, in a JVM of its own. */
public final class KafkaServer extends Server {
  private static final String LOGBACK = "dev/sagax/local/infra/kafka-logback.xml";

  /** All jars on our class path may be its libraries, but for ours and what it has no use for. */
  private static final Predicate<String> KAFKAS =
      Pattern.compile(
              "(?!(sagax|vertx|netty|grpc|embedded|proto|picocli|junit|assertj|archunit)-).*\\.jar")
          .asMatchPredicate();

  private Optional<TlsFiles> tls = Optional.empty();
  private int controllerPort;
  private int clientPort;
  private ClassArchive classes;

  /**
   * @param port 0 for the port of the last start over this directory, or any free one
   */
  public KafkaServer(Path home, int port) {
    super("Kafka", home, port);
  }

  /**
   * From its next start on it has one more port, for clients that log in by TLS (SASL_SSL,
   * SCRAM-SHA-512), and they may do nothing that no ACL allows. Whoever comes by {@link #bootstrap}
   * may do all, make users and ACLs first of all.
   */
  public KafkaServer lockedFor(TlsFiles files) {
    tls = Optional.of(files);
    return this;
  }

  /** Where users log in. */
  public String lockedBootstrap() {
    return HOST + ":" + clientPort;
  }

  public String bootstrap() {
    return HOST + ":" + port();
  }

  @Override
  void prepare() throws IOException {
    controllerPort = Ports.choose("Kafka's controller", 0, home().resolve("controller-port"));
    if (tls.isPresent()) {
      clientPort = Ports.choose("Kafka's clients", 0, home().resolve("client-port"));
      Files.writeString(
          identity(),
          Files.readString(tls.get().key()) + Files.readString(tls.get().certificate()));
    }
    Files.deleteIfExists(ready());
    try (Writer writer = Files.newBufferedWriter(properties())) {
      settings().store(writer, "Written at every start.");
    }
  }

  @Override
  List<String> command() throws IOException {
    List<Path> classPath = classPath();
    classes = new ClassArchive(Binaries.cache(), "kafka", classPath, home().resolve("classes.jsa"));
    List<String> words = new ArrayList<>();
    words.add(ChildJvm.java());
    words.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC"));
    words.addAll(classes.options());
    words.addAll(ChildJvm.moreOptions());
    words.add("-Dlogback.configurationFile=" + LOGBACK);
    words.addAll(List.of("-cp", ClassArchive.joined(classPath), KafkaChild.class.getName()));
    words.addAll(List.of(properties().toString(), ready().toString()));
    return words;
  }

  @Override
  void stopped() {
    classes.keep();
  }

  @Override
  String processName() {
    return "java";
  }

  @Override
  String stopSignal() {
    return "TERM";
  }

  /** The child writes the file when its broker is registered, unfenced and serves requests. */
  @Override
  boolean answers() {
    return Files.exists(ready());
  }

  private Path ready() {
    return home().resolve("ready");
  }

  private Path properties() {
    return home().resolve("server.properties");
  }

  private Properties settings() {
    Properties settings = new Properties();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", "1");
    settings.put("controller.quorum.voters", "1@" + HOST + ":" + controllerPort);
    settings.put(
        "listeners",
        "BROKER://%s:%d,CONTROLLER://%s:%d".formatted(HOST, port(), HOST, controllerPort));
    settings.put("advertised.listeners", "BROKER://" + bootstrap());
    settings.put("inter.broker.listener.name", "BROKER");
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.put("log.dirs", data().toString());
    settings.put("auto.create.topics.enable", "false");
    settings.put("group.initial.rebalance.delay.ms", "0");
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "4");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("transaction.state.log.num.partitions", "4");
    // Else a restart after a crash waits until the node's own old session has ended.
    settings.put("broker.session.timeout.ms", "2000");
    settings.put("broker.heartbeat.interval.ms", "500");
    tls.ifPresent(files -> lock(settings, files));
    return settings;
  }

  private Path identity() {
    return home().resolve("identity.pem");
  }

  private void lock(Properties settings, TlsFiles files) {
    settings.compute("listeners", (k, v) -> v + ",CLIENT://" + lockedBootstrap());
    settings.compute("advertised.listeners", (k, v) -> v + ",CLIENT://" + lockedBootstrap());
    settings.compute("listener.security.protocol.map", (k, v) -> v + ",CLIENT:SASL_SSL");
    settings.put(
        "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    settings.put("super.users", "User:ANONYMOUS");
    String client = "listener.name.client.";
    settings.put(client + "sasl.enabled.mechanisms", "SCRAM-SHA-512");
    settings.put(
        client + "scram-sha-512.sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required;");
    settings.put(client + "ssl.keystore.type", "PEM");
    settings.put(client + "ssl.keystore.location", identity().toString());
    settings.put(client + "ssl.truststore.type", "PEM");
    settings.put(client + "ssl.truststore.location", files.ca().toString());
    settings.put(client + "ssl.client.auth", "requested");
  }

  /** Kafka's jars and, as directories cannot be archived, a jar of the only things of ours. */
  private static List<Path> classPath() throws IOException {
    List<Path> jars = new ArrayList<>();
    Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath())
        .filter(entry -> KAFKAS.test(entry.getFileName().toString()))
        .forEach(jars::add);
    String child = KafkaChild.class.getName().replace('.', '/') + ".class";
    jars.add(ClassArchive.jar("kafka-child", List.of(child, LOGBACK)));
    return jars;
  }
}
