package dev.sagax.local.infra;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Bounded waiting for what another process does. */
final class Waiting {
  private static final long PAUSE_MILLIS = 10;

  private Waiting() {}

  /** Whether the condition became true within the time. */
  static boolean until(Duration timeout, BooleanSupplier condition) {
    long deadlineNanos = System.nanoTime() + timeout.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadlineNanos) {
        return false;
      }
      pause();
    }
    return true;
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InfrastructureException("The wait for a local server was interrupted.", e);
    }
  }
}
