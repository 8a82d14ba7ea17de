package dev.sagax.asset.api;

/** How long a call may work before it must answer. */
final class AnswerTime {
  private static final long DEFAULT_MILLIS = 5_000;
  private static final long MARGIN_MILLIS = 100;

  private AnswerTime() {}

  /**
   * The client's deadline less a margin for the way back, which is never more than half of it.
   *
   * @param timeoutMillis 0 when the client has none
   */
  static long millis(long timeoutMillis) {
    long timeout = timeoutMillis == 0 ? DEFAULT_MILLIS : timeoutMillis;
    return Math.max(1, timeout - Math.min(MARGIN_MILLIS, timeout / 2));
  }
}
