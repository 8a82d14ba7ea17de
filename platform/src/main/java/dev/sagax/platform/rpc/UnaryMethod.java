package dev.sagax.platform.rpc;

import io.vertx.core.Future;

/**
 * The body of a unary call. A {@link dev.sagax.platform.refusal.RefusedException}, thrown or as the
 * failure, becomes its status with details; any other failure becomes UNAVAILABLE or INTERNAL.
 */
@FunctionalInterface
public interface UnaryMethod<Q, R> {
  Future<R> call(Call call, Q request);
}
