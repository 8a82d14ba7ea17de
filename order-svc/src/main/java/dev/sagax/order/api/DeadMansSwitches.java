package dev.sagax.order.api;

import dev.sagax.order.Instruction.CancelAll;
import dev.sagax.order.OrderHistory;
import dev.sagax.order.OrderHistory.Due;
import dev.sagax.order.saga.OrderRecords;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.LogAppender;
import dev.sagax.platform.log.Topic;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks which dead man's switches are due, and records a cancel of all for each. Every replica does
 * so: the step obeys the first record of a deadline, and only if the switch is still set to it. So
 * it needs no owner, and a start does at once what was due meanwhile.
 */
public final class DeadMansSwitches {
  private static final Logger LOG = LoggerFactory.getLogger(DeadMansSwitches.class);
  private static final long LOOK_MILLIS = 250;
  private static final long LOOK_SECONDS = 5;
  private static final int LOUD_FAILURES = 4;

  /** After this a record that has had no effect is sent once more: it may not be in the log. */
  private static final long AGAIN_MICROS = 5_000_000;

  private final Vertx vertx;
  private final OrderHistory history;
  private final LogAppender appender;
  private final InstantSource clock;
  private final Map<Due, Long> recorded = new HashMap<>();
  private boolean looking;
  private int failures;

  public DeadMansSwitches(
      Vertx vertx, OrderHistory history, LogAppender appender, InstantSource clock) {
    this.vertx = vertx;
    this.history = history;
    this.appender = appender;
    this.clock = clock;
  }

  /** Begins to look; ends with the verticle. */
  public void start() {
    vertx.setPeriodic(LOOK_MILLIS, timer -> look());
  }

  private void look() {
    if (looking) {
      return;
    }
    looking = true;
    long now = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    EventLoop.back(vertx, () -> history.due(now).timeout(LOOK_SECONDS, TimeUnit.SECONDS))
        .compose(due -> record(due, now))
        .onComplete(done -> looking = false)
        .onSuccess(done -> failures = 0)
        .onFailure(this::failed);
  }

  private Future<Void> record(List<Due> due, long now) {
    recorded.keySet().retainAll(due);
    List<Future<Long>> appends = new ArrayList<>();
    for (Due each : due) {
      if (now - recorded.getOrDefault(each, now - AGAIN_MICROS) >= AGAIN_MICROS) {
        recorded.put(each, now);
        appends.add(
            EventLoop.back(vertx, () -> append(each, now))
                .onFailure(failure -> recorded.remove(each)));
      }
    }
    return appends.isEmpty() ? Future.succeededFuture() : Future.join(appends).mapEmpty();
  }

  private Future<Long> append(Due due, long now) {
    String id =
        DeterministicId.cancelAllId(
            due.partition(), due.account(), due.market(), due.deadlineMicros());
    CancelAll all =
        new CancelAll(id, due.account(), due.market(), Optional.empty(), now, due.deadlineMicros());
    return appender.append(Topic.ORDER_REQUESTED, due.partition(), id, OrderRecords.toRecord(all));
  }

  /** Tried again at the next look; one that fails is no news, for instance while all stops. */
  private void failed(Throwable failure) {
    if (++failures == LOUD_FAILURES) {
      LOG.warn("Dead man's switches that are due have to wait: {}", failure.toString());
    }
  }
}
