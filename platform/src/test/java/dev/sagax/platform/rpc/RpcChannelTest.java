package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.proto.ledger.v1.AssetBalance;
import dev.sagax.proto.ledger.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpcClient;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RpcChannelTest {
  @TempDir Path folder;
  private RunningEdge running;
  private RpcChannel channel;

  @BeforeEach
  void start() throws Exception {
    running = new RunningEdge(folder);
    channel = channelTo(running.port, Scope.SERVICE);
  }

  @AfterEach
  void stop() throws Exception {
    RunningEdge.await(channel.close());
    running.close();
  }

  @Test
  void answerComesBack() throws Exception {
    running.getBalances = (call, request) -> Future.succeededFuture(oneAsset(request));

    var answer = RunningEdge.await(ask(channel, 5_000));

    assertThat(answer.getBalances(0).getAsset()).isEqualTo("bob");
  }

  @Test
  void manyCallsAtOnceAreAllAnswered() throws Exception {
    List<Future<GetBalancesResponse>> answers = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      answers.add(ask(channel, 10_000));
    }

    RunningEdge.await(Future.all(answers));
  }

  @Test
  void deadlineTravelsAndItsEndIsAFault() {
    long[] timeoutMillis = {0};
    Promise<GetBalancesResponse> never = Promise.promise();
    running.getBalances =
        (call, request) -> {
          timeoutMillis[0] = call.timeoutMillis();
          return never.future();
        };

    assertFailure(ask(channel, 200)).isInstanceOf(PeerUnavailableException.class);

    assertThat(timeoutMillis[0]).isBetween(1L, 200L);
  }

  @Test
  void timeThatTheConnectionTookIsGoneForThePeer() throws Exception {
    long[] timeoutMillis = {0};
    running.getBalances =
        (call, request) -> {
          timeoutMillis[0] = call.timeoutMillis();
          return Future.succeededFuture(oneAsset(request));
        };
    var cable = new PulledCable(running.vertx, running.port);
    cable.pull();
    running.vertx.setTimer(500, timer -> cable.plug());

    RunningEdge.await(ask(channelTo(cable.port, Scope.SERVICE), 15_000));

    assertThat(timeoutMillis[0])
        .as("half a second of 15 s is gone, as far as timers are exact")
        .isBetween(1L, 14_600L);
  }

  @Test
  void callWhoseTimePassedBeforeItCouldBeSentIsNotExecuted() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    running.getBalances =
        (call, request) -> {
          calls.incrementAndGet();
          return Future.succeededFuture(oneAsset(request));
        };
    var cable = new PulledCable(running.vertx, running.port);
    cable.pull();
    RpcChannel late = channelTo(cable.port, Scope.SERVICE);

    assertFailure(ask(late, 300)).isInstanceOf(PeerUnavailableException.class);
    cable.plug();
    RunningEdge.await(ask(late, 10_000));

    assertThat(calls).hasValue(1);
  }

  @Test
  void callsBeyondTheBoundAreRefusedAtOnce() throws Exception {
    Promise<GetBalancesResponse> answer = Promise.promise();
    running.getBalances = (call, request) -> answer.future();
    List<Future<GetBalancesResponse>> answers = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      answers.add(ask(channel, 20_000));
    }

    Future<GetBalancesResponse> tooMany = ask(channel, 20_000);

    assertThat(tooMany.cause()).isInstanceOf(PeerUnavailableException.class);
    answer.complete(GetBalancesResponse.getDefaultInstance());
    RunningEdge.await(Future.all(answers));
    RunningEdge.await(ask(channel, 20_000));
  }

  @Test
  void peerThatIsAwayIsAFault() throws Exception {
    assertFailure(ask(channelTo(free(), Scope.SERVICE), 2_000))
        .isInstanceOf(PeerUnavailableException.class);
  }

  @Test
  void peerThatAcceptsAndSaysNothingIsAFault() throws Exception {
    try (var silent = new ServerSocket(0)) {
      assertFailure(ask(channelTo(silent.getLocalPort(), Scope.SERVICE), 300))
          .isInstanceOf(PeerUnavailableException.class);
    }
  }

  @Test
  void peerWhoseDependencyIsAwayIsAFault() {
    running.getBalances =
        (call, request) -> Future.failedFuture(new java.net.ConnectException("redis"));

    assertFailure(ask(channel, 5_000))
        .isInstanceOf(PeerUnavailableException.class)
        .hasMessageContaining("UNAVAILABLE");
  }

  @Test
  void replicaThatIsAwayIsPassedOver() throws Exception {
    running.getBalances = (call, request) -> Future.succeededFuture(oneAsset(request));
    try (var silent = new ServerSocket(0)) {
      RpcChannel three = channelTo(free(), silent.getLocalPort(), running.port);

      var answer = RunningEdge.await(ask(three, 3_000));

      assertThat(answer.getBalances(0).getAsset()).isEqualTo("bob");
      assertThat(RunningEdge.await(ask(three, 3_000))).isEqualTo(answer);
    }
  }

  @Test
  void whenAllReplicasAreAwayItIsAFault() throws Exception {
    assertFailure(ask(channelTo(free(), free()), 2_000))
        .isInstanceOf(PeerUnavailableException.class);
  }

  @Test
  void refusalIsNotAskedForAtTheNextReplica() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    running.getBalances =
        (call, request) -> {
          calls.incrementAndGet();
          return Future.failedFuture(
              Refusal.of(Reason.UNKNOWN_ASSET, "There is no asset DOGE.").asException());
        };

    assertFailure(ask(channelTo(running.port, running.port), 5_000))
        .isInstanceOf(IllegalStateException.class);

    assertThat(calls).hasValue(1);
  }

  @Test
  void refusalBetweenServicesIsABug() {
    running.getBalances =
        (call, request) ->
            Future.failedFuture(
                Refusal.of(Reason.UNKNOWN_ASSET, "There is no asset DOGE.").asException());

    assertFailure(ask(channel, 5_000))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("NOT_FOUND")
        .hasMessageContaining("There is no asset DOGE.");
    assertFailure(ask(channelTo(running.port, Scope.READ), 5_000))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("PERMISSION_DENIED");
  }

  private static List<PeerAddress> at(int... ports) {
    return Arrays.stream(ports).mapToObj(port -> new PeerAddress("127.0.0.1", port)).toList();
  }

  private static GetBalancesResponse oneAsset(GetBalancesRequest request) {
    return GetBalancesResponse.newBuilder()
        .addBalances(AssetBalance.newBuilder().setAsset(request.getAccount()))
        .build();
  }

  private static int free() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private RpcChannel channelTo(int... ports) {
    String token = running.token(Scope.SERVICE); // to sign one takes longer than most calls
    return new RpcChannel(running.vertx, at(ports), () -> token);
  }

  private RpcChannel channelTo(int port, Scope scope) {
    String token = running.token(scope);
    return new RpcChannel(running.vertx, at(port), () -> token);
  }

  private static Future<GetBalancesResponse> ask(RpcChannel channel, long timeoutMillis) {
    var request = GetBalancesRequest.newBuilder().setAccount("bob").build();
    return channel.unary(LedgerServiceGrpcClient.GetBalances, request, timeoutMillis);
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertFailure(Future<?> future) {
    return assertThatThrownBy(() -> RunningEdge.await(future))
        .isInstanceOf(ExecutionException.class)
        .cause();
  }
}
