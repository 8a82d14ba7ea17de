package dev.sagax.local;

import dev.sagax.platform.rpc.PeerAddress;
import dev.sagax.platform.rpc.RpcChannel;
import dev.sagax.proto.partition.v1.ListPartitionsRequest;
import dev.sagax.proto.partition.v1.ListPartitionsResponse;
import dev.sagax.proto.partition.v1.PartitionState;
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
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Asks services on this machine how they are. Blocking; thread-safe. */
final class HealthProbe implements AutoCloseable {
  private static final long ANSWER_MILLIS = 2_000;
  private static final long CLOSE_SECONDS = 5;
  private static final ServiceMethod<HealthCheckResponse, HealthCheckRequest> CHECK =
      ServiceMethod.client(
          ServiceName.create("grpc.health.v1", "Health"),
          "Check",
          GrpcMessageEncoder.encoder(),
          GrpcMessageDecoder.decoder(HealthCheckResponse.getDefaultInstance()));
  private static final ServiceMethod<ListPartitionsResponse, ListPartitionsRequest> PARTITIONS =
      ServiceMethod.client(
          ServiceName.create("sagax.partition.v1", "PartitionService"),
          "ListPartitions",
          GrpcMessageEncoder.encoder(),
          GrpcMessageDecoder.decoder(ListPartitionsResponse.getDefaultInstance()));

  private final Vertx vertx =
      Vertx.vertx(
          new VertxOptions()
              .setEventLoopPoolSize(1)
              .setFileSystemOptions(new FileSystemOptions().setClassPathResolvingEnabled(false)));
  private final Map<Integer, RpcChannel> channels = new ConcurrentHashMap<>();
  private final String operatorToken;

  HealthProbe(String operatorToken) {
    this.operatorToken = operatorToken;
  }

  /** False also if it does not answer. */
  boolean isReady(int port) {
    return ask(port, CHECK, HealthCheckRequest.getDefaultInstance())
        .filter(answer -> answer.getStatus() == ServingStatus.SERVING)
        .isPresent();
  }

  /**
   * Which of its partitions have stopped until a person lets them go on, and why, a sentence each;
   * none if it does not answer.
   */
  List<String> stoppedPartitions(int port) {
    return ask(port, PARTITIONS, ListPartitionsRequest.getDefaultInstance()).stream()
        .flatMap(answer -> answer.getPartitionsList().stream())
        .filter(partition -> partition.getState() == PartitionState.PARTITION_STATE_STOPPED)
        .map(stopped ->
            "Partition %d of %s has stopped: %s"
                .formatted(stopped.getPartition(), stopped.getService(), stopped.getDetail()))
        .toList();
  }

  private <P, Q> Optional<P> ask(int port, ServiceMethod<P, Q> method, Q request) {
    try {
      return Optional.of(
          channels
              .computeIfAbsent(port, this::channel)
              .unary(method, request, ANSWER_MILLIS)
              .toCompletionStage()
              .toCompletableFuture()
              .join());
    } catch (RuntimeException noAnswer) {
      return Optional.empty();
    }
  }

  private RpcChannel channel(int port) {
    return new RpcChannel(
        vertx, List.of(new PeerAddress(LocalExchange.HOST, port)), () -> operatorToken);
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
