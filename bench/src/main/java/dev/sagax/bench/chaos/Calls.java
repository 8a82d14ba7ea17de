package dev.sagax.bench.chaos;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * How calls fare, as clients see it: what they are refused with before there is an answer, and how
 * long it takes from a wish to place an order to its answer, with all calls that were made for it.
 * Safe on any thread.
 */
final class Calls {
  private static final long HIGHEST_MICROS = 120_000_000;

  private Histogram placeMicros = newHistogram();
  private Map<String, Integer> refusals = new TreeMap<>();

  private static Histogram newHistogram() {
    return new Histogram(HIGHEST_MICROS, 3);
  }

  /**
   * What was seen in a stretch of time.
   *
   * @param placeMicros of the orders that were answered in it
   * @param refusals how many calls had to be made again, by status code
   */
  record Seen(Histogram placeMicros, Map<String, Integer> refusals) {
    double placeMillis(double percentile) {
      return placeMicros.getValueAtPercentile(percentile) / 1e3;
    }

    Duration longestPlace() {
      return Duration.of(placeMicros.getMaxValue(), ChronoUnit.MICROS);
    }

    String refusalsInWords() {
      return refusals.isEmpty()
          ? "none"
          : String.join(
              ", ",
              refusals.entrySet().stream()
                  .map(refusal -> "%,d %s".formatted(refusal.getValue(), refusal.getKey()))
                  .toList());
    }
  }

  /** An order was placed or refused for good, so long after it was wished for. */
  synchronized void placed(long nanos) {
    placeMicros.recordValue(Math.min(TimeUnit.NANOSECONDS.toMicros(nanos), HIGHEST_MICROS));
  }

  /** A call has to be made again. */
  synchronized void refused(String code) {
    refusals.merge(code, 1, Integer::sum);
  }

  /** What was seen since this was last asked for. */
  synchronized Seen take() {
    Seen seen = new Seen(placeMicros, refusals);
    placeMicros = newHistogram();
    refusals = new TreeMap<>();
    return seen;
  }
}
