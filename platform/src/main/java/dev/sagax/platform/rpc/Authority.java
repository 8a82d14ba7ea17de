package dev.sagax.platform.rpc;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpConnection;

/** Lets a call in or refuses it, by its headers and the connection that it came by. */
@FunctionalInterface
interface Authority {
  /** Lets everybody in, without a token. */
  Authority OPEN = (headers, connection) -> Admission.ANYONE;

  /**
   * Throws, or fails with, a {@link dev.sagax.platform.refusal.RefusedException} when the caller
   * may not.
   */
  Future<Admission> admit(MultiMap headers, HttpConnection connection);
}
