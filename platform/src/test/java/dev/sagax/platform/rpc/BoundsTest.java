package dev.sagax.platform.rpc;

import static dev.sagax.platform.rpc.Answers.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.proto.ledger.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import io.vertx.core.Future;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
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
  private final List<HttpClientAgent> clients = new ArrayList<>();

  private void start(EdgeSettings.Bounds bounds) throws Exception {
    running =
        new RunningEdge(
            folder, new EdgeSettings(true, Map.of(), Set.of(), bounds), RateLimits.none());
  }

  private static EdgeSettings.Bounds bounds(
      int calls, int streams, int connections, int pings, int idleSeconds, long requestMillis) {
    return new EdgeSettings.Bounds(
        calls,
        streams,
        connections,
        100,
        pings,
        idleSeconds,
        requestMillis,
        EdgeSettings.Silence.DEFAULT);
  }

  private static EdgeSettings.Bounds bounds(int idleSeconds, EdgeSettings.Silence silence) {
    return new EdgeSettings.Bounds(10, 10, 10, 100, 1_000, idleSeconds, 30_000, silence);
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  private HttpClientConnection connect() throws Exception {
    HttpClientAgent http =
        running.vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    clients.add(http); // one that nobody holds is closed
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
  void socketsThatSayNothingAreCountedToo() throws Exception {
    start(bounds(10, 10, 2, 10, 60, 30_000));

    Socket first = new Socket("127.0.0.1", running.port);
    Socket second = new Socket("127.0.0.1", running.port);

    assertEnds(new Socket("127.0.0.1", running.port));

    first.close();
    assertThat(running.ledger(Scope.SERVICE).withWaitForReady().getBalances(ALICE)).isNotNull();
    second.close();
  }

  @Test
  void connectionThatNeverAsksForAnythingIsClosed() throws Exception {
    start(bounds(60, new EdgeSettings.Silence(2_000, 20_000, 10_000)));
    HttpClientConnection asks = connect();
    ask(asks);
    Promise<Void> closed = Promise.promise();
    connect().closeHandler(v -> closed.tryComplete());
    var silent = new Socket("127.0.0.1", running.port);
    var begins = new Socket("127.0.0.1", running.port);
    begins.getOutputStream().write("PRI * HT".getBytes(StandardCharsets.US_ASCII));

    assertEnds(silent);
    assertEnds(begins);
    RunningEdge.await(closed.future());
    ask(asks);
  }

  private static void ask(HttpClientConnection connection) throws Exception {
    RunningEdge.await(
        connection.request(new RequestOptions().setURI("/")).compose(request -> request.send()));
  }

  private static void assertEnds(Socket socket) throws Exception {
    try (socket) {
      socket.setSoTimeout(20_000);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void clientThatVanishedLosesItsStreamAndOneThatIsQuietKeepsIt() throws Exception {
    start(bounds(60, new EdgeSettings.Silence(30_000, 200, 3_000)));
    List<StreamSink<GetBalancesResponse>> opened = new CopyOnWriteArrayList<>();
    running.watchBalances = (call, request, sink) -> opened.add(sink);
    var cable = new PulledCable(running.vertx, running.port);
    ManagedChannel behindTheCable =
        NettyChannelBuilder.forAddress("127.0.0.1", cable.port).usePlaintext().build();
    Watcher quiet = Watcher.on(running.channel, running.token(Scope.READ));
    Eventually.passes(() -> assertThat(opened).hasSize(1));
    Watcher.on(behindTheCable, running.token(Scope.READ));
    Eventually.passes(() -> assertThat(running.edge.openStreams()).isEqualTo(2));

    cable.pull();

    Eventually.passes(() -> assertThat(running.edge.openStreams()).isEqualTo(1));
    running.context.runOnContext(
        v -> opened.getFirst().write(GetBalancesResponse.getDefaultInstance()));
    Eventually.passes(() -> assertThat(quiet.got).hasValue(1));
    assertThat(quiet.failure).isNull();
    behindTheCable.shutdownNow();
  }

  /** It answers pings, so it is not silent. */
  @Test
  void connectionThatAsksForNothingMoreIsSentAway() throws Exception {
    start(bounds(1, new EdgeSettings.Silence(30_000, 200, 10_000)));
    HttpClientConnection connection = connect();
    Promise<Long> goodbye = Promise.promise();
    Promise<Void> closed = Promise.promise();
    connection.goAwayHandler(said -> goodbye.tryComplete(said.getErrorCode()));
    connection.closeHandler(v -> closed.tryComplete());

    ask(connection);

    assertThat(RunningEdge.await(goodbye.future())).as("NO_ERROR").isZero();
    RunningEdge.await(closed.future());
  }

  @Test
  void callThatNeedsNoTokenIsBoundedToo() throws Exception {
    start(bounds(1, 10, 10, 10, 60, 30_000));
    var health = HealthGrpc.newBlockingStub(running.channel);
    var neverEnds =
        RunningEdge.await(
            connect()
                .request(
                    new RequestOptions()
                        .setMethod(HttpMethod.POST)
                        .setURI("/grpc.health.v1.Health/Check")));
    neverEnds.putHeader("content-type", "application/grpc");
    neverEnds.setChunked(true);
    neverEnds.write(Buffer.buffer(new byte[] {0}));

    Eventually.passes(() ->
        assertFailed(
            () -> health.check(HealthCheckRequest.getDefaultInstance()),
            Code.RESOURCE_EXHAUSTED,
            Reason.OVERLOADED));
    assertThat(running.ledger(Scope.SERVICE).getBalances(ALICE))
        .as("others have places of their own")
        .isNotNull();
  }

  @Test
  void streamOfACallThatHasItsAnswerAndNeverEndsIsGivenBack() throws Exception {
    start(bounds(10, 10, 10, 10, 60, 30_000));
    HttpClientConnection connection = connect();
    List<Future<String>> statuses = new ArrayList<>();
    for (String path : List.of("/sagax.ledger.v1.LedgerService/GetBalances", "/no/such")) {
      var request =
          RunningEdge.await(
              connection.request(new RequestOptions().setMethod(HttpMethod.POST).setURI(path)));
      request.putHeader("content-type", "application/grpc");
      request.setChunked(true);
      request.sendHead();
      statuses.add(request.response().map(answer -> answer.getHeader("grpc-status")));
    }

    assertThat(RunningEdge.await(statuses.get(0))).as("UNAUTHENTICATED").isEqualTo("16");
    assertThat(RunningEdge.await(statuses.get(1))).as("UNIMPLEMENTED").isEqualTo("12");
    Eventually.passes(() -> assertThat(connection.activeStreams()).isZero());
  }

  @Test
  void reflectionThatAsksNothingMoreIsGivenUp() throws Exception {
    start(bounds(10, 10, 10, 10, 60, 500));
    Promise<Integer> answersOfNone = Promise.promise();
    Promise<Integer> answersOfOne = Promise.promise();
    var reflection = ServerReflectionGrpc.newStub(running.channel);

    reflection.serverReflectionInfo(new Ending(answersOfNone));
    reflection
        .serverReflectionInfo(new Ending(answersOfOne))
        .onNext(ServerReflectionRequest.newBuilder().setListServices("").build());

    assertThat(RunningEdge.await(answersOfNone.future())).isZero();
    assertThat(RunningEdge.await(answersOfOne.future())).isEqualTo(1);
  }

  /** Knows after how many answers a stream was given up. */
  private static final class Ending implements StreamObserver<ServerReflectionResponse> {
    private final Promise<Integer> answers;
    private int got;

    Ending(Promise<Integer> answers) {
      this.answers = answers;
    }

    @Override
    public void onNext(ServerReflectionResponse answer) {
      got++;
    }

    @Override
    public void onError(Throwable thrown) {
      if (Status.fromThrowable(thrown).getCode() == Code.DEADLINE_EXCEEDED) {
        answers.complete(got);
      } else {
        answers.fail(thrown);
      }
    }

    @Override
    public void onCompleted() {
      answers.fail("It ended well.");
    }
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
