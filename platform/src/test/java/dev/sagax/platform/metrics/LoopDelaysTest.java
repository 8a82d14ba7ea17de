package dev.sagax.platform.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopDelaysTest {
  private static final String BLOCKED = "sagax_event_loop_blocked_seconds_total ";
  private static final String LONGEST = "sagax_event_loop_longest_delay_seconds ";

  private final Vertx vertx = Vertx.vertx();
  private final Metrics metrics = new Metrics();
  private final LoopDelays delays = new LoopDelays().in(metrics);

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void loopThatIsHeldIsSeen() throws Exception {
    Context context = vertx.getOrCreateContext();
    delays.watch(context);
    delays.watch(context); // shares the loop and is counted once

    hold(context, 700);

    await(() -> value(BLOCKED) >= 0.5);
    assertThat(value(LONGEST)).isGreaterThanOrEqualTo(0.5);
    assertThat(value(LONGEST)).as("once").isGreaterThan(value(BLOCKED) / 2);
  }

  @Test
  void loopThatIsNotWatchedAnyMoreIsNotMeasured() throws Exception {
    Context context = vertx.getOrCreateContext();
    delays.watch(context).run();

    hold(context, 300);

    assertThat(value(BLOCKED)).isZero();
  }

  private static void hold(Context context, long millis) throws InterruptedException {
    CountDownLatch held = new CountDownLatch(1);
    context.runOnContext(v -> {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
      held.countDown();
    });
    assertThat(held.await(20, TimeUnit.SECONDS)).isTrue();
  }

  private double value(String name) {
    return metrics
        .text()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
        .findFirst()
        .orElseThrow();
  }

  private static void await(java.util.function.BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }
}
