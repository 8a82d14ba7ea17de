package dev.sagax.platform.log;

import dev.sagax.platform.rpc.Health;
import io.vertx.core.Vertx;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The alarms of one partition's inputs: a gap that stays open raises the alarm of its topic, and
 * only the record that closes it, or a new start, ends that alarm. On one event loop, but for what
 * says otherwise.
 */
final class GapAlarms {
  private static final Logger LOG = LoggerFactory.getLogger(GapAlarms.class);

  private final Vertx vertx;
  private final Health health;
  private final int partition;
  private final long patienceMillis;
  private final Map<Topic, Long> timers = new EnumMap<>(Topic.class);
  private volatile boolean open;

  /**
   * @param patienceMillis how long a gap may be open before it alarms
   */
  GapAlarms(Vertx vertx, Health health, int partition, long patienceMillis) {
    this.vertx = vertx;
    this.health = health;
    this.partition = partition;
    this.patienceMillis = patienceMillis;
  }

  /** A record came whose predecessor did not. */
  void open(LogRecord record, long last) {
    timers.computeIfAbsent(
        record.topic(), topic -> vertx.setTimer(patienceMillis, t -> raise(record, last)));
    open = true;
  }

  /** Whether records of some topic are missing, for however short a time; on any thread. */
  boolean areOpen() {
    return open;
  }

  private void raise(LogRecord record, long last) {
    String detail =
        "%s has number %d after %d, the records between are missing"
            .formatted(record.topic(), record.position(), last);
    LOG.error("Gap in the log: {} partition={}", detail, partition);
    health.report(name(record.topic()), false, detail);
  }

  /** The next record of a topic came. */
  void close(Topic topic) {
    Long timer = timers.remove(topic);
    open = !timers.isEmpty();
    if (timer != null && !vertx.cancelTimer(timer)) {
      health.report(name(topic), true, "");
    }
  }

  /** Memory is dropped: whatever gap there still is will be met again. */
  void closeAll() {
    for (Topic topic : Topic.values()) {
      close(topic);
    }
  }

  private String name(Topic topic) {
    return "partition %d gap in %s".formatted(partition, topic);
  }
}
