package dev.sagax.order.saga.trace;

import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.LogView;
import dev.sagax.platform.log.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * The records of one partition of every topic, found without reading the log from end to end. What
 * counts upwards along a topic (the numbers of its records, the instructions they are about) is
 * searched by halves; noise in it, such as records that were published again, only ever counts less
 * than what stands before it, so the highest count among neighbours is what is looked at.
 */
final class SagaLog {
  /** The key of a record that does not count. */
  static final long NO_KEY = Long.MIN_VALUE;

  private static final int NEIGHBOURS = 100;
  private static final int PAGE = 500;
  private static final int MOST_SCANNED = 10_000;

  /** How far apart the clocks of two writers may be. */
  private static final long SLACK_MILLIS = 1_000;

  private final LogView view;
  private final int partition;

  SagaLog(LogView view, int partition) {
    this.view = view;
    this.partition = partition;
  }

  /** The record at an offset. */
  Optional<LogRecord> at(Topic topic, long offset) {
    if (offset < view.begin(topic, partition) || offset >= view.end(topic, partition)) {
      return Optional.empty();
    }
    return view.read(topic, partition, offset, 1).stream().findFirst();
  }

  /** The record of a number; it cannot stand before the offset number - 1. */
  Optional<LogRecord> numbered(Topic topic, long seq) {
    return find(topic, seq - 1, LogRecord::position, seq, record -> record.position() == seq);
  }

  /**
   * The first record that matches.
   *
   * @param least it does not stand before this offset, and probably stands not far behind it
   * @param key what counts upwards along the topic
   * @param wanted the key of the record that is looked for
   */
  Optional<LogRecord> find(
      Topic topic,
      long least,
      ToLongFunction<LogRecord> key,
      long wanted,
      Predicate<LogRecord> matches) {
    long from = Math.max(least, view.begin(topic, partition));
    long to = view.end(topic, partition);
    List<LogRecord> first = read(topic, from, Math.min(to, from + NEIGHBOURS));
    Optional<LogRecord> near = first.stream().filter(matches).findFirst();
    if (near.isPresent()) {
      return near;
    }
    from += first.size();
    while (to - from > 2 * NEIGHBOURS) {
      long middle = from + (to - from) / 2;
      List<LogRecord> neighbours = read(topic, middle, middle + NEIGHBOURS);
      OptionalLong reached = firstWith(neighbours, key, wanted);
      if (reached.isPresent()) {
        to = reached.getAsLong() + 1;
      } else {
        from = middle + NEIGHBOURS;
      }
    }
    return read(topic, from, to).stream().filter(matches).findFirst();
  }

  private static OptionalLong firstWith(
      List<LogRecord> records, ToLongFunction<LogRecord> key, long wanted) {
    return records.stream()
        .filter(record -> key.applyAsLong(record) >= wanted)
        .mapToLong(LogRecord::offset)
        .findFirst();
  }

  private List<LogRecord> read(Topic topic, long from, long to) {
    return from >= to ? List.of() : view.read(topic, partition, from, Math.toIntExact(to - from));
  }

  /** The highest number that a topic has; 0 if it has no records. */
  long lastNumber(Topic topic) {
    long end = view.end(topic, partition);
    long from = Math.max(view.begin(topic, partition), end - NEIGHBOURS);
    return read(topic, from, end).stream().mapToLong(LogRecord::position).max().orElse(0);
  }

  /** The first record that matches among those that were appended at a time or soon after it. */
  Optional<LogRecord> after(Topic topic, long millis, Predicate<LogRecord> matches) {
    if (view.begin(topic, partition) >= view.end(topic, partition)) {
      return Optional.empty();
    }
    OptionalLong from = view.offsetAt(topic, partition, millis - SLACK_MILLIS);
    return from.isEmpty()
        ? Optional.empty()
        : scan(topic, from.getAsLong(), matches, 1).stream().findFirst();
  }

  /** The records that match from an offset on, as far as one looks. */
  List<LogRecord> from(Topic topic, long offset, Predicate<LogRecord> matches) {
    return scan(topic, Math.max(offset, view.begin(topic, partition)), matches, Integer.MAX_VALUE);
  }

  /** Whether {@link #from} does not look at all records from an offset on. */
  boolean isTooFarFromTheEnd(Topic topic, long offset) {
    return view.end(topic, partition) - offset > MOST_SCANNED;
  }

  private List<LogRecord> scan(Topic topic, long offset, Predicate<LogRecord> matches, int enough) {
    List<LogRecord> found = new ArrayList<>();
    long to = Math.min(view.end(topic, partition), offset + MOST_SCANNED);
    for (long from = offset; from < to && found.size() < enough; from += PAGE) {
      read(topic, from, Math.min(to, from + PAGE)).stream().filter(matches).forEach(found::add);
    }
    return found;
  }
}
