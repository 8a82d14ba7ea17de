package dev.sagax.platform.boot;

import dev.sagax.platform.log.KafkaSettings;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.log.TopicAdmin;
import java.io.PrintStream;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.ExitCode;

/**
 * A process that makes the topics which are missing, refuses ones that cannot be trusted with
 * money, and ends. A roll-out begins with it, before it stops any service. It takes a service's
 * settings.
 */
public final class TopicsMain {
  private TopicsMain() {}

  public static void main(String[] args) {
    System.exit(run(System.getenv(), System.out, System.err));
  }

  /** 0 if all topics are as they must be, 1 if not or if the broker is away, 2 for bad settings. */
  static int run(Map<String, String> environment, PrintStream out, PrintStream err) {
    try {
      ServiceConfig config = ServiceConfig.load(0, environment, null);
      KafkaSettings kafka = new KafkaSettings(config.kafkaBootstrap());
      new TopicAdmin(kafka, config.partitions(), config.replication()).ensureTopics();
      out.printf(
          "All %d topics are there, with %d partitions each.%n",
          Topic.values().length, config.partitions());
      return ExitCode.OK;
    } catch (IllegalArgumentException badSetting) {
      err.println(badSetting.getMessage());
      return ExitCode.USAGE;
    } catch (KafkaException away) {
      err.println("The brokers do not make the topics: " + away);
      return ExitCode.SOFTWARE;
    } catch (IllegalStateException unsafe) {
      err.println(unsafe.getMessage());
      return ExitCode.SOFTWARE;
    }
  }
}
