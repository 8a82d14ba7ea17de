package dev.sagax.order.api;

import dev.sagax.order.Order;
import dev.sagax.order.OrderHistory;
import dev.sagax.platform.boot.Patience;
import dev.sagax.platform.log.Faults;
import dev.sagax.platform.log.LogFollower;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.platform.rpc.Deadline;
import dev.sagax.platform.rpc.Seats;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds one order, also one whose instruction is recorded but not yet applied: if there is no row,
 * it looks until there is one, or until order-svc has applied the log as it was at the call.
 */
final class OrderFinder {
  private static final Logger LOG = LoggerFactory.getLogger(OrderFinder.class);
  private static final long POLL_MILLIS = 20;
  private static final int SEATS_A_PARTITION = 250;

  /** All who know an id alone share the same seats, so nobody may keep one for long. */
  private static final long LONGEST_BY_ID_MILLIS = 5_000;

  /** Where those sit who must wait for every partition. */
  private static final int ALL_PARTITIONS = -1;

  private final Vertx vertx;
  private final OrderHistory history;
  private final LogFollower log;
  private final long longestByIdMillis;
  private final Seats seats = new Seats(SEATS_A_PARTITION);

  OrderFinder(Vertx vertx, OrderHistory history, LogFollower log) {
    this(vertx, history, log, LONGEST_BY_ID_MILLIS);
  }

  /**
   * @param longestByIdMillis how long an order is awaited of which only its id is known
   */
  OrderFinder(Vertx vertx, OrderHistory history, LogFollower log, long longestByIdMillis) {
    this.vertx = vertx;
    this.history = history;
    this.log = log;
    this.longestByIdMillis = longestByIdMillis;
  }

  /** What one look saw; certain if the order is there, or surely is not. */
  private record Look(Optional<Order> order, boolean certain) {}

  /**
   * The caller's order. Another account's order is as absent as one that does not exist: it takes
   * as long and gets the same answer.
   *
   * @param partition of the order's market; empty if only its id is known, which does not tell it:
   *     then its absence is certain only once every partition is applied
   * @return fails with the refusal ORDER_NOT_FOUND, OUTCOME_UNKNOWN or OVERLOADED
   */
  Future<Order> find(String account, String orderId, OptionalInt partition, Deadline deadline) {
    return seek(account, orderId, partition, deadline)
        .map(found -> found.orElseThrow(InstructionRules::orderNotFound));
  }

  /**
   * As {@link #find}, for whom an order's absence is no refusal.
   *
   * @return empty if the order surely is not there
   */
  Future<Optional<Order>> seek(
      String account, String orderId, OptionalInt partition, Deadline deadline) {
    return history
        .find(account, orderId)
        .timeout(deadline.remainingMillis(), TimeUnit.MILLISECONDS)
        .compose(found ->
            found.isPresent()
                ? Future.succeededFuture(found)
                : await(account, orderId, partition, limit(partition, deadline)));
  }

  private Deadline limit(OptionalInt partition, Deadline deadline) {
    return partition.isPresent() ? deadline : deadline.within(longestByIdMillis);
  }

  private Future<Optional<Order>> await(
      String account, String orderId, OptionalInt partition, Deadline deadline) {
    int seat = partition.orElse(ALL_PARTITIONS);
    seats.take(seat);
    return EventLoop.back(vertx, () -> log.endOffsets(Topic.ORDER_REQUESTED))
        .map(ends -> only(partition, ends))
        .compose(ends ->
            Patience.poll(
                vertx,
                POLL_MILLIS,
                () -> look(account, orderId, ends),
                seen -> seen.certain() || deadline.hasPassed()))
        .timeout(deadline.remainingMillis(), TimeUnit.MILLISECONDS)
        .recover(OrderFinder::notSeen)
        .onComplete(done -> seats.leave(seat))
        .map(OrderFinder::certainly);
  }

  private static Map<Integer, Long> only(OptionalInt partition, Map<Integer, Long> ends) {
    return partition.isEmpty()
        ? ends
        : Map.of(partition.getAsInt(), ends.get(partition.getAsInt()));
  }

  /** First how far the log is applied, then the row: what is applied later is not relied upon. */
  private Future<Look> look(String account, String orderId, Map<Integer, Long> ends) {
    return history
        .appliedInstructions()
        .compose(applied ->
            history
                .find(account, orderId)
                .map(found -> new Look(found, found.isPresent() || reaches(applied, ends))));
  }

  private static boolean reaches(Map<Integer, Long> applied, Map<Integer, Long> ends) {
    long none = Topic.ORDER_REQUESTED.beforeFirst();
    return ends.entrySet().stream()
        .allMatch(end -> applied.getOrDefault(end.getKey(), none) >= end.getValue() - 1);
  }

  /** Whatever went wrong, nothing is known of the order; what nobody expected is loud. */
  private static Future<Look> notSeen(Throwable failure) {
    if (!Faults.isInfrastructure(failure)) {
      LOG.error("An order could not be looked for", failure);
    }
    return Future.succeededFuture(new Look(Optional.empty(), false));
  }

  private static Optional<Order> certainly(Look seen) {
    if (!seen.certain()) {
      throw unknown();
    }
    return seen.order();
  }

  private static RefusedException unknown() {
    return Refusal.of(
            Reason.OUTCOME_UNKNOWN,
            "There is no order of this id yet, but instructions that were recorded before this"
                + " call are still to be decided. Ask again.")
        .asException();
  }
}
