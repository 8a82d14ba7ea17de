package dev.sagax.bench.chaos;

import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * How a process comes back, as one finds it who looks again and again. It takes until the process
 * is ready and whoever waited at some moment before that has an answer.
 */
final class Recovery {
  private final Set<Ask> waited;
  private Duration away;
  private Duration answered;

  /**
   * @param open who waits when the process is ended
   */
  Recovery(Set<Ask> open) {
    this.waited = new HashSet<>(open);
  }

  /**
   * Looks.
   *
   * @param ready not asked any more once it was
   * @param open who waits now
   * @param since how long ago it began
   */
  boolean isOver(BooleanSupplier ready, Set<Ask> open, Duration since) {
    if (away == null) {
      waited.addAll(open);
      away = ready.getAsBoolean() ? since : null;
    }
    if (away != null && answered == null && Collections.disjoint(waited, open)) {
      answered = since;
    }
    return answered != null;
  }

  /** Until it was ready; null before that. */
  Duration away() {
    return away;
  }

  /** Until it was over; null before that. */
  Duration answered() {
    return answered;
  }
}
