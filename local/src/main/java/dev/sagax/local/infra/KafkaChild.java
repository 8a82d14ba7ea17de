package dev.sagax.local.infra;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/** The main class of Kafka's own JVM, and the only one that touches the broker's classes. */
public final class KafkaChild {
  private KafkaChild() {}

  /** Arguments: the file with the broker's settings, and the file to write once it serves. */
  public static void main(String[] arguments) {
    try {
      run(Path.of(arguments[0]), Path.of(arguments[1]));
    } catch (Throwable e) {
      e.printStackTrace();
      // Kafka's threads would keep a broker alive that can never serve.
      Runtime.getRuntime().halt(1);
    }
  }

  private static void run(Path settingsFile, Path readyFile) throws Exception {
    Properties settings = read(settingsFile);
    format(settings.getProperty("log.dirs"));
    KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(settings), Time.SYSTEM);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "kafka-shutdown"));
    server.startup();
    Files.createFile(readyFile);
    server.awaitShutdown();
  }

  private static Properties read(Path file) throws IOException {
    Properties settings = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      settings.load(reader);
    }
    return settings;
  }

  /** Leaves a directory alone that is formatted: its cluster id must stay. */
  private static void format(String directory) throws Exception {
    if (Files.exists(Path.of(directory, "meta.properties"))) {
      return;
    }
    new Formatter()
        .setNodeId(1)
        .setClusterId(Uuid.randomUuid().toString())
        .addDirectory(directory)
        .setMetadataLogDirectory(directory)
        .setControllerListenerName("CONTROLLER")
        .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
        .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
        .run();
  }
}
