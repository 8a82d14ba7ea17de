package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sagax.k8s.Chart;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What the probes of the chart ask, asked of the edge that every service has. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChartProbesTest {
  @TempDir private static Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final ServiceHealth health = new ServiceHealth(vertx);
  private GrpcEdge edge;
  private ManagedChannel channel;

  @BeforeAll
  void start() throws Exception {
    Access access = Access.ofOwn(Tokens.ofKeyFile(folder.resolve("key.pem")));
    edge = new GrpcEdge(vertx, access, RateLimits.none(), health, EdgeSettings.DEFAULT);
    Promise<Integer> listening = Promise.promise();
    vertx.runOnContext(v -> edge.listen("127.0.0.1", 0).onComplete(listening));
    int port = await(listening.future());
    channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  @AfterAll
  void stop() throws Exception {
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    await(edge.close());
    await(vertx.close());
  }

  @Test
  void everyProbeAsksForANameThatTheServicesKnow() {
    health.started();

    for (JsonNode workload : Chart.with("minimal").workloads()) {
      JsonNode container = workload.at("/spec/template/spec/containers/0");
      for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
        assertThat(ask(container.at("/" + probe + "/grpc/service").textValue()))
            .as(probe)
            .isEqualTo(ServingStatus.SERVING);
        assertThat(container.at("/" + probe + "/grpc/port"))
            .isEqualTo(container.at("/ports/0/containerPort"));
      }
    }
    assertThat(namesOfTheTest())
        .hasSize(4)
        .allSatisfy(name -> assertThat(ask(name)).isEqualTo(ServingStatus.SERVING));
  }

  private static Stream<String> namesOfTheTest() {
    JsonNode containers = Chart.with("minimal").ofKind("Pod").getFirst().at("/spec/containers");
    return Stream.of(0, 1, 2, 3)
        .map(i -> containers.get(i).get("args"))
        .map(args -> args.get(1).asText().substring("-service=".length()));
  }

  /** A store that is away makes a pod unready; it must not restart it. */
  @Test
  void aDependencyThatIsAwayMakesAPodUnreadyAndNoMore() {
    health.started();
    JsonNode container =
        Chart.with("minimal").workloads().getFirst().at("/spec/template/spec/containers/0");

    health.report("postgres", false, "away");

    assertThat(ask(container.at("/readinessProbe/grpc/service").asText()))
        .isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(ask(container.at("/livenessProbe/grpc/service").asText()))
        .isEqualTo(ServingStatus.SERVING);
    assertThat(ask(container.at("/startupProbe/grpc/service").asText()))
        .isEqualTo(ServingStatus.SERVING);
    health.report("postgres", true, "");
  }

  @Test
  void aNameThatNoServiceKnowsWouldBeFound() {
    Assertions.assertThatThrownBy(() -> ask("rediness"))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
  }

  private ServingStatus ask(String service) {
    return HealthGrpc.newBlockingStub(channel)
        .withDeadlineAfter(10, TimeUnit.SECONDS)
        .check(HealthCheckRequest.newBuilder().setService(service).build())
        .getStatus();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
