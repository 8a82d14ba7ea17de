package dev.sagax.bench.load;

import java.util.concurrent.TimeUnit;

/**
 * When the orders of an open loop are due: at a constant spacing from one start on, whatever became
 * of the ones before. Times are those of {@link System#nanoTime()}.
 *
 * @param orders how many there are
 */
record Schedule(long startNanos, int perSecond, long orders) {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** When an order, counted from 0, is due. */
  long dueNanos(long order) {
    return startNanos + order * SECOND / perSecond;
  }

  /** How many orders are due at a moment or before it. */
  long dueBy(long nanos) {
    long passed = nanos - startNanos;
    return passed < 0 ? 0 : Math.min(orders, Math.ceilDiv((passed + 1) * perSecond, SECOND));
  }
}
