package dev.sagax.platform.rpc;

import io.vertx.core.MultiMap;

/**
 * How an account stands with one of its rate limits.
 *
 * @param limit the most calls at once
 * @param remaining how many of them are left now
 * @param resetSeconds when all of them are back if it stops calling
 * @param retryMillis when the next call has a chance; 0 while calls are left
 */
record RateStanding(int limit, int remaining, long resetSeconds, long retryMillis) {

  /** Sets the headers {@code ratelimit-limit}, {@code -remaining} and {@code -reset}. */
  void writeTo(MultiMap headers) {
    headers.set("ratelimit-limit", Integer.toString(limit));
    headers.set("ratelimit-remaining", Integer.toString(remaining));
    headers.set("ratelimit-reset", Long.toString(resetSeconds));
  }
}
