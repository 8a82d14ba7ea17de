package dev.sagax.platform.rpc;

import io.vertx.core.Future;

/**
 * A call that was let in.
 *
 * @param lastsMillis how long the call may go on, FOREVER without an end
 */
record Admission(Caller caller, long lastsMillis) {
  static final long FOREVER = Long.MAX_VALUE;

  static final Future<Admission> ANYONE =
      Future.succeededFuture(new Admission(Caller.ANYONE, FOREVER));
}
