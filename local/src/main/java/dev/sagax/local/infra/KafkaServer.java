package dev.sagax.local.infra;

import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** One Kafka node, broker and controller at once, in a JVM of its own. */
public final class KafkaServer extends Server {
  /** What Kafka has no use for; all else on our class path may be one of its libraries. */
  private static final Pattern NOT_KAFKAS =
      Pattern.compile("(vertx|netty|grpc|embedded|proto|picocli|junit|assertj|archunit)-.*");

  private int controllerPort;

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
  List<String> command() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-Dlogback.configurationFile=dev/sagax/local/infra/kafka-logback.xml",
        "-cp",
        classPath(),
        KafkaChild.class.getName(),
        properties().toString(),
        ready().toString());
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

  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !NOT_KAFKAS.matcher(Path.of(entry).getFileName().toString()).matches())
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }
}
