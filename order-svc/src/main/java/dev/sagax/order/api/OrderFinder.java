package dev.sagax.order.api;

import dev.sagax.order.Order;
import dev.sagax.order.OrderHistory;
import dev.sagax.platform.log.LogFollower;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Finds one order, also one whose instruction is recorded but not yet applied: if there is no row,
 * it waits until order-svc has applied the log as it was when it looked.
 */
final class OrderFinder {
  private static final long POLL_MILLIS = 20;

  private final Vertx vertx;
  private final OrderHistory history;
  private final LogFollower log;

  OrderFinder(Vertx vertx, OrderHistory history, LogFollower log) {
    this.vertx = vertx;
    this.history = history;
    this.log = log;
  }

  /** The caller's order; fails with the refusal ORDER_NOT_FOUND or OUTCOME_UNKNOWN. */
  Future<Order> find(String account, String orderId, Deadline deadline) {
    return history
        .find(orderId)
        .compose(found ->
            found.isPresent()
                ? Future.succeededFuture(found)
                : awaitLog(deadline).compose(applied -> history.find(orderId)))
        .map(found ->
            found
                .filter(order -> order.account().equals(account))
                .orElseThrow(InstructionRules::orderNotFound));
  }

  private Future<Void> awaitLog(Deadline deadline) {
    return EventLoop.back(vertx, log.endOffsets(Topic.ORDER_REQUESTED))
        .timeout(deadline.remainingMillis(), TimeUnit.MILLISECONDS)
        .compose(ends -> awaitApplied(ends, deadline))
        .recover(OrderFinder::unknown);
  }

  private Future<Void> awaitApplied(Map<Integer, Long> ends, Deadline deadline) {
    return history
        .appliedInstructions()
        .compose(applied -> {
          if (reaches(applied, ends)) {
            return Future.succeededFuture();
          }
          if (deadline.hasPassed()) {
            return Future.failedFuture(new TimeoutException("The log is not yet applied."));
          }
          return vertx.timer(POLL_MILLIS).compose(later -> awaitApplied(ends, deadline));
        });
  }

  private static boolean reaches(Map<Integer, Long> applied, Map<Integer, Long> ends) {
    long none = Topic.ORDER_REQUESTED.beforeFirst();
    return ends.entrySet().stream()
        .allMatch(end -> applied.getOrDefault(end.getKey(), none) >= end.getValue() - 1);
  }

  private static <T> Future<T> unknown(Throwable cause) {
    return Future.failedFuture(
        Refusal.of(
                Reason.OUTCOME_UNKNOWN,
                "There is no order of this id yet, but instructions that were recorded before this"
                    + " call are still to be decided. Ask again.")
            .asException());
  }
}
