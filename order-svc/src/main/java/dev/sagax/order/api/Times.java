package dev.sagax.order.api;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;

/** Times of the wire and microseconds since 1970. */
final class Times {
  private static final long FIRST_SECOND = -62_135_596_800L; // year 1
  private static final long LAST_SECOND = 253_402_300_799L; // year 9999
  private static final long MICROS = 1_000_000;
  private static final int NANOS_PER_MICRO = 1_000;
  private static final int LAST_NANO = 999_999_999;

  private Times() {}

  static Timestamp toTimestamp(long micros) {
    return Timestamp.newBuilder()
        .setSeconds(Math.floorDiv(micros, MICROS))
        .setNanos((int) Math.floorMod(micros, MICROS) * NANOS_PER_MICRO)
        .build();
  }

  /**
   * The first microsecond that is not before the time.
   *
   * @throws dev.sagax.platform.refusal.RefusedException INVALID_TIME
   */
  static long toMicros(String field, Timestamp time) {
    boolean inRange = time.getSeconds() >= FIRST_SECOND && time.getSeconds() <= LAST_SECOND;
    if (!inRange || time.getNanos() < 0 || time.getNanos() > LAST_NANO) {
      throw Refusal.ofField(
              Reason.INVALID_TIME,
              field,
              "Expected a time of the years 1 to 9999, but got %d s and %d ns."
                  .formatted(time.getSeconds(), time.getNanos()))
          .asException();
    }
    return time.getSeconds() * MICROS + Math.ceilDiv(time.getNanos(), NANOS_PER_MICRO);
  }

  /**
   * A timeout.
   *
   * @return 0 if it is 0
   * @throws dev.sagax.platform.refusal.RefusedException INVALID_TIME if it is neither that nor
   *     between the two
   */
  static long toMicros(String field, Duration timeout, long leastSeconds, long mostSeconds) {
    boolean none = timeout.getSeconds() == 0 && timeout.getNanos() == 0;
    boolean inRange =
        timeout.getNanos() >= 0
            && timeout.getNanos() <= LAST_NANO
            && timeout.getSeconds() >= leastSeconds
            && (timeout.getSeconds() < mostSeconds
                || timeout.getSeconds() == mostSeconds && timeout.getNanos() == 0);
    if (!none && !inRange) {
      throw Refusal.ofField(
              Reason.INVALID_TIME,
              field,
              "Expected 0, or %d to %d seconds, but got %d s and %d ns."
                  .formatted(leastSeconds, mostSeconds, timeout.getSeconds(), timeout.getNanos()))
          .asException();
    }
    return timeout.getSeconds() * MICROS + timeout.getNanos() / NANOS_PER_MICRO;
  }
}
