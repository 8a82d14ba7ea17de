package dev.sagax.order.saga.trace;

import dev.sagax.platform.rpc.RpcChannel;
import dev.sagax.proto.saga.v1.GetSagaPartRequest;
import dev.sagax.proto.saga.v1.GetSagaPartResponse;
import dev.sagax.proto.saga.v1.SagaPartServiceGrpcClient;
import io.vertx.core.Future;

/** Asks match-svc and settle-svc for what they have stored about an order. */
public final class SagaParts {
  private static final long LONGEST_MILLIS = 2_000;

  private final RpcChannel match;
  private final RpcChannel settle;

  public SagaParts(RpcChannel match, RpcChannel settle) {
    this.match = match;
    this.settle = settle;
  }

  Future<GetSagaPartResponse> ofMatch(GetSagaPartRequest request) {
    return ask(match, request);
  }

  Future<GetSagaPartResponse> ofSettle(GetSagaPartRequest request) {
    return ask(settle, request);
  }

  private static Future<GetSagaPartResponse> ask(RpcChannel service, GetSagaPartRequest request) {
    return service.unary(SagaPartServiceGrpcClient.GetSagaPart, request, LONGEST_MILLIS);
  }
}
