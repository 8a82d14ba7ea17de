package dev.sagax.bench.chaos;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** Where the time of a round goes. */
final class Stopwatch {
  private final long startNanos = System.nanoTime();

  /** When each stage ended. */
  private final Map<String, Long> ends = new LinkedHashMap<>();

  /** What has just ended. */
  void stage(String name) {
    ends.put(name, System.nanoTime());
  }

  /** "struck 0.9, healed 3.1", in seconds each. */
  String stages() {
    StringJoiner stages = new StringJoiner(", ");
    long last = startNanos;
    for (Map.Entry<String, Long> end : ends.entrySet()) {
      stages.add(
          String.format(Locale.ROOT, "%s %.1f", end.getKey(), (end.getValue() - last) / 1e9));
      last = end.getValue();
    }
    return stages.toString();
  }

  /** From the end of one stage to that of a later one; 0 if one of them did not come. */
  long millisBetween(String from, String to) {
    return ends.containsKey(from) && ends.containsKey(to)
        ? (ends.get(to) - ends.get(from)) / 1_000_000
        : 0;
  }

  long totalMillis() {
    return (System.nanoTime() - startNanos) / 1_000_000;
  }
}
