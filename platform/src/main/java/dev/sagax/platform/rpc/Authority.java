package dev.sagax.platform.rpc;

import com.google.protobuf.Message;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpConnection;
import java.util.Optional;

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

  /**
   * Counts what a call does beyond one thing, once its request is there.
   *
   * @return how the caller then stands with the rate limit, if this has changed it
   * @throws FailureException RATE_LIMITED
   */
  default Optional<RateStanding> countItems(Caller caller, Message request) {
    return Optional.empty();
  }
}
