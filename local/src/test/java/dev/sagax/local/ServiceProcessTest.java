package dev.sagax.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.proto.partition.v1.ListPartitionsRequest;
import dev.sagax.proto.partition.v1.ListPartitionsResponse;
import dev.sagax.proto.partition.v1.Partition;
import dev.sagax.proto.partition.v1.PartitionServiceGrpc;
import dev.sagax.proto.partition.v1.PartitionState;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service that cannot be ready until a person has done something. The service is scripted. */
class ServiceProcessTest {
  @TempDir private Path folder;
  private final Queue<String> tokens = new ConcurrentLinkedQueue<>();
  private final AtomicInteger checks = new AtomicInteger();
  private final AtomicInteger looks = new AtomicInteger();
  private volatile int stoppedAfterChecks;
  private volatile ServingStatus readiness = ServingStatus.NOT_SERVING;
  private Server server;
  private HealthProbe probe;
  private ServiceProcess process;

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(new Health())
            .addService(new Partitions())
            .intercept(new TokensOf())
            .build()
            .start();
    probe = new HealthProbe("operators-token");
    process =
        new ServiceProcess(
            "settle-svc",
            0,
            folder.resolve("0.log"),
            ServiceCommand.of("sleep", "1000"),
            Map.of(Setting.GRPC_PORT, Integer.toString(server.getPort())),
            probe);
    process.begin(Map.of());
  }

  @AfterEach
  void stop() {
    process.stop();
    probe.close();
    server.shutdownNow();
  }

  @Test
  void partitionThatHasStoppedIsNotWaitedFor() {
    stoppedAfterChecks = 3;

    assertThat(process.awaitReadyOrStopped())
        .containsExactly("Partition 1 of settle-svc has stopped: The log is ahead.");

    assertThat(checks).hasValue(3);
    assertThat(tokens).containsOnly("Bearer operators-token");
  }

  @Test
  void partitionsOfAServiceThatIsReadyAreNotAskedFor() {
    readiness = ServingStatus.SERVING;

    assertThat(process.awaitReadyOrStopped()).isEmpty();

    assertThat(looks).hasValue(0);
  }

  private final class Health extends HealthGrpc.HealthImplBase {
    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer) {
      checks.incrementAndGet();
      answer.onNext(HealthCheckResponse.newBuilder().setStatus(readiness).build());
      answer.onCompleted();
    }
  }

  private final class Partitions extends PartitionServiceGrpc.PartitionServiceImplBase {
    @Override
    public void listPartitions(
        ListPartitionsRequest request, StreamObserver<ListPartitionsResponse> answer) {
      looks.incrementAndGet();
      answer.onNext(
          ListPartitionsResponse.newBuilder()
              .addAllPartitions(
                  List.of(
                      partition(0, PartitionState.PARTITION_STATE_RUNNING, ""),
                      partition(1, second(), "The log is ahead.")))
              .build());
      answer.onCompleted();
    }

    private PartitionState second() {
      return checks.get() < stoppedAfterChecks
          ? PartitionState.PARTITION_STATE_LOADING
          : PartitionState.PARTITION_STATE_STOPPED;
    }

    private Partition partition(int number, PartitionState state, String detail) {
      return Partition.newBuilder()
          .setService("settle-svc")
          .setPartition(number)
          .setState(state)
          .setDetail(detail)
          .build();
    }
  }

  private final class TokensOf implements ServerInterceptor {
    @Override
    public <P, Q> ServerCall.Listener<P> interceptCall(
        ServerCall<P, Q> call, Metadata headers, ServerCallHandler<P, Q> next) {
      tokens.add(headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER)));
      return next.startCall(call, headers);
    }
  }
}
