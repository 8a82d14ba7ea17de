package dev.sagax.platform.rpc;

import java.util.function.LongSupplier;

/** Counts the pings of one connection, window after window. */
final class PingCount {
  private final int most;
  private final long windowMillis;
  private final LongSupplier millis;
  private long windowBegan;
  private int count;

  PingCount(int most, long windowMillis, LongSupplier millis) {
    this.most = most;
    this.windowMillis = windowMillis;
    this.millis = millis;
    this.windowBegan = millis.getAsLong();
  }

  /** Counts one more. */
  boolean isOneTooMany() {
    long now = millis.getAsLong();
    if (now - windowBegan >= windowMillis) {
      windowBegan = now;
      count = 0;
    }
    return ++count > most;
  }
}
