package dev.sagax.bench.load;

import java.util.concurrent.TimeUnit;

/**
 * The measured time, in nanoseconds of {@link System#nanoTime()}; its end is not part of it.
 *
 * @param seconds its length
 */
record Window(long startNanos, int seconds) {
  /** Contains nothing. */
  static final Window NONE = new Window(0, 0);

  long endNanos() {
    return startNanos + TimeUnit.SECONDS.toNanos(seconds);
  }

  boolean contains(long nanos) {
    return nanos - startNanos >= 0 && nanos - endNanos() < 0;
  }
}
