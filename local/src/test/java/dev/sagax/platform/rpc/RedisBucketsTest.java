package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.local.e2e.Eventually;
import dev.sagax.local.infra.RedisServer;
import dev.sagax.proto.auth.v1.MethodClass;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The buckets in a real Redis, set like the ledger's. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisBucketsTest {
  private static final MethodClass PLACE = MethodClass.METHOD_CLASS_PLACE;

  private static final long PATIENCE_MILLIS = 20_000;

  /** Slow enough that nothing comes back while a test runs. */
  private static final RateLimit SLOW = new RateLimit(1, 1_000);

  private static final RateLimit FAST = new RateLimit(100_000, 10);

  private final Vertx vertx = Vertx.vertx();
  private RedisServer server;
  private RedisBuckets buckets;

  @BeforeAll
  void start(@TempDir Path folder) {
    server = new RedisServer(folder.resolve("redis"), 0);
    server.start();
  }

  @BeforeEach
  void connect() {
    buckets = new RedisBuckets(vertx, server.uri(), PATIENCE_MILLIS);
  }

  @AfterAll
  void stop() throws Exception {
    await(vertx.close());
    server.close();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private Buckets.Taken take(RedisBuckets from, String account, RateLimit limit, int wanted)
      throws Exception {
    return await(from.take(account, PLACE, limit, 0, wanted));
  }

  private Response ask(Command command, String... arguments) throws Exception {
    Request request = Request.cmd(command);
    for (String argument : arguments) {
      request.arg(argument);
    }
    return await(Redis.createClient(vertx, server.uri()).send(request));
  }

  @Test
  void replicasShareTheBucket() throws Exception {
    var other = new RedisBuckets(vertx, server.uri(), PATIENCE_MILLIS);

    Buckets.Taken first = take(buckets, "shared", SLOW, 600);
    Buckets.Taken second = take(other, "shared", SLOW, 600);
    Buckets.Taken third = take(buckets, "shared", SLOW, 600);

    assertThat(first).isEqualTo(new Buckets.Taken(600, 400, 0));
    assertThat(second.granted()).isBetween(400, 460);
    assertThat(third.granted()).isLessThan(60);
    assertThat(third.nextMillis()).isBetween(1L, 1_000L);
  }

  @Test
  void whatIsOwedIsTakenAlsoIfItIsNotThere() throws Exception {
    Buckets.Taken first = await(buckets.take("debtor", PLACE, SLOW, 1_500, 100));
    Buckets.Taken second = take(buckets, "debtor", SLOW, 100);

    assertThat(first).isEqualTo(new Buckets.Taken(0, -500, 501_000));
    assertThat(second.granted()).isZero();
    assertThat(second.nextMillis()).isBetween(440_000L, 501_000L);
    long millis = ask(Command.PTTL, "ratelimit:place:debtor").toLong();
    assertThat(millis).as("until it is full again").isBetween(1_440_000L, 1_501_000L);
  }

  @Test
  void questionThatIsGivenNothingWritesNothing() throws Exception {
    await(buckets.take("empty", PLACE, SLOW, 1_100, 1));
    String before = ask(Command.HGETALL, "ratelimit:place:empty").toString();
    String firstMillis = ask(Command.HGET, "ratelimit:place:empty", "at").toString();
    while (ask(Command.TIME).get(0).toLong() * 1_000 <= Long.parseLong(firstMillis)) {
      // The clock has to move on: what is written within the same millisecond looks the same.
    }

    assertThat(take(buckets, "empty", SLOW, 1).granted()).isZero();

    assertThat(ask(Command.HGETALL, "ratelimit:place:empty")).hasToString(before);
  }

  @Test
  void nothingIsGivenTwiceHoweverManyAskAtOnce() throws Exception {
    List<Future<Buckets.Taken>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      answers.add(buckets.take("crowd", PLACE, SLOW, 0, 10));
    }

    int granted = 0;
    for (Future<Buckets.Taken> answer : answers) {
      granted += await(answer).granted();
    }

    assertThat(granted).isBetween(1_000, 1_060);
  }

  @Test
  void bucketFillsUpAgainButNeverRunsOver() throws Exception {
    assertThat(take(buckets, "quick", FAST, 10).granted()).isEqualTo(10);

    Buckets.Taken later = take(buckets, "quick", FAST, 50);
    while (later.granted() == 0) { // within the same millisecond nothing has come back
      later = take(buckets, "quick", FAST, 50);
    }

    assertThat(later.granted()).isBetween(1, 10);
  }

  @Test
  void bucketThatFilledUpIsForgotten() throws Exception {
    take(buckets, "gone", new RateLimit(10, 100), 1);

    long millis = ask(Command.PTTL, "ratelimit:place:gone").toLong();

    assertThat(millis).isBetween(1L, 11_000L);
  }

  @Test
  void ledgerDoesNotSeeTheBuckets() throws Exception {
    take(buckets, "outside", SLOW, 1);

    assertThat(ask(Command.KEYS, "{ledger}*").size()).isZero();
    assertThat(ask(Command.KEYS, "ratelimit:*").size()).isPositive();
  }

  @Test
  void redisThatIsAwayFailsSoonAndIsFoundAgain() throws Exception {
    var lost = new RedisBuckets(vertx, server.uri(), PATIENCE_MILLIS);
    take(lost, "lost", SLOW, 1);

    ask(Command.CLIENT, "KILL", "TYPE", "normal", "SKIPME", "yes");

    Eventually.passes(() -> assertThat(granted(lost)).isEqualTo(1));
    var nobody = new RedisBuckets(vertx, "redis://127.0.0.1:1", PATIENCE_MILLIS);
    assertThatThrownBy(() -> take(nobody, "a", SLOW, 1)).isNotNull();
  }

  private int granted(RedisBuckets from) {
    try {
      return take(from, "lost", SLOW, 1).granted();
    } catch (Exception connectionIsLost) {
      return 0;
    }
  }
}
