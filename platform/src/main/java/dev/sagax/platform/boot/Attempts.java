package dev.sagax.platform.boot;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * How a process that does one thing and ends waits for a store that is away: it tries again a few
 * times, and says so. Blocking.
 *
 * @param most how often it tries
 * @param pause between two of them
 * @param err gets a line for each that failed
 */
record Attempts(int most, Duration pause, PrintStream err) {

  /**
   * False if the last one failed, too, or this thread was interrupted.
   *
   * @param away what to say of a failure that may pass; any other is thrown at once
   */
  boolean succeed(Function<RuntimeException, Optional<String>> away, Runnable step) {
    for (int attempt = 1; attempt <= most; attempt++) {
      try {
        step.run();
        return true;
      } catch (RuntimeException failure) {
        String words = away.apply(failure).orElseThrow(() -> failure);
        err.printf("Attempt %d of %d: %s%n", attempt, most, words);
      }
      if (attempt < most && !rested()) {
        return false;
      }
    }
    return false;
  }

  private boolean rested() {
    try {
      Thread.sleep(pause);
      return true;
    } catch (InterruptedException told) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
