package dev.sagax.platform.boot;

import dev.sagax.platform.log.KafkaSettings;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.log.TopicAdmin;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.ExitCode;

/**
 * A process that makes the topics which are missing, gives more partitions to those that have too
 * few, refuses ones that cannot be trusted with money, and ends. A roll-out begins with it, before
 * it stops any service. It takes a service's settings.
 */
public final class TopicsMain {
  private static final int ATTEMPTS = 6;
  private static final Duration PAUSE = Duration.ofSeconds(2);

  private TopicsMain() {}

  public static void main(String[] args) {
    System.exit(run(System.getenv(), ATTEMPTS, System.out, System.err));
  }

  /**
   * 0 if all topics are as they must be, 1 if not or if the brokers stay away, 2 for bad settings.
   *
   * @param attempts at brokers that are away, of about 10 s each
   */
  static int run(Map<String, String> environment, int attempts, PrintStream out, PrintStream err) {
    try {
      ServiceConfig config = ServiceConfig.load(0, environment, null);
      KafkaSettings kafka =
          new KafkaSettings(config.kafkaBootstrap(), "", config.security().kafka());
      Barred barred = new Barred(config);
      TopicAdmin admin = new TopicAdmin(kafka, config.partitions(), config.replication());
      if (!new Attempts(attempts, PAUSE, err)
          .succeed(failure -> away(failure, barred), admin::ensureTopics)) {
        return ExitCode.SOFTWARE;
      }
      out.printf(
          "All %d topics are there, with %d partitions each.%n",
          Topic.values().length, config.partitions());
      return ExitCode.OK;
    } catch (IllegalArgumentException badSetting) {
      err.println(badSetting.getMessage());
      return ExitCode.USAGE;
    } catch (IllegalStateException unsafe) {
      err.println(unsafe.getMessage());
      return ExitCode.SOFTWARE;
    }
  }

  /** Brokers that turn us away will do so again. */
  private static Optional<String> away(RuntimeException failure, Barred barred) {
    if (!(failure instanceof KafkaException)) {
      return Optional.empty();
    }
    barred
        .advice(failure)
        .ifPresent(advice -> {
          throw new IllegalStateException(advice, failure);
        });
    return Optional.of("the brokers do not make the topics: " + failure);
  }
}
