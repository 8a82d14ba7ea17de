package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.rpc.RetryInfo;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.proto.auth.v1.MethodClass;
import dev.sagax.proto.ledger.v1.AuditRequest;
import dev.sagax.proto.order.v1.OrderServiceGrpc;
import dev.sagax.proto.order.v1.OrderServiceGrpcService;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.PlaceOrdersRequest;
import dev.sagax.proto.order.v1.PlaceOrdersResponse;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RateLimitsTest {
  private static final MethodClass PLACE = MethodClass.METHOD_CLASS_PLACE;
  private static final MethodClass CANCEL = MethodClass.METHOD_CLASS_CANCEL;

  /** The real rule, in memory, without the way to it. */
  private final class Memory implements Buckets {
    private final Map<String, Integer> tokens = new HashMap<>();
    private int taken;

    @Override
    public Future<Taken> take(
        String account, MethodClass methodClass, RateLimit limit, int owed, int wanted) {
      asked.incrementAndGet();
      if (away) {
        return Future.failedFuture("Connection refused");
      }
      int left = tokens.getOrDefault(account + methodClass, limit.burst()) - owed;
      int granted = Math.clamp(left, 0, wanted);
      taken += granted;
      tokens.put(account + methodClass, left - granted);
      return Future.succeededFuture(new Taken(granted, left - granted, 250));
    }
  }

  private final AtomicInteger asked = new AtomicInteger();
  private final Memory memory = new Memory();
  private boolean away;
  private long millis;
  private final RateLimits limits =
      new RateLimits(RateLimit.parseAll("place=10/100"), memory, () -> millis);

  private int callsLetIn(RateLimits by, int calls) {
    int in = 0;
    for (int i = 0; i < calls; i++) {
      try {
        by.spend("alice", PLACE, 1);
        in++;
      } catch (FailureException limited) {
        assertThat(limited.failure().refusal().reason().name()).isEqualTo("RATE_LIMITED");
      }
    }
    return in;
  }

  @Test
  void bucketIsSpentAndNoMore() {
    assertThat(callsLetIn(limits, 300)).isEqualTo(100);
    assertThat(limits.refused()).isEqualTo(200);
    assertThat(asked).as("questions, for 300 calls").hasValueLessThan(25);
  }

  @Test
  void refusalSaysWhenToTryAgain() {
    callsLetIn(limits, 100);

    FailureException limited =
        catchThrowableOfType(FailureException.class, () -> limits.spend("alice", PLACE, 1));

    RateStanding standing = limited.failure().standing().orElseThrow();
    assertThat(standing.limit()).isEqualTo(100);
    assertThat(standing.remaining()).isZero();
    assertThat(standing.resetSeconds()).isEqualTo(10);
    assertThat(standing.retryMillis()).isEqualTo(250);
  }

  @Test
  void tokensThatCameBackAreSpentAgain() {
    callsLetIn(limits, 200);
    memory.tokens.put("alice" + PLACE, 5);

    millis = 249;
    assertThat(callsLetIn(limits, 20)).isZero();
    millis = 250;
    assertThat(callsLetIn(limits, 20)).isEqualTo(5);
  }

  @Test
  void batchIsLetInWholeAndPaidBackBeforeTheNextCall() {
    callsLetIn(limits, 95);

    limits.spend("alice", PLACE, 60);
    assertThat(callsLetIn(limits, 20)).as("the batch owes more than there is").isZero();

    memory.tokens.merge("alice" + PLACE, 60, Integer::sum);
    millis = 250;
    assertThat(callsLetIn(limits, 20)).as("of sixty, fifty-five were owed").isEqualTo(5);
  }

  /** The real rule with the time that passes, and with the way there and back. */
  private final class Distant implements Buckets {
    private final List<Runnable> underWay = new ArrayList<>();
    private double tokens = 100;
    private long at;

    @Override
    public Future<Taken> take(
        String account, MethodClass methodClass, RateLimit limit, int owed, int wanted) {
      Promise<Taken> answer = Promise.promise();
      underWay.add(() -> answer.complete(taken(limit, owed, wanted)));
      return answer.future();
    }

    private Taken taken(RateLimit limit, int owed, int wanted) {
      double back = (millis - at) * limit.perSecond() / 1_000.0;
      tokens = Math.min(limit.burst(), tokens + back) - owed;
      at = millis;
      int granted = (int) Math.clamp(Math.floor(tokens), 0, wanted);
      tokens -= granted;
      long next = (long) Math.ceil((1 - tokens) * 1_000 / limit.perSecond());
      return new Taken(granted, (int) Math.floor(tokens), Math.max(0, next));
    }

    void answer() {
      while (!underWay.isEmpty()) {
        underWay.removeFirst().run();
      }
    }
  }

  @Test
  void whatIsOwedIsPaidByTheTimeThatPassesAndNotByCallsAlone() {
    var distant = new Distant();
    RateLimits far = new RateLimits(RateLimit.parseAll("place=10/100"), distant, () -> millis);
    far.spend("alice", PLACE, 1);
    distant.answer();
    far.spend("alice", PLACE, 200); // it has 9 here and 90 there
    distant.answer();

    millis = 5_000;
    FailureException limited =
        catchThrowableOfType(FailureException.class, () -> far.spend("alice", PLACE, 1));
    assertThat(limited.failure().standing().orElseThrow().retryMillis())
        .as("101 are owed, so the next comes after 10.2 s")
        .isEqualTo(5_200);

    millis = 10_200;
    assertThat(far.spend("alice", PLACE, 1)).as("let in before any answer").isPresent();
  }

  @Test
  void accountThatWasQuietHasItsWholeBucketAgain() {
    var distant = new Distant();
    RateLimits far = new RateLimits(RateLimit.parseAll("place=10/100"), distant, () -> millis);
    far.spend("alice", PLACE, 1);
    distant.answer();
    far.spend("alice", PLACE, 300);
    distant.answer();

    millis = 31_000; // 201 were owed
    far.spend("alice", PLACE, 1);
    distant.answer();

    assertThat(far.spend("alice", PLACE, 1).orElseThrow().remaining()).isBetween(97, 99);
  }

  @Test
  void accountsAndClassesHaveBucketsOfTheirOwn() {
    callsLetIn(limits, 200);

    assertThat(limits.spend("bob", PLACE, 1)).isPresent();
    assertThat(limits.spend("alice", CANCEL, 1)).as("a class without a limit").isEmpty();
  }

  @Test
  void remainingCountsDown() {
    Optional<RateStanding> first = limits.spend("alice", PLACE, 1);
    Optional<RateStanding> second = limits.spend("alice", PLACE, 1);

    assertThat(first.orElseThrow().remaining()).isEqualTo(99);
    assertThat(second.orElseThrow().remaining()).isEqualTo(98);
  }

  @Test
  void callsDoNotWaitForTheFirstAnswerAndCreditIsPaidBack() {
    Promise<Buckets.Taken> answer = Promise.promise();
    Future<Buckets.Taken> nothing = Future.succeededFuture(new Buckets.Taken(0, 0, 250));
    RateLimits slow =
        new RateLimits(
            RateLimit.parseAll("place=10/100"),
            (account, methodClass, limit, owed, wanted) ->
                asked.getAndIncrement() == 0 ? answer.future() : nothing,
            () -> millis);

    assertThat(callsLetIn(slow, 80)).as("half a bucket on credit").isEqualTo(50);
    answer.complete(new Buckets.Taken(60, 0, 250));

    assertThat(callsLetIn(slow, 80)).as("fifty of the sixty paid the debt").isEqualTo(10);
  }

  @Test
  void nobodyIsLimitedWhileTheBucketsAreAway() {
    callsLetIn(limits, 200);
    away = true;
    millis = 250;

    callsLetIn(limits, 1);
    assertThat(callsLetIn(limits, 1_000)).isEqualTo(1_000);
    assertThat(limits.unlimited()).isEqualTo(1_000);

    away = false;
    millis = 2_000;
    assertThat(callsLetIn(limits, 1_000)).isLessThanOrEqualTo(50);
  }

  @Test
  void manyAccountsDoNotFillTheMemory() {
    for (int i = 0; i < 50_000; i++) {
      limits.spend("account" + i, PLACE, 1);
    }

    assertThat(limits.size()).isEqualTo(20_000);
  }

  @Test
  void settingIsReadAndWrongOnesAreNamed() {
    assertThat(RateLimit.parseAll("off")).isEmpty();
    assertThat(RateLimit.parseAll("place=1/2, cancel=3/4"))
        .containsEntry(PLACE, new RateLimit(1, 2))
        .containsEntry(CANCEL, new RateLimit(3, 4));
    for (String wrong :
        new String[] {
          "", "place", "place=1", "place=0/1", "place=1/0", "internal=1/1", "buy=1/1"
        }) {
      assertThatThrownBy(() -> RateLimit.parseAll(wrong))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void clientSeesItsStandingAndWhenToTryAgain(@TempDir Path folder) throws Exception {
    var tight = new RateLimits(RateLimit.parseAll("operate=1/2"), memory, () -> millis);
    var running = new RunningEdge(folder, EdgeSettings.DEFAULT, tight);
    try {
      StatusRuntimeException limited = null;
      for (int i = 0; limited == null && i < 4; i++) { // two, and one that is on credit
        limited =
            Answers.failureOf(
                () -> running.ledger(Scope.OPERATOR).audit(AuditRequest.getDefaultInstance()));
      }

      assertThat(Answers.errorInfo(limited).getReason()).isEqualTo("RATE_LIMITED");
      assertThat(limited.getTrailers().get(Answers.key("ratelimit-remaining"))).isEqualTo("0");
      assertThat(limited.getTrailers().get(Answers.key("ratelimit-limit"))).isEqualTo("2");
      assertThat(retryInfo(limited).getRetryDelay().getNanos()).isEqualTo(250_000_000);
      running.ledger(Scope.SERVICE).audit(AuditRequest.getDefaultInstance());
    } finally {
      running.close();
    }
  }

  @Test
  void everyItemOfABatchCounts(@TempDir Path folder) throws Exception {
    var tight = new RateLimits(RateLimit.parseAll("place=1/100"), memory, () -> millis);
    var running = new RunningEdge(folder, EdgeSettings.DEFAULT, tight);
    var placed = new AtomicInteger();
    running.edge.unary(
        OrderServiceGrpcService.PlaceOrders,
        PlaceOrdersRequest::getOrdersCount,
        (Call call, PlaceOrdersRequest request) -> {
          placed.addAndGet(request.getOrdersCount());
          return Future.succeededFuture(PlaceOrdersResponse.getDefaultInstance());
        });
    var batch = PlaceOrdersRequest.newBuilder();
    for (int i = 0; i < 60; i++) {
      batch.addOrders(PlaceOrderRequest.getDefaultInstance());
    }
    try {
      assertThat(place(running, Scope.TRADE, batch.build())).as("remaining").isEqualTo("40");
      place(running, Scope.TRADE, batch.build()); // twenty of them are owed

      Answers.assertFailed(
          () -> place(running, Scope.TRADE, batch.build()),
          Code.RESOURCE_EXHAUSTED,
          Reason.RATE_LIMITED);
      assertThat(placed).hasValue(120);
    } finally {
      running.close();
    }
  }

  /** How many calls remain after it. */
  private static String place(RunningEdge running, Scope scope, PlaceOrdersRequest batch) {
    var headers = new AtomicReference<Metadata>();
    var response =
        OrderServiceGrpc.newBlockingStub(
                running.with("authorization", "Bearer " + running.token(scope)))
            .withInterceptors(
                MetadataUtils.newCaptureMetadataInterceptor(headers, new AtomicReference<>()))
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .placeOrders(batch);
    assertThat(response).isEqualTo(PlaceOrdersResponse.getDefaultInstance());
    return headers.get().get(Answers.key("ratelimit-remaining"));
  }

  @Test
  void byJsonTheStandingIsInTheHeadersToo(@TempDir Path folder) throws Exception {
    var tight = new RateLimits(RateLimit.parseAll("operate=1/2"), memory, () -> millis);
    var running = new RunningEdge(folder, EdgeSettings.DEFAULT, tight);
    HttpRequest audit =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:" + running.port + "/sagax.ledger.v1.LedgerService/Audit"))
            .header("authorization", "Bearer " + running.token(Scope.OPERATOR))
            .timeout(Duration.ofSeconds(30))
            .POST(BodyPublishers.noBody())
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> first = http.send(audit, BodyHandlers.ofString());
      HttpResponse<String> last = first;
      for (int i = 0; last.statusCode() == 200 && i < 4; i++) {
        last = http.send(audit, BodyHandlers.ofString());
      }

      assertThat(first.headers().firstValue("ratelimit-limit")).contains("2");
      assertThat(first.headers().firstValue("ratelimit-remaining")).contains("1");
      assertThat(first.headers().firstValue("ratelimit-reset")).contains("1");
      assertThat(last.statusCode()).isEqualTo(429);
      assertThat(last.headers().firstValue("retry-after")).as("250 ms").contains("1");
      assertThat(last.headers().firstValue("ratelimit-remaining")).contains("0");
      assertThat(last.body()).contains("RATE_LIMITED").contains("RetryInfo");
    } finally {
      running.close();
    }
  }

  private static RetryInfo retryInfo(StatusRuntimeException failure) throws Exception {
    for (Any detail : StatusProto.fromThrowable(failure).getDetailsList()) {
      if (detail.is(RetryInfo.class)) {
        return detail.unpack(RetryInfo.class);
      }
    }
    throw new AssertionError("No RetryInfo in " + failure);
  }
}
