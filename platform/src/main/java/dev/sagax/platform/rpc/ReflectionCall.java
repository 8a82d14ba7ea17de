package dev.sagax.platform.rpc;

import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.vertx.core.Context;
import io.vertx.grpc.server.GrpcServerRequest;

/**
 * A stream of questions about the services here, each answered at once and in order. Whoever asks
 * nothing more for a while is not waited for.
 */
final class ReflectionCall extends WireCall<ServerReflectionRequest, ServerReflectionResponse> {
  private final ReflectionIndex index;
  private final Context context;
  private final Runnable endByServer = this::endSoon;

  ReflectionCall(
      OpenCalls calls,
      MessageReader<ServerReflectionRequest> reader,
      ReflectionIndex index,
      GrpcServerRequest<ServerReflectionRequest, ServerReflectionResponse> request) {
    super(calls, reader, Authority.OPEN, request);
    this.index = index;
    this.context = calls.vertx().getOrCreateContext();
    calls.streamOpened(Authority.OPEN, endByServer);
  }

  @Override
  protected void onAdmitted() {
    response.drainHandler(v -> request.resume());
    awaitRequest();
  }

  @Override
  protected boolean isOneTooMany() {
    return calls.tooManyOpenToAll();
  }

  @Override
  protected void onMessage(ServerReflectionRequest question) {
    awaitRequest();
    counted.sent();
    response.write(index.answer(question));
    if (response.writeQueueFull()) {
      request.pause();
    }
  }

  @Override
  protected void onEnd() {
    end(null);
  }

  @Override
  protected void onClosed() {
    calls.streamClosed(Authority.OPEN, endByServer);
  }

  private void endSoon() {
    context.runOnContext(v -> fail(Failures.shuttingDown()));
  }
}
