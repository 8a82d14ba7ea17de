package dev.sagax.platform.rpc;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.vertx.core.Context;
import io.vertx.grpc.server.GrpcServerRequest;

/** A stream of one service's health: the status now, then each change. */
final class WatchCall extends WireCall<HealthCheckRequest, HealthCheckResponse> {
  private final ServiceHealth health;
  private final HealthEndpoint endpoint;
  private final Context context;
  private final Runnable endByServer = this::endSoon;
  private Runnable unlisten = () -> {};
  private HealthCheckRequest watched;
  private ServingStatus told;

  WatchCall(
      OpenCalls calls,
      MessageReader<HealthCheckRequest> reader,
      ServiceHealth health,
      HealthEndpoint endpoint,
      GrpcServerRequest<HealthCheckRequest, HealthCheckResponse> request) {
    super(calls, reader, Authority.OPEN, request);
    this.health = health;
    this.endpoint = endpoint;
    this.context = calls.vertx().getOrCreateContext();
    calls.streamOpened(endByServer);
  }

  @Override
  protected void onAdmitted(Call call) {
    // The client's message says what to watch.
  }

  @Override
  protected boolean isOneTooMany() {
    return calls.tooManyStreams();
  }

  @Override
  protected void onMessage(HealthCheckRequest message) {
    if (watched != null) {
      fail(Failures.malformed("The call has more than one message; a watch has one."));
      return;
    }
    watched = message;
  }

  @Override
  protected void onEnd() {
    if (watched == null) {
      fail(Failures.malformed("The call has no message; a watch has one."));
      return;
    }
    unlisten = health.onChange(() -> context.runOnContext(v -> tell()));
    tell();
  }

  @Override
  protected void onClosed() {
    unlisten.run();
    calls.streamClosed(endByServer);
  }

  private void tell() {
    ServingStatus status = endpoint.statusOf(watched.getService());
    if (isClosed() || status == told) {
      return;
    }
    told = status;
    response.write(HealthCheckResponse.newBuilder().setStatus(status).build());
  }

  private void endSoon() {
    context.runOnContext(v -> fail(Failures.shuttingDown()));
  }
}
