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
   * @param perMinute at least 1
   * @param millis a clock that never goes back
   */
  DeadLetterLimit(int perMinute, LongSupplier millis) {
    if (perMinute < 1) {
      throw new IllegalArgumentException(
          "dead.letters.per.minute is %d, but a step that may put nothing aside never goes on."
              .formatted(perMinute));
    }
    this.perMinute = perMinute;
    this.millis = millis;
  }

  /**
   * Before a batch is handled: a handler that writes to another store than the step's must not have
   * done so for a batch that the step then does not commit.
   *
   * @throws PartitionStoppedException if enough were written already
   */
  void check() {
    forgetOlder();
    if (inWindow >= perMinute) {
      throw new PartitionStoppedException(
          ("%d records of the last minute were put aside, but after %d a person has to look"
                  + " (dead.letters.per.minute). The next batch is not begun. Look at the dead letters"
                  + " and at the writer of the topic, then resume the partition, and it goes on.")
              .formatted(inWindow, perMinute),
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
