package dev.sagax.platform.rpc;

import static dev.sagax.platform.rpc.Answers.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.proto.ledger.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpc;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What there is too much of is refused at once, and nobody else notices. */
class BoundsTest {
  private static final GetBalancesRequest ALICE =
      GetBalancesRequest.newBuilder().setAccount("alice").build();

  @TempDir Path folder;
  private RunningEdge running;
  private HttpClientAgent http;

  private void start(EdgeSettings.Bounds bounds) throws Exception {
    running =
        new RunningEdge(
            folder, new EdgeSettings(true, Map.of(), Set.of(), bounds), RateLimits.none());
  }

  private static EdgeSettings.Bounds bounds(
      int calls, int streams, int connections, int pings, int idleSeconds, long requestMillis) {
    return new EdgeSettings.Bounds(
        calls, streams, connections, 100, pings, idleSeconds, requestMillis);
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  private HttpClientConnection connect() throws Exception {
    http = // a client that nobody holds is closed
        running.vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    return RunningEdge.await(
        http.connect(new HttpConnectOptions().setHost("127.0.0.1").setPort(running.port)));
  }

  @Test
  void callThatIsOneTooManyIsRefusedWhileHealthIsAnswered() throws Exception {
    start(bounds(1, 10, 10, 10, 60, 30_000));
    Promise<GetBalancesResponse> answer = Promise.promise();
    Promise<Void> arrived = Promise.promise();
    running.getBalances =
        (call, request) -> {
          arrived.tryComplete();
          return answer.future();
        };
    var first =
        LedgerServiceGrpc.newFutureStub(
                running.with("authorization", "Bearer " + running.token(Scope.SERVICE)))
            .getBalances(ALICE);
    RunningEdge.await(arrived.future());

    assertFailed(
        () -> running.ledger(Scope.SERVICE).getBalances(ALICE),
        Code.RESOURCE_EXHAUSTED,
        Reason.OVERLOADED);
    assertThat(
            HealthGrpc.newBlockingStub(running.channel)
                .check(HealthCheckRequest.newBuilder().setService("liveness").build())
                .getStatus())
        .isEqualTo(ServingStatus.SERVING);

    answer.complete(GetBalancesResponse.getDefaultInstance());
    assertThat(first.get(20, TimeUnit.SECONDS)).isNotNull();
    assertThat(running.ledger(Scope.SERVICE).getBalances(ALICE)).isNotNull();
  }

  @Test
  void streamThatIsOneTooManyIsRefused() throws Exception {
    start(bounds(10, 1, 10, 10, 60, 30_000));
    var health = HealthGrpc.newBlockingStub(running.channel);
    var first = health.watch(HealthCheckRequest.getDefaultInstance());
    first.next();

    assertFailed(
        () -> health.watch(HealthCheckRequest.getDefaultInstance()).next(),
        Code.RESOURCE_EXHAUSTED,
        Reason.OVERLOADED);
  }

  @Test
  void connectionThatIsOneTooManyIsClosed() throws Exception {
    start(bounds(10, 10, 1, 10, 60, 30_000));
    running.ledger(Scope.SERVICE).getBalances(ALICE);

    try (var socket = new Socket("127.0.0.1", running.port)) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write("GET / HTTP/1.1\r\nhost: a\r\n\r\n".getBytes());
      socket.getInputStream().transferTo(OutputStream.nullOutputStream()); // to its end
    }
    assertThat(running.ledger(Scope.SERVICE).getBalances(ALICE)).isNotNull();
  }

  @Test
  void connectionThatSaysNothingIsClosed() throws Exception {
    start(bounds(10, 10, 10, 10, 1, 30_000));

    try (var socket = new Socket("127.0.0.1", running.port)) {
      socket.setSoTimeout(20_000);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void connectionThatPingsWithoutEndIsClosed() throws Exception {
    start(bounds(10, 10, 10, 5, 60, 30_000));
    HttpClientConnection connection = connect();
    Promise<Void> closed = Promise.promise();
    Promise<Long> goodbye = Promise.promise();
    connection.closeHandler(v -> closed.tryComplete());
    connection.goAwayHandler(said -> goodbye.tryComplete(said.getErrorCode()));

    connection.ping(Buffer.buffer(new byte[8]));
    // Its pong may be overlooked by a client that asks from another thread; a later answer is not.
    RunningEdge.await(
        connection.request(new RequestOptions().setURI("/")).compose(request -> request.send()));
    assertThat(closed.future().isComplete()).isFalse();
    for (int i = 0; i < 5; i++) {
      connection.ping(Buffer.buffer(new byte[8]));
    }

    assertThat(RunningEdge.await(goodbye.future())).as("ENHANCE_YOUR_CALM").isEqualTo(11);
    RunningEdge.await(closed.future());
  }

  @Test
  void requestThatNeverComesToItsEndIsGivenUp() throws Exception {
    start(bounds(10, 10, 10, 10, 60, 200));
    var request =
        RunningEdge.await(
            connect()
                .request(
                    new RequestOptions()
                        .setMethod(HttpMethod.POST)
                        .setURI("/sagax.ledger.v1.LedgerService/GetBalances")));
    request.putHeader("content-type", "application/grpc");
    request.putHeader("authorization", "Bearer " + running.token(Scope.SERVICE));
    request.setChunked(true);
    request.write(Buffer.buffer(new byte[] {0, 0, 0}));

    var response = RunningEdge.await(request.response());

    assertThat(response.getHeader("grpc-status")).isEqualTo("4");
  }
}
