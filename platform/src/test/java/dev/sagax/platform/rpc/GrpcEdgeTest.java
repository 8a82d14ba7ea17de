package dev.sagax.platform.rpc;

import static dev.sagax.platform.rpc.Answers.assertFailed;
import static dev.sagax.platform.rpc.Answers.badRequest;
import static dev.sagax.platform.rpc.Answers.errorInfo;
import static dev.sagax.platform.rpc.Answers.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.proto.error.v1.ErrorReason;
import dev.sagax.proto.ledger.v1.AuditRequest;
import dev.sagax.proto.ledger.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import dev.sagax.proto.ledger.v1.HoldRequest;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GrpcEdgeTest {
  private static final GetBalancesRequest ALICE =
      GetBalancesRequest.newBuilder().setAccount("alice").build();

  @TempDir Path folder;
  private RunningEdge running;

  @BeforeEach
  void start() throws Exception {
    running = new RunningEdge(folder);
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  @Test
  void callerIsTheTokensSubject() {
    var answer = running.ledger(Scope.OPERATOR).audit(AuditRequest.getDefaultInstance());

    assertThat(answer.getFindings(0)).isEqualTo("alice");
  }

  @Test
  void deadlineOfTheClientReachesTheMethod() {
    long[] timeoutMillis = {0};
    running.getBalances =
        (call, request) -> {
          timeoutMillis[0] = call.timeoutMillis();
          return Future.succeededFuture(GetBalancesResponse.getDefaultInstance());
        };

    running.ledger(Scope.SERVICE).withDeadlineAfter(3, TimeUnit.SECONDS).getBalances(ALICE);

    assertThat(timeoutMillis[0]).isBetween(1_000L, 3_000L);
  }

  @Test
  void answerMayComeFromAnyThread() {
    running.getBalances =
        (call, request) -> {
          Promise<GetBalancesResponse> promise = Promise.promise();
          Thread.startVirtualThread(
              () -> promise.complete(GetBalancesResponse.getDefaultInstance()));
          return promise.future();
        };

    var answer = running.ledger(Scope.SERVICE).getBalances(ALICE);

    assertThat(answer).isEqualTo(GetBalancesResponse.getDefaultInstance());
  }

  static Stream<Arguments> failures() {
    Refusal refusal = Refusal.of(Reason.UNKNOWN_MARKET, "There is no market DOGE-KRW.");
    return Stream.of(
        Arguments.of(refusal.asException(), Reason.UNKNOWN_MARKET),
        Arguments.of(new CompletionException(refusal.asException()), Reason.UNKNOWN_MARKET),
        Arguments.of(
            Refusal.of(Reason.OUTCOME_UNKNOWN, "Ask again.").asException(), Reason.OUTCOME_UNKNOWN),
        Arguments.of(new ConnectException("refused"), Reason.DEPENDENCY_UNAVAILABLE),
        Arguments.of(new io.vertx.core.VertxException("gone"), Reason.DEPENDENCY_UNAVAILABLE),
        Arguments.of(
            new RuntimeException(new java.nio.channels.ClosedChannelException()),
            Reason.DEPENDENCY_UNAVAILABLE),
        Arguments.of(
            new org.apache.kafka.common.errors.TimeoutException("late"),
            Reason.DEPENDENCY_UNAVAILABLE),
        Arguments.of(
            new PeerUnavailableException("The ledger is away.", null),
            Reason.DEPENDENCY_UNAVAILABLE),
        Arguments.of(
            new io.vertx.pgclient.PgException("shutting down", "FATAL", "57P01", ""),
            Reason.DEPENDENCY_UNAVAILABLE),
        Arguments.of(
            new io.vertx.pgclient.PgException("no such column", "ERROR", "42703", ""),
            Reason.INTERNAL),
        Arguments.of(new NullPointerException("a bug"), Reason.INTERNAL),
        Arguments.of(new StackOverflowError(), Reason.INTERNAL));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void failureHasItsStatusAndReason(Throwable failure, Reason reason) {
    Code status = io.grpc.Status.fromCodeValue(reason.status.code).getCode();

    running.getBalances = (call, request) -> Future.failedFuture(failure);
    assertFailed(() -> running.ledger(Scope.SERVICE).getBalances(ALICE), status, reason);

    running.getBalances =
        (call, request) -> {
          throw GrpcEdgeTest.<RuntimeException>sneaky(failure);
        };
    assertFailed(() -> running.ledger(Scope.SERVICE).getBalances(ALICE), status, reason);
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> E sneaky(Throwable thrown) throws E {
    throw (E) thrown;
  }

  @Test
  void refusalOfAFieldNamesIt() {
    running.getBalances =
        (call, request) ->
            Future.failedFuture(
                Refusal.ofField(Reason.OFF_TICK, "limit.price", "Erwartet: 5 × 0,01 — 価格 100% + ~*")
                    .with("tick", "0.01")
                    .asException());

    StatusRuntimeException failure =
        failureOf(() -> running.ledger(Scope.SERVICE).getBalances(ALICE));

    assertThat(failure.getStatus().getDescription()).isEqualTo("Erwartet: 5 × 0,01 — 価格 100% + ~*");
    assertThat(errorInfo(failure).getMetadataMap()).containsEntry("tick", "0.01");
    assertThat(badRequest(failure).getFieldViolations(0).getField()).isEqualTo("limit.price");
    assertThat(badRequest(failure).getFieldViolations(0).getReason()).isEqualTo("OFF_TICK");
  }

  @Test
  void bugTellsAnIdAndNothingElse() {
    running.getBalances =
        (call, request) -> Future.failedFuture(new IllegalStateException("password=hunter2"));

    StatusRuntimeException failure =
        failureOf(() -> running.ledger(Scope.SERVICE).getBalances(ALICE));

    assertThat(errorInfo(failure).getMetadataMap()).containsKey("error_id");
    assertThat(failure.toString() + errorInfo(failure)).doesNotContain("hunter2");
  }

  @Test
  void requestIdOfTheCallerIsEchoedAndOthersAreMade() {
    running.getBalances = (call, request) -> Future.failedFuture(new NullPointerException());
    String bearer = "Bearer " + running.token(Scope.SERVICE);

    for (String given : new String[] {"order-7", "", "bad id!", "x".repeat(65)}) {
      var stub = running.ledgerWith(bearer);
      StatusRuntimeException failure =
          failureOf(() ->
              stub.withInterceptors(Answers.attach("x-request-id", given)).getBalances(ALICE));

      String id = Answers.requestId(failure);
      assertThat(failure.getTrailers().get(Answers.key("x-request-id"))).isEqualTo(id);
      assertThat(id).matches(given.equals("order-7") ? "order-7" : "[0-9a-f]{16}");
    }
  }

  @Test
  void longestMessageStillFitsTheClientsHeaders() {
    running.getBalances =
        (call, request) ->
            Future.failedFuture(
                Refusal.ofField(Reason.INVALID_ID, "id", "価".repeat(100_000)).asException());

    assertFailed(
        () -> running.ledger(Scope.SERVICE).getBalances(ALICE),
        Code.INVALID_ARGUMENT,
        Reason.INVALID_ID);
  }

  @Test
  void nullAnswerIsABug() {
    running.getBalances = (call, request) -> Future.succeededFuture(null);
    assertFailed(
        () -> running.ledger(Scope.SERVICE).getBalances(ALICE), Code.INTERNAL, Reason.INTERNAL);

    running.getBalances = (call, request) -> null;
    assertFailed(
        () -> running.ledger(Scope.SERVICE).getBalances(ALICE), Code.INTERNAL, Reason.INTERNAL);
  }

  @Test
  void callWithoutABearerTokenIsRefused() {
    var stub = dev.sagax.proto.ledger.v1.LedgerServiceGrpc.newBlockingStub(running.channel);

    assertFailed(() -> stub.getBalances(ALICE), Code.UNAUTHENTICATED, Reason.TOKEN_MISSING);
    assertFailed(
        () -> running.ledgerWith("Basic YWxpY2U6").getBalances(ALICE),
        Code.UNAUTHENTICATED,
        Reason.TOKEN_MISSING);
  }

  @Test
  void callWithAnInvalidTokenIsRefused() {
    assertFailed(
        () -> running.ledgerWith("Bearer rubbish").getBalances(ALICE),
        Code.UNAUTHENTICATED,
        Reason.TOKEN_INVALID);
  }

  @Test
  void callWithoutTheScopeIsRefusedAndTheScopeNamed() {
    StatusRuntimeException one =
        failureOf(() -> running.ledger(Scope.READ, Scope.OPERATOR).getBalances(ALICE));
    StatusRuntimeException anyOf =
        failureOf(() -> running.ledger(Scope.READ).audit(AuditRequest.getDefaultInstance()));

    assertThat(one.getStatus().getCode()).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(errorInfo(one).getReason()).isEqualTo("SCOPE_MISSING");
    assertThat(errorInfo(one).getMetadataMap()).containsEntry("scope", "service");
    assertThat(errorInfo(anyOf).getMetadataMap()).containsEntry("scope", "operator service");
  }

  @Test
  void tokenThatExpiresBetweenCallsIsRefusedThen() {
    String token =
        running.tokens.issue(
            "alice",
            Set.of(Scope.SERVICE),
            java.time.Duration.ofSeconds(2 - TokenVerifier.CLOCK_SKEW_SECONDS));
    running.ledgerWith("Bearer " + token).getBalances(ALICE);

    Eventually.passes(() ->
        assertFailed(
            () -> running.ledgerWith("Bearer " + token).getBalances(ALICE),
            Code.UNAUTHENTICATED,
            Reason.TOKEN_EXPIRED));
  }

  @Test
  void methodThatIsNotRegisteredIsUnknown() {
    assertFailed(
        () -> running.ledger(Scope.SERVICE).hold(HoldRequest.getDefaultInstance()),
        Code.UNIMPLEMENTED,
        Reason.UNKNOWN_METHOD);
  }

  @Test
  void methodThatDoesNotStateItsRightsCannotBeRegistered() {
    assertThatThrownBy(() -> running.edge.unary(HealthEndpoint.CHECK, (call, request) -> null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("grpc.health.v1.Health.Check does not state its rights");
  }

  @Test
  void messageOverTheLimitIsRefused() {
    var large = GetBalancesRequest.newBuilder().setAccount("x".repeat(300_000)).build();

    assertFailed(
        () -> running.ledger(Scope.SERVICE).getBalances(large),
        Code.RESOURCE_EXHAUSTED,
        Reason.MESSAGE_TOO_LARGE);
    assertFailed(
        () -> running.ledger(Scope.SERVICE).withCompression("gzip").getBalances(large),
        Code.RESOURCE_EXHAUSTED,
        Reason.MESSAGE_TOO_LARGE);
  }

  @Test
  void gzipIsUnderstood() {
    String[] account = {null};
    running.getBalances =
        (call, request) -> {
          account[0] = request.getAccount();
          return Future.succeededFuture(GetBalancesResponse.getDefaultInstance());
        };

    running.ledger(Scope.SERVICE).withCompression("gzip").getBalances(ALICE);

    assertThat(account[0]).isEqualTo("alice");
  }

  @Test
  void runningCallFinishesWhileTheEdgeClosesAndNewOnesAreRefused() throws Exception {
    Promise<GetBalancesResponse> answer = Promise.promise();
    Promise<Void> arrived = Promise.promise();
    running.getBalances =
        (call, request) -> {
          arrived.complete();
          return answer.future();
        };
    var stub =
        dev.sagax.proto.ledger.v1.LedgerServiceGrpc.newFutureStub(
            running.with("authorization", "Bearer " + running.token(Scope.SERVICE)));
    var pending = stub.getBalances(ALICE);
    RunningEdge.await(arrived.future());

    Future<Void> closed = running.edge.close();

    assertFailed(
        () -> running.ledger(Scope.SERVICE).getBalances(ALICE),
        Code.UNAVAILABLE,
        Reason.SHUTTING_DOWN);
    assertThat(closed.isComplete()).isFalse();
    answer.complete(GetBalancesResponse.getDefaultInstance());
    assertThat(pending.get(5, TimeUnit.SECONDS)).isNotNull();
    RunningEdge.await(closed);
  }

  @Test
  void reasonsAreTheOnesOfTheContract() {
    var contract =
        Arrays.stream(ErrorReason.values())
            .filter(reason -> reason != ErrorReason.UNRECOGNIZED)
            .filter(reason -> reason != ErrorReason.ERROR_REASON_UNSPECIFIED)
            .map(reason -> reason.name().substring("ERROR_REASON_".length()));

    assertThat(contract)
        .containsExactlyInAnyOrder(
            Arrays.stream(Reason.values()).map(Reason::name).toArray(String[]::new));
  }
}
