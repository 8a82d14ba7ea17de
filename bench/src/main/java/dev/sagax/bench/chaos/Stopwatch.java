package dev.sagax.bench.chaos;

import java.util.Locale;

/** Where the time of a round goes. */
final class Stopwatch {
  private final long startNanos = System.nanoTime();
  private final StringBuilder stages = new StringBuilder();
  private long lastNanos = startNanos;

  /** What has just ended. */
  void stage(String name) {
    long now = System.nanoTime();
    stages.append(stages.isEmpty() ? "" : ", ");
    stages.append(String.format(Locale.ROOT, "%s %.1f", name, (now - lastNanos) / 1e9));
    lastNanos = now;
  }

  /** "struck 0.9, healed 3.1", in seconds each. */
  String stages() {
    return stages.toString();
  }

  long totalMillis() {
    return (System.nanoTime() - startNanos) / 1_000_000;
  }
}
