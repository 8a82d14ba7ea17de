package dev.sagax.local.infra;

import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

  private int controllerPort;
  private ClassArchive classes;

  /**
   * @param port 0 for the port of the last start over this directory, or any free one
   */
  public KafkaServer(Path home, int port) {
    super("Kafka", home, port);
  }

  public String bootstrap() {
    return HOST + ":" + port();
  }

  @Override
  void prepare() throws IOException {
    controllerPort = Ports.choose("Kafka's controller", 0, home().resolve("controller-port"));
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
    return settings;
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
