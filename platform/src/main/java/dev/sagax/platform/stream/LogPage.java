package dev.sagax.platform.stream;

import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.LogView;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import java.util.ArrayList;
import java.util.List;

/**
 * A page of a partition's log as a reader accepts it: only the next number, everything else is
 * ignored.
 *
 * @param records accepted, in order
 * @param nextOffset where to read on
 * @param atEnd whether the log ended there
 * @param behindAGap whether there was something that could not be accepted, because a number before
 *     it is missing
 */
record LogPage(List<LogRecord> records, long nextOffset, boolean atEnd, boolean behindAGap) {
  private static final int MOST = 500;
  private static final int PROBE = 50;

  /**
   * A step publishes its last batch again at times; so far the numbers at an offset may go back.
   */
  private static final long MARGIN = 1_000;

  private static final int MOST_PROBES = 20;

  /**
   * Reads on.
   *
   * @param after the position of the last record that was accepted
   */
  static LogPage read(LogView view, Topic topic, int partition, long after, long offset) {
    List<LogRecord> page = view.read(topic, partition, offset, MOST);
    List<LogRecord> accepted = new ArrayList<>(page.size());
    long last = after;
    for (LogRecord record : page) {
      if (record.position() == last + 1) {
        accepted.add(record);
        last++;
      }
    }
    long next = page.isEmpty() ? offset : page.getLast().offset() + 1;
    boolean atEnd = next >= view.end(topic, partition);
    return new LogPage(accepted, next, atEnd, highest(page, last) > last);
  }

  /**
   * An offset from which the record after this position is soon found. The number s stands at
   * offset s - 1 or later, since each record before it has an offset of its own; so the search
   * begins there and leaps by what is missing yet. Where repeats lead it too far, what is read is
   * behind a gap.
   */
  static long seek(LogView view, Topic topic, int partition, long after, long given) {
    long offset = lowest(view, topic, partition, after, given);
    for (int probe = 0; probe < MOST_PROBES; probe++) {
      long missing = after + 1 - highest(view.read(topic, partition, offset, PROBE), after);
      if (missing <= MARGIN) {
        return offset;
      }
      offset += missing - MARGIN;
    }
    return offset;
  }

  /**
   * The first offset that the record after this position can have.
   *
   * @param given the last number that was given out when the stream was asked for
   * @throws RefusedException CURSOR_EXPIRED if the log does not keep that record any more
   */
  static long lowest(LogView view, Topic topic, int partition, long after, long given) {
    long begin = view.begin(topic, partition);
    if (after >= begin) {
      return after;
    }
    if (begin > 0) {
      long oldest =
          view.read(topic, partition, begin, PROBE).stream()
              .mapToLong(LogRecord::position)
              .min()
              .orElse(given + 1);
      if (after + 1 < oldest) {
        throw expired(partition, after);
      }
    }
    return begin;
  }

  private static long highest(List<LogRecord> page, long ifNone) {
    return page.stream().mapToLong(LogRecord::position).max().orElse(ifNone);
  }

  private static RefusedException expired(int partition, long after) {
    return Refusal.ofField(
            Reason.CURSOR_EXPIRED,
            "cursor",
            "The log does not keep what comes after record %d of partition %d any more. Start the stream anew, without a cursor."
                .formatted(after, partition))
        .asException();
  }
}
