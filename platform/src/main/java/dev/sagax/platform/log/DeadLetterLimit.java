package dev.sagax.platform.log;

import java.util.ArrayDeque;
import java.util.function.LongSupplier;

/**
 * How many dead letters a step may write within a minute before a person has to look: something is
 * wrong with the step or with a writer then, and to put aside whatever comes would empty the topic.
 * The batch that reaches the limit is still written, also when it goes beyond: one order may be the
 * fault of as many refusals as a batch has records. The clock decides only whether the step goes
 * on, never what it writes.
 */
final class DeadLetterLimit {
  /** When nothing else is set. */
  static final int DEFAULT_PER_MINUTE = 100;

  private static final long WINDOW_MILLIS = 60_000;

  private final int perMinute;
  private final LongSupplier millis;
  private final ArrayDeque<Written> written = new ArrayDeque<>();
  private int inWindow;

  private record Written(long millis, int letters) {}

  /**
   * @param millis a clock that never goes back
   */
  DeadLetterLimit(int perMinute, LongSupplier millis) {
    this.perMinute = perMinute;
    this.millis = millis;
  }

  /**
   * Before a batch is committed.
   *
   * @throws PartitionStoppedException if it has dead letters and enough were written already
   */
  void check(int letters) {
    forgetOlder();
    if (letters > 0 && inWindow >= perMinute) {
      throw new PartitionStoppedException(
          ("%d records of the last minute were put aside and %d more would be, but after %d a person has"
                  + " to look (dead.letters.per.minute). Nothing of this batch is written. Look at the dead letters"
                  + " and at the writer of the topic, then resume the partition, and they are put aside.")
              .formatted(inWindow, letters, perMinute),
          null);
    }
  }

  /** After a batch was committed. */
  void count(int letters) {
    if (letters > 0) {
      written.add(new Written(millis.getAsLong(), letters));
      inWindow += letters;
    }
  }

  /** A person has looked. */
  void startOver() {
    written.clear();
    inWindow = 0;
  }

  private void forgetOlder() {
    long begin = millis.getAsLong() - WINDOW_MILLIS;
    while (!written.isEmpty() && written.peek().millis() <= begin) {
      inWindow -= written.poll().letters();
    }
  }
}
