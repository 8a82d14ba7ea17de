package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.proto.ledger.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.vertx.core.Future;
import io.vertx.grpc.common.GrpcStatus;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallCountsTest {
  private static final String BALANCES =
      "grpc_method=\"GetBalances\",grpc_service=\"sagax.ledger.v1.LedgerService\",grpc_type=\"unary\"";
  private static final String WATCH =
      "grpc_method=\"WatchBalances\",grpc_service=\"sagax.ledger.v1.LedgerService\",grpc_type=\"server_stream\"";
  private static final String UNKNOWN =
      "grpc_method=\"unknown\",grpc_service=\"unknown\",grpc_type=\"unary\"";

  @TempDir Path folder;
  private RunningEdge running;

  @BeforeEach
  void start() throws Exception {
    running = new RunningEdge(folder);
    running.getBalances =
        (call, request) ->
            request.getAccount().isEmpty()
                ? Future.succeededFuture(GetBalancesResponse.getDefaultInstance())
                : Future.failedFuture(
                    Refusal.of(Reason.ORDER_NOT_FOUND, "There is none.").asException());
  }

  @AfterEach
  void close() throws Exception {
    running.close();
  }

  private void has(String... lines) {
    assertThat(running.metrics.text().lines()).contains(lines);
  }

  @Test
  void everyCallIsCountedByHowItEnded() {
    var ledger = running.ledger(Scope.SERVICE);
    ledger.getBalances(GetBalancesRequest.getDefaultInstance());
    ledger.getBalances(GetBalancesRequest.getDefaultInstance());
    assertThatThrownBy(
            () -> ledger.getBalances(GetBalancesRequest.newBuilder().setAccount("x").build()))
        .isInstanceOf(StatusRuntimeException.class);
    assertThatThrownBy(
            () -> running.ledger(Scope.TRADE).getBalances(GetBalancesRequest.getDefaultInstance()))
        .isInstanceOf(StatusRuntimeException.class);

    has(
        "grpc_server_started_total{" + BALANCES + "} 4.0",
        "grpc_server_handled_total{" + code("OK") + BALANCES + "} 2.0",
        "grpc_server_handled_total{" + code("NotFound") + BALANCES + "} 1.0",
        "grpc_server_handled_total{" + code("PermissionDenied") + BALANCES + "} 1.0",
        "grpc_server_handled_total{" + code("Internal") + BALANCES + "} 0.0",
        "grpc_server_msg_sent_total{" + BALANCES + "} 2.0",
        "grpc_server_handling_seconds_count{" + BALANCES + "} 4");
    assertThat(running.metrics.text())
        .contains("grpc_server_handling_seconds_bucket{" + BALANCES + ",le=\"0.25\"} ");
  }

  private static String code(String code) {
    return "grpc_code=\"" + code + "\",";
  }

  @Test
  void callByJsonIsTheSameMethod() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri =
          URI.create(
              "http://127.0.0.1:%d/sagax.ledger.v1.LedgerService/GetBalances"
                  .formatted(running.port));
      HttpRequest request =
          HttpRequest.newBuilder(uri)
              .header("authorization", "Bearer " + running.token(Scope.SERVICE))
              .POST(HttpRequest.BodyPublishers.noBody())
              .build();

      assertThat(http.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }

    has("grpc_server_handled_total{" + code("OK") + BALANCES + "} 1.0");
  }

  /** Else anybody could make labels without end. */
  @Test
  void methodsThatThereAreNotAreOne() throws Exception {
    int before = series();
    for (int i = 0; i < 20; i++) {
      call("no.such.Service" + i + "/Method" + i);
    }
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (int i = 0; i < 20; i++) {
        URI uri = URI.create("http://127.0.0.1:%d/nothing/%d".formatted(running.port, i));
        http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
      }
    }

    has(
        "grpc_server_started_total{" + UNKNOWN + "} 40.0",
        "grpc_server_handled_total{" + code("Unimplemented") + UNKNOWN + "} 20.0",
        "grpc_server_handled_total{" + code("NotFound") + UNKNOWN + "} 20.0");
    assertThat(series()).isLessThanOrEqualTo(before + 2);
  }

  private int series() {
    return (int) running.metrics.text().lines().filter(line -> !line.startsWith("#")).count();
  }

  private void call(String method) {
    MethodDescriptor<GetBalancesRequest, GetBalancesResponse> unknown =
        MethodDescriptor.<GetBalancesRequest, GetBalancesResponse>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(method)
            .setRequestMarshaller(ProtoUtils.marshaller(GetBalancesRequest.getDefaultInstance()))
            .setResponseMarshaller(ProtoUtils.marshaller(GetBalancesResponse.getDefaultInstance()))
            .build();
    assertThatThrownBy(() ->
            ClientCalls.blockingUnaryCall(
                running.channel,
                unknown,
                CallOptions.DEFAULT,
                GetBalancesRequest.getDefaultInstance()))
        .isInstanceOf(StatusRuntimeException.class);
  }

  @Test
  void streamIsKnownFromTheStart() {
    has(
        "grpc_server_started_total{" + WATCH + "} 0.0",
        "grpc_server_handled_total{" + code("OK") + WATCH + "} 0.0");
  }

  /** Public dashboards compare them with Go's names. */
  @Test
  void codesAreSpelledAsGoDoes() {
    assertThat(CallCounts.codeOf(GrpcStatus.OK)).isEqualTo("OK");
    assertThat(CallCounts.codeOf(GrpcStatus.CANCELLED)).isEqualTo("Canceled");
    assertThat(CallCounts.codeOf(GrpcStatus.INVALID_ARGUMENT)).isEqualTo("InvalidArgument");
    assertThat(CallCounts.codeOf(GrpcStatus.UNAVAILABLE)).isEqualTo("Unavailable");
    assertThat(CallCounts.codeOf(GrpcStatus.DATA_LOSS)).isEqualTo("DataLoss");
  }
}
