package dev.sagax.platform.rpc;

import java.util.concurrent.TimeUnit;

/** Until when a call must have answered: a little before its client gives up. */
public final class Deadline {
  private static final long DEFAULT_MILLIS = 5_000;
  private static final long LONGEST_MILLIS = 600_000;
  private static final long LONGEST_MARGIN_MILLIS = 50;
  private static final long MARGIN_PART = 10;

  private final long endNanos;

  private Deadline(long endNanos) {
    this.endNanos = endNanos;
  }

  /**
   * @param timeoutMillis how long the client waits, 0 when it did not say
   */
  public static Deadline of(long timeoutMillis) {
    long timeout = timeoutMillis == 0 ? DEFAULT_MILLIS : Math.min(timeoutMillis, LONGEST_MILLIS);
    long margin = Math.min(LONGEST_MARGIN_MILLIS, timeout / MARGIN_PART);
    return new Deadline(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeout - margin));
  }

  /** This one, or in so many milliseconds from now, whichever comes first. */
  public Deadline within(long millis) {
    long limit = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    return limit - endNanos < 0 ? new Deadline(limit) : this;
  }

  /** What is left, at least 1: also who has no time left gets an answer by a timer. */
  public long remainingMillis() {
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime()));
  }

  public boolean hasPassed() {
    return System.nanoTime() - endNanos >= 0;
  }
}
