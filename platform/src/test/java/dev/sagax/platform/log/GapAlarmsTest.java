package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.rpc.Health;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GapAlarmsTest {
  private static final long PATIENCE_MILLIS = 20;
  private static final String MATCH = "partition 2 gap in match.requested";
  private static final String SETTLE = "partition 2 gap in settle.completed";

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final Map<String, String> down = new ConcurrentHashMap<>();
  private final Health health =
      (dependency, up, detail) -> {
        if (up) {
          down.remove(dependency);
        } else {
          down.put(dependency, detail);
        }
      };
  private final GapAlarms gaps = new GapAlarms(vertx, health, 2, PATIENCE_MILLIS);

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void gapOfOneTopicIsNotClosedByARecordOfAnother() throws Exception {
    onLoop(() -> gaps.open(record(Topic.MATCH_REQUESTED), 3));
    onLoop(() -> gaps.open(record(Topic.SETTLE_COMPLETED), 3));
    await(() -> assertThat(down).containsOnlyKeys(MATCH, SETTLE));
    assertThat(down.get(MATCH)).contains("number 7 after 3");

    onLoop(() -> gaps.close(Topic.SETTLE_COMPLETED));
    assertThat(down).containsOnlyKeys(MATCH);

    onLoop(() -> gaps.close(Topic.MATCH_REQUESTED));
    assertThat(down).isEmpty();
  }

  @Test
  void newStartEndsAllAlarms() throws Exception {
    onLoop(() -> gaps.open(record(Topic.MATCH_REQUESTED), 3));
    await(() -> assertThat(down).containsOnlyKeys(MATCH));

    onLoop(gaps::closeAll);

    assertThat(down).isEmpty();
  }

  /** Else what follows a gap would count as applied, and nothing would lag. */
  @Test
  void gapIsKnownFromItsFirstRecordUntilTheLastOneIsClosed() throws Exception {
    assertThat(gaps.areOpen()).isFalse();
    onLoop(() -> gaps.close(Topic.MATCH_REQUESTED));
    assertThat(gaps.areOpen()).isFalse();

    onLoop(() -> gaps.open(record(Topic.MATCH_REQUESTED), 3));
    onLoop(() -> gaps.open(record(Topic.SETTLE_COMPLETED), 3));
    onLoop(() -> gaps.close(Topic.SETTLE_COMPLETED));
    assertThat(gaps.areOpen()).isTrue();

    onLoop(() -> gaps.close(Topic.MATCH_REQUESTED));
    assertThat(gaps.areOpen()).isFalse();
  }

  private static LogRecord record(Topic topic) {
    return new LogRecord(topic, 2, 7, 70, null, null);
  }

  private void onLoop(Runnable task) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    context.runOnContext(v -> {
      task.run();
      done.countDown();
    });
    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private static void await(Runnable assertion) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (true) {
      try {
        assertion.run();
        return;
      } catch (AssertionError notYet) {
        if (System.nanoTime() > end) {
          throw notYet;
        }
        Thread.onSpinWait();
      }
    }
  }
}
