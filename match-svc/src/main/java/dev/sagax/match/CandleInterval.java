package dev.sagax.match;

/** How long a candle lasts. All begin at a multiple of their length since 1970. */
public enum CandleInterval {
  ONE_MINUTE(60),
  FIVE_MINUTES(5 * 60),
  QUARTER_HOUR(15 * 60),
  ONE_HOUR(60 * 60),
  FOUR_HOURS(4 * 60 * 60),
  ONE_DAY(24 * 60 * 60);

  private static final long MICROS = 1_000_000;

  public final int seconds;

  CandleInterval(int seconds) {
    this.seconds = seconds;
  }

  /** When the candle begins that a time is in. */
  public long startOf(long epochSeconds) {
    return Math.floorDiv(epochSeconds, seconds) * seconds;
  }

  /** When the candle begins that a time is in, in seconds. */
  public long startOfMicros(long epochMicros) {
    return startOf(Math.floorDiv(epochMicros, MICROS));
  }
}
