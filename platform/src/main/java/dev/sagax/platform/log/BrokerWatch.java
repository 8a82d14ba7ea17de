package dev.sagax.platform.log;

import dev.sagax.platform.rpc.Health;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;

/**
 * Asks the brokers every two seconds whether they are there and reports it as the health of
 * "kafka". Nobody else tells: a consumer's poll returns nothing while its broker is away, as it
 * does when there is nothing to read. On a thread of its own.
 */
public final class BrokerWatch implements AutoCloseable {
  private static final String DEPENDENCY = "kafka";
  private static final long EVERY_MILLIS = 2_000;
  private static final long ANSWER_MILLIS = 5_000;
  private static final Duration CLOSE = Duration.ofSeconds(1);

  private final Properties settings;
  private final Health health;
  private final CountDownLatch closing = new CountDownLatch(1);
  private Admin admin;

  public BrokerWatch(KafkaSettings kafka, String service, Health health) {
    String name = service + "-broker-watch";
    this.settings = kafka.common(name);
    this.settings.put(
        CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.toString(ANSWER_MILLIS));
    this.settings.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, Long.toString(ANSWER_MILLIS));
    this.health = health;
    Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  private void run() {
    try {
      do {
        look();
      } while (!closing.await(EVERY_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (admin != null) {
        admin.close(CLOSE);
      }
    }
  }

  private void look() throws InterruptedException {
    try {
      if (admin == null) {
        admin = Admin.create(settings); // fails while the brokers' names do not resolve
      }
      admin.describeCluster().nodes().get(2 * ANSWER_MILLIS, TimeUnit.MILLISECONDS);
      health.report(DEPENDENCY, true, "");
    } catch (ExecutionException e) {
      away(e.getCause());
    } catch (TimeoutException | RuntimeException e) {
      away(e);
    }
  }

  private void away(Throwable failure) {
    if (closing.getCount() > 0) {
      health.report(DEPENDENCY, false, "The brokers do not answer: " + failure);
    }
  }

  @Override
  public void close() {
    closing.countDown();
  }
}
