package dev.sagax.platform.rpc;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;

/**
 * {@code grpc.health.v1.Health}. Known are "" and "readiness", "liveness", and the full names of
 * the services here, which are as ready as the whole, and the names of alarms.
 */
final class HealthEndpoint {
  static final ServiceName NAME = ServiceName.create("grpc.health.v1", "Health");
  static final ServiceMethod<HealthCheckRequest, HealthCheckResponse> CHECK = method("Check");
  static final ServiceMethod<HealthCheckRequest, HealthCheckResponse> WATCH = method("Watch");

  private final ServiceHealth health;
  private final ReflectionIndex index;

  HealthEndpoint(ServiceHealth health, ReflectionIndex index) {
    this.health = health;
    this.index = index;
  }

  Future<HealthCheckResponse> check(Call call, HealthCheckRequest request) {
    ServingStatus status = statusOf(request.getService());
    if (status == ServingStatus.SERVICE_UNKNOWN) {
      throw new FailureException(unknown(request.getService()));
    }
    return Future.succeededFuture(HealthCheckResponse.newBuilder().setStatus(status).build());
  }

  /** The status now, then each change. */
  void watch(Call call, HealthCheckRequest request, StreamSink<HealthCheckResponse> sink) {
    new Watch(request.getService(), sink).start();
  }

  private final class Watch {
    private final String service;
    private final StreamSink<HealthCheckResponse> sink;
    private ServingStatus told;

    Watch(String service, StreamSink<HealthCheckResponse> sink) {
      this.service = service;
      this.sink = sink;
    }

    void start() {
      Context context = Vertx.currentContext();
      sink.onClosed(health.onChange(() -> context.runOnContext(v -> tell())));
      tell();
    }

    private void tell() {
      ServingStatus status = statusOf(service);
      if (status != told) {
        told = status;
        sink.write(HealthCheckResponse.newBuilder().setStatus(status).build());
      }
    }
  }

  private ServingStatus statusOf(String service) {
    if (service.equals("liveness")) {
      return status(health.isAlive());
    }
    if (service.isEmpty() || service.equals("readiness") || index.hasService(service)) {
      return status(health.isReady());
    }
    return health
        .sounds(service)
        .map(sounds -> status(!sounds))
        .orElse(ServingStatus.SERVICE_UNKNOWN);
  }

  private static ServingStatus status(boolean good) {
    return good ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }

  /** The health protocol wants NOT_FOUND here. */
  private static Failure unknown(String service) {
    return new Failure(
        GrpcStatus.NOT_FOUND,
        Refusal.of(Reason.UNKNOWN_METHOD, "There is no service \"" + service + "\" here."));
  }

  private static ServiceMethod<HealthCheckRequest, HealthCheckResponse> method(String name) {
    return ServiceMethod.server(
        NAME,
        name,
        GrpcMessageEncoder.encoder(),
        GrpcMessageDecoder.decoder(HealthCheckRequest.getDefaultInstance()));
  }
}
