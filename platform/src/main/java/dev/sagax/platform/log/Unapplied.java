package dev.sagax.platform.log;

import java.util.ArrayDeque;

/**
 * The times of the records of one topic and partition that were read and are not applied, in the
 * order of the log, to tell how old the next one is. What does not fit is left out: the age is then
 * that of an older record.
 */
final class Unapplied {
  private static final int MOST = 10_000;

  private record Read(long offset, long timeMillis) {}

  private final ArrayDeque<Read> reads = new ArrayDeque<>();
  private long lastKnownMillis;

  /** A record was read. */
  void read(long offset, long timeMillis) {
    if (reads.size() < MOST) {
      reads.add(new Read(offset, timeMillis));
    }
  }

  /** Reading begins anew, maybe further ahead. */
  void restart() {
    reads.clear();
  }

  /**
   * The first record that was read.
   *
   * @param readTo where reading stands, for when none was
   */
  long firstOffset(long readTo) {
    return reads.isEmpty() ? readTo : reads.peek().offset();
  }

  /** All before this offset is applied. */
  void appliedTo(long nextOffset) {
    while (!reads.isEmpty() && reads.peek().offset() < nextOffset) {
      reads.poll();
    }
  }

  /**
   * When the next record was written.
   *
   * @param records how many are not applied. If none of them is known here, it is the time of the
   *     last that was, or since when there have been some
   * @return 0 if there is none
   */
  long sinceMillis(long records, long nowMillis) {
    if (records == 0) {
      lastKnownMillis = 0;
      return 0;
    }
    if (!reads.isEmpty()) {
      lastKnownMillis = reads.peek().timeMillis();
    } else if (lastKnownMillis == 0) {
      lastKnownMillis = nowMillis;
    }
    return lastKnownMillis;
  }
}
