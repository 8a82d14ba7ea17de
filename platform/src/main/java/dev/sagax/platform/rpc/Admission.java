package dev.sagax.platform.rpc;

import io.vertx.core.Future;
import java.util.Optional;

/**
 * A call that was let in.
 *
 * @param lastsMillis how long the call may go on, FOREVER without an end
 * @param standing how the caller stands with the rate limit that counted the call
 * @param watch of the token, for what lasts only as long as it is good
 */
record Admission(
    Caller caller, long lastsMillis, Optional<RateStanding> standing, TokenWatch watch) {
  static final long FOREVER = Long.MAX_VALUE;

  static final Future<Admission> ANYONE =
      Future.succeededFuture(new Admission(Caller.ANYONE, FOREVER));

  Admission(Caller caller, long lastsMillis) {
    this(caller, lastsMillis, Optional.empty(), TokenWatch.NONE);
  }
}
