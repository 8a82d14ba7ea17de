package dev.sagax.order.saga.trace;

import com.google.protobuf.Timestamp;

/** Times of records as timestamps. */
final class Times {
  private static final long MICROS = 1_000_000;
  private static final int NANOS_PER_MICRO = 1_000;
  private static final long MICROS_PER_MILLI = 1_000;

  private Times() {}

  static Timestamp ofMillis(long millis) {
    return ofMicros(millis * MICROS_PER_MILLI);
  }

  static Timestamp ofMicros(long micros) {
    return Timestamp.newBuilder()
        .setSeconds(Math.floorDiv(micros, MICROS))
        .setNanos((int) Math.floorMod(micros, MICROS) * NANOS_PER_MICRO)
        .build();
  }
}
