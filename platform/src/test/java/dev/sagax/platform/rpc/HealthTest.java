package dev.sagax.platform.rpc;

import static dev.sagax.platform.rpc.Answers.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sagax.platform.refusal.Reason;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import io.vertx.core.Context;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class HealthTest {
  private static final String LEDGER = "sagax.ledger.v1.LedgerService";

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
  void isAliveButNotReadyUntilStarted() {
    assertThat(check("liveness")).isEqualTo(ServingStatus.SERVING);
    assertThat(check("readiness")).isEqualTo(ServingStatus.NOT_SERVING);

    running.health.started();

    assertThat(check("")).isEqualTo(ServingStatus.SERVING);
    assertThat(check("readiness")).isEqualTo(ServingStatus.SERVING);
    assertThat(check(LEDGER)).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void isReadyOnlyWhileAllDependenciesAreUp() {
    running.health.started();
    running.health.report("kafka", true, "");
    running.health.report("redis", false, "Connection refused");
    running.health.report("postgres", false, "Connection refused");

    assertThat(check("")).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(check(LEDGER)).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(check("liveness")).isEqualTo(ServingStatus.SERVING);
    assertThat(running.health.down()).containsOnlyKeys("redis", "postgres");

    running.health.report("redis", true, "");
    assertThat(check("")).isEqualTo(ServingStatus.NOT_SERVING);
    running.health.report("postgres", true, "");
    assertThat(check("")).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void alarmHasANameOfItsOwnAndLeavesTheServiceReady() {
    running.health.started();
    assertFailed(() -> check("ledger-audit"), Code.NOT_FOUND, Reason.UNKNOWN_METHOD);

    running.health.alarm("ledger-audit", false, "");
    assertThat(check("ledger-audit")).isEqualTo(ServingStatus.SERVING);
    running.health.alarm("ledger-audit", true, "A balance is wrong.");

    assertThat(check("ledger-audit")).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(check("readiness")).isEqualTo(ServingStatus.SERVING);
    assertThat(check("")).isEqualTo(ServingStatus.SERVING);
    assertThat(check("liveness")).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void loadingIsNotReadyButNoWarning() {
    running.health.started();
    Logger logger = (Logger) LoggerFactory.getLogger(ServiceHealth.class);
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    logger.addAppender(logged);

    running.health.loading("partition 3");
    assertThat(check("")).isEqualTo(ServingStatus.NOT_SERVING);
    running.health.report("partition 3", false, "the broker is away");
    running.health.report("partition 3", true, "");
    logger.detachAppender(logged);

    assertThat(check("")).isEqualTo(ServingStatus.SERVING);
    assertThat(logged.list)
        .extracting(ILoggingEvent::getLevel)
        .containsExactly(Level.INFO, Level.WARN, Level.INFO);
  }

  @Test
  void unknownServiceIsNotFound() {
    assertFailed(() -> check("sagax.NoService"), Code.NOT_FOUND, Reason.UNKNOWN_METHOD);
  }

  @Test
  void watchTellsTheStatusAndEachChange() {
    var watch = new Watch("readiness");
    Eventually.passes(() -> assertThat(watch.told).containsExactly(ServingStatus.NOT_SERVING));

    running.health.started();
    Eventually.passes(() -> assertThat(watch.told).hasSize(2).endsWith(ServingStatus.SERVING));
    running.health.report("kafka", false, "gone");
    Eventually.passes(() -> assertThat(watch.told).hasSize(3).endsWith(ServingStatus.NOT_SERVING));
    running.health.report("kafka", false, "still gone");
    running.health.report("kafka", true, "back");

    Eventually.passes(() -> assertThat(watch.told).hasSize(4).endsWith(ServingStatus.SERVING));
  }

  @Test
  void watchOfAnUnknownServiceSaysSoAndStaysOpen() {
    var watch = new Watch("sagax.NoService");

    Eventually.passes(() -> assertThat(watch.told).containsExactly(ServingStatus.SERVICE_UNKNOWN));
    assertThat(watch.ended).isNull();
  }

  @Test
  void watchEndsWhenTheEdgeCloses() throws Exception {
    var watch = new Watch("");
    Eventually.passes(() -> assertThat(watch.told).hasSize(1));

    RunningEdge.await(running.edge.close());

    Eventually.passes(() -> assertThat(watch.ended).isNotNull());
    assertFailed(
        () -> {
          throw watch.ended;
        },
        Code.UNAVAILABLE,
        Reason.SHUTTING_DOWN);
  }

  @Test
  void stuckEventLoopEndsTheLiveness() throws Exception {
    running.health.started();
    Context victim = contextOffTheLoopOf(running.context);
    running.health.watchLoop(running.context);
    running.health.watchLoop(victim);
    var watch = new Watch("liveness");
    var release = new CountDownLatch(1);

    victim.runOnContext(v -> blockOn(release));

    Eventually.passes(() -> assertThat(watch.told).endsWith(ServingStatus.NOT_SERVING));
    assertThat(check("liveness")).isEqualTo(ServingStatus.NOT_SERVING);
    release.countDown();
    Eventually.passes(() -> assertThat(check("liveness")).isEqualTo(ServingStatus.SERVING));
  }

  @Test
  void loopThatIsWatchedNoMoreMayStop() throws Exception {
    Context victim = contextOffTheLoopOf(running.context);
    Context clock = contextOffTheLoopOf(running.context, victim);
    Runnable end = running.health.watchLoop(victim);
    running.health.watchLoop(clock);
    var releaseVictim = new CountDownLatch(1);
    var releaseClock = new CountDownLatch(1);

    end.run();
    victim.runOnContext(v -> blockOn(releaseVictim));
    clock.runOnContext(v -> blockOn(releaseClock));

    // By then the victim has been still for too long as well.
    Eventually.passes(() -> assertThat(check("liveness")).isEqualTo(ServingStatus.NOT_SERVING));
    releaseClock.countDown();
    Eventually.passes(() -> assertThat(check("liveness")).isEqualTo(ServingStatus.SERVING));
    releaseVictim.countDown();
  }

  /** A context of another event loop than all of these. */
  private Context contextOffTheLoopOf(Context... others) {
    var vertx = (VertxInternal) running.vertx;
    while (true) {
      ContextInternal candidate = vertx.createEventLoopContext();
      if (Stream.of(others)
          .noneMatch(
              other -> ((ContextInternal) other).nettyEventLoop() == candidate.nettyEventLoop())) {
        return candidate;
      }
    }
  }

  private static void blockOn(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ServingStatus check(String service) {
    return HealthGrpc.newBlockingStub(running.channel)
        .withDeadlineAfter(10, TimeUnit.SECONDS)
        .check(HealthCheckRequest.newBuilder().setService(service).build())
        .getStatus();
  }

  /** What a watching client is told. */
  private final class Watch implements StreamObserver<HealthCheckResponse> {
    final List<ServingStatus> told = new CopyOnWriteArrayList<>();
    volatile StatusRuntimeException ended;

    Watch(String service) {
      HealthGrpc.newStub(running.channel)
          .watch(HealthCheckRequest.newBuilder().setService(service).build(), this);
    }

    @Override
    public void onNext(HealthCheckResponse value) {
      told.add(value.getStatus());
    }

    @Override
    public void onError(Throwable t) {
      ended = (StatusRuntimeException) t;
    }

    @Override
    public void onCompleted() {
      throw new AssertionError("A watch never completes.");
    }
  }
}
