package dev.sagax.bench.load;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * Whether more and more orders were waiting. The backlog at a moment is every order that was due
 * and is not settled, also one that the driver has not sent yet.
 *
 * <p>The rule: over the last sixth of the window (10 s of 60) the mean backlog is at most that over
 * the first sixth, and what a quarter of a second settles. The two are 50 s apart in a window of 60
 * s, so an exchange that falls short of the rate by more than 0.5 % breaks it.
 *
 * @param first mean over the first sixth of the window
 * @param last mean over the last sixth
 */
record BacklogTrend(
    @JsonProperty("backlog_first") double first, @JsonProperty("backlog_last") double last) {
  private static final int PART = 6;
  private static final double ALLOWED_SECONDS = 0.25;

  /** From samples taken at equal distances over the whole window. */
  static BacklogTrend of(List<Long> samples) {
    int part = Math.ceilDiv(samples.size(), PART);
    return new BacklogTrend(
        mean(samples.subList(0, part)),
        mean(samples.subList(samples.size() - part, samples.size())));
  }

  private static double mean(List<Long> samples) {
    return samples.stream().mapToLong(Long::longValue).average().orElse(0);
  }

  /** The highest mean of the last sixth that is no growth. */
  double allowed(double settledPerSecond) {
    return first + ALLOWED_SECONDS * settledPerSecond;
  }
}
