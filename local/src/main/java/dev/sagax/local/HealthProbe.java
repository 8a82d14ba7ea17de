package dev.sagax.local;

import dev.sagax.platform.rpc.PeerAddress;
import dev.sagax.platform.rpc.RpcChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Asks services on this machine whether they are ready. Blocking; thread-safe. */
final class HealthProbe implements AutoCloseable {
  private static final long ANSWER_MILLIS = 2_000;
  private static final long CLOSE_SECONDS = 5;
  private static final ServiceMethod<HealthCheckResponse, HealthCheckRequest> CHECK =
      ServiceMethod.client(
          ServiceName.create("grpc.health.v1", "Health"),
          "Check",
          GrpcMessageEncoder.encoder(),
          GrpcMessageDecoder.decoder(HealthCheckResponse.getDefaultInstance()));

  private final Vertx vertx =
      Vertx.vertx(
          new VertxOptions()
              .setEventLoopPoolSize(1)
              .setFileSystemOptions(new FileSystemOptions().setClassPathResolvingEnabled(false)));
  private final Map<Integer, RpcChannel> channels = new ConcurrentHashMap<>();

  /** False also if it does not answer. */
  boolean isReady(int port) {
    try {
      return channels
              .computeIfAbsent(port, this::channel)
              .unary(CHECK, HealthCheckRequest.getDefaultInstance(), ANSWER_MILLIS)
              .toCompletionStage()
              .toCompletableFuture()
              .join()
              .getStatus()
          == ServingStatus.SERVING;
    } catch (RuntimeException noAnswer) {
      return false;
    }
  }

  private RpcChannel channel(int port) {
    return new RpcChannel(vertx, List.of(new PeerAddress(LocalExchange.HOST, port)), () -> "none");
  }

  @Override
  public void close() {
    vertx
        .close()
        .toCompletionStage()
        .toCompletableFuture()
        .completeOnTimeout(null, CLOSE_SECONDS, TimeUnit.SECONDS)
        .join();
  }
}
