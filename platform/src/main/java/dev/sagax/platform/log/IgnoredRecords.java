package dev.sagax.platform.log;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the records that a step does not accept: repeats, what comes after a gap, late writes of a
 * process that should be dead. They are normal after a kill; many of them at other times are not,
 * so the log tells the counts, at most every 10 seconds.
 */
final class IgnoredRecords {
  private static final Logger LOG = LoggerFactory.getLogger(IgnoredRecords.class);
  private static final long TELL_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final String service;
  private final int partition;
  private final LongSupplier nanoTime;
  private final Map<Topic, Long> counts = new EnumMap<>(Topic.class);
  private long tellAt;

  IgnoredRecords(String service, int partition, LongSupplier nanoTime) {
    this.service = service;
    this.partition = partition;
    this.nanoTime = nanoTime;
    this.tellAt = nanoTime.getAsLong();
  }

  /** Counts one; true if it was told in the log. */
  boolean count(Topic topic) {
    counts.merge(topic, 1L, Long::sum);
    long now = nanoTime.getAsLong();
    if (now - tellAt < 0) {
      return false;
    }
    tellAt = now + TELL_EVERY_NANOS;
    LOG.info("Ignored so far, by topic: {} service={} partition={}", counts, service, partition);
    return true;
  }

  /** How many of a topic were ignored since the step was given the partition. */
  long of(Topic topic) {
    return counts.getOrDefault(topic, 0L);
  }
}
