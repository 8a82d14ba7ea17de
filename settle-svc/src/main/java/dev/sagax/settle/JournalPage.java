package dev.sagax.settle;

/**
 * A stretch of the journal as it was when it was folded: its rows in (after, to], and a digest that
 * shows whether one of them was changed since.
 */
public record JournalPage(FlowPartition log, long after, long to, long rows, long digest) {
  /** A page with so many rows ends with the position that it has reached. */
  static final int FULL = 5_000;

  private static final long ODD = 0x9E3779B97F4A7C15L;
  private static final int TURN = 29;

  static JournalPage startingAfter(FlowPartition log, long position) {
    return new JournalPage(log, position, position, 0, 0);
  }

  /** A digest that also depends on the order in which values are added. */
  public static long mix(long digest, long value) {
    return Long.rotateLeft(digest ^ value * ODD, TURN) * ODD;
  }

  JournalPage plus(JournalLine line) {
    return new JournalPage(log, after, line.position(), rows + 1, mix(digest, line.digest()));
  }

  JournalPage upTo(long position) {
    return new JournalPage(log, after, position, rows, digest);
  }

  boolean isFull() {
    return rows >= FULL;
  }
}
