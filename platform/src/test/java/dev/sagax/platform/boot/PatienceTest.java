package dev.sagax.platform.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private static final int MANY = 20_000;
  private static final Vertx VERTX = Vertx.vertx();

  private final AtomicInteger rounds = new AtomicInteger();

  @AfterAll
  static void close() throws Exception {
    await(VERTX.close());
  }

  @Test
  void looksThousandsOfTimesWithoutGrowing() throws Exception {
    AtomicInteger deepest = new AtomicInteger();

    int seen =
        await(
            Patience.poll(
                VERTX,
                0,
                () -> {
                  deepest.accumulateAndGet(new Throwable().getStackTrace().length, Math::max);
                  return Future.succeededFuture(rounds.incrementAndGet());
                },
                round -> round == MANY));

    assertThat(seen).isEqualTo(MANY);
    assertThat(deepest.get()).as("deepest stack").isLessThan(100);
  }

  @Test
  void whatFollowsRunsWhereTheCallerIs() throws Exception {
    Context caller = VERTX.getOrCreateContext();
    Promise<Boolean> sameContext = Promise.promise();
    Promise<String> fromOutside = Promise.promise();

    caller.runOnContext(v ->
        Patience.until(VERTX, "test", fromOutside::future)
            .compose(seen -> Future.succeededFuture())
            .onComplete(done -> sameContext.complete(Vertx.currentContext() == caller)));
    Thread.ofPlatform().start(() -> fromOutside.complete("from a thread of its own")).join();

    assertThat(await(sameContext.future())).isTrue();
  }

  @Test
  void questionThatThrowsFailsTheResult() {
    Future<Integer> looks =
        Patience.poll(VERTX, 1, () -> Future.succeededFuture(1), seen -> 1 / (seen - 1) > 0);
    Future<Integer> tries =
        Patience.until(
            VERTX,
            "test",
            failure -> failure.getMessage().isEmpty(),
            () -> Future.failedFuture(new IOException()));

    assertThatThrownBy(() -> await(looks)).hasRootCauseInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> await(tries)).hasRootCauseInstanceOf(NullPointerException.class);
  }

  @Test
  void failedLookIsTheAnswer() {
    Future<Integer> looks =
        Patience.poll(
            VERTX,
            1,
            () ->
                rounds.incrementAndGet() < 3
                    ? Future.succeededFuture(0)
                    : Future.failedFuture(new IOException("away")),
            seen -> false);

    assertThatThrownBy(() -> await(looks)).hasRootCauseInstanceOf(IOException.class);
    assertThat(rounds.get()).isEqualTo(3);
  }

  @Test
  void infrastructureIsWaitedForAndABugIsNot() throws Exception {
    Future<String> waited =
        Patience.until(
            VERTX,
            "The test",
            () ->
                rounds.incrementAndGet() < 3
                    ? Future.failedFuture(new IOException("away"))
                    : Future.succeededFuture("here"));
    Future<String> bug =
        Patience.until(
            VERTX,
            "The test",
            () -> {
              throw new IllegalStateException("a bug");
            });

    assertThat(await(waited)).isEqualTo("here");
    assertThatThrownBy(() -> await(bug))
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("a bug");
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
