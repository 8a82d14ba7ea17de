package dev.sagax.platform.rpc;

import java.util.concurrent.TimeUnit;

/** Reads {@code grpc-timeout}: up to eight digits and a unit. */
final class Timeouts {
  static final long NONE = 0;
  static final long PASSED = -1;
  private static final int MAX_DIGITS = 8;

  private Timeouts() {}

  /**
   * @return milliseconds, at least 1; NONE without a header; PASSED when it says zero
   * @throws FailureException MALFORMED_MESSAGE when it cannot be read
   */
  static long millis(String header) {
    if (header == null) {
      return NONE;
    }
    long value = digits(header);
    if (value == 0) {
      return PASSED;
    }
    return Math.max(1, unit(header).toMillis(value));
  }

  private static long digits(String header) {
    int count = header.length() - 1;
    if (count < 1 || count > MAX_DIGITS) {
      throw malformed(header);
    }
    long value = 0;
    for (int i = 0; i < count; i++) {
      char digit = header.charAt(i);
      if (digit < '0' || digit > '9') {
        throw malformed(header);
      }
      value = value * 10 + (digit - '0');
    }
    return value;
  }

  private static TimeUnit unit(String header) {
    return switch (header.charAt(header.length() - 1)) {
      case 'H' -> TimeUnit.HOURS;
      case 'M' -> TimeUnit.MINUTES;
      case 'S' -> TimeUnit.SECONDS;
      case 'm' -> TimeUnit.MILLISECONDS;
      case 'u' -> TimeUnit.MICROSECONDS;
      case 'n' -> TimeUnit.NANOSECONDS;
      default -> throw malformed(header);
    };
  }

  private static FailureException malformed(String header) {
    return new FailureException(
        Failures.malformed("The header grpc-timeout cannot be read: " + header + "."));
  }
}
