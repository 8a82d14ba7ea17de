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
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds orders, also those whose instruction is recorded but not yet applied: if there is no row,
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

  /**
   * What was found of some orders, by id.
   *
   * @param certain whether those that are missing surely do not exist
   */
  record Found(Map<String, Order> orders, boolean certain) {

    /**
     * @return empty if there surely is none
     * @throws RefusedException OUTCOME_UNKNOWN
     */
    Optional<Order> order(String orderId) {
      Order order = orders.get(orderId);
      if (order == null && !certain) {
        throw unknown();
      }
      return Optional.ofNullable(order);
    }
  }

  /**
   * The caller's order. Another account's order is as absent as one that does not exist: it takes
   * as long and gets the same answer.
   *
   * @param partition of the order's market; empty if only its id is known, which does not tell it:
   *     then its absence is certain only once every partition is applied
   * @return fails with the refusal ORDER_NOT_FOUND, OUTCOME_UNKNOWN or OVERLOADED
   */
  Future<Order> find(String account, String orderId, OptionalInt partition, Deadline deadline) {
    return seek(account, Set.of(orderId), partition, deadline)
        .map(found -> found.order(orderId).orElseThrow(InstructionRules::orderNotFound));
  }

  /**
   * As {@link #find}, for several orders, and for whom an order's absence is no refusal.
   *
   * @return fails with the refusal OVERLOADED
   */
  Future<Found> seek(
      String account, Set<String> orderIds, OptionalInt partition, Deadline deadline) {
    return history
        .find(account, orderIds)
        .timeout(deadline.remainingMillis(), TimeUnit.MILLISECONDS)
        .compose(found ->
            found.size() == orderIds.size()
                ? Future.succeededFuture(new Found(found, true))
                : await(account, orderIds, partition, limit(partition, deadline)));
  }

  private Deadline limit(OptionalInt partition, Deadline deadline) {
    return partition.isPresent() ? deadline : deadline.within(longestByIdMillis);
  }

  private Future<Found> await(
      String account, Set<String> orderIds, OptionalInt partition, Deadline deadline) {
    int seat = partition.orElse(ALL_PARTITIONS);
    seats.take(seat);
    return EventLoop.back(vertx, () -> log.endOffsets(Topic.ORDER_REQUESTED))
        .map(ends -> only(partition, ends))
        .compose(ends ->
            Patience.poll(
                vertx,
                POLL_MILLIS,
                () -> look(account, orderIds, ends),
                seen -> seen.certain() || deadline.hasPassed()))
        .timeout(deadline.remainingMillis(), TimeUnit.MILLISECONDS)
        .recover(OrderFinder::notSeen)
        .onComplete(done -> seats.leave(seat));
  }

  private static Map<Integer, Long> only(OptionalInt partition, Map<Integer, Long> ends) {
    return partition.isEmpty()
        ? ends
        : Map.of(partition.getAsInt(), ends.get(partition.getAsInt()));
  }

  /** First how far the log is applied, then the rows: what is applied later is not relied upon. */
  private Future<Found> look(String account, Set<String> orderIds, Map<Integer, Long> ends) {
    return history
        .appliedInstructions()
        .compose(applied ->
            history
                .find(account, orderIds)
                .map(found ->
                    new Found(found, found.size() == orderIds.size() || reaches(applied, ends))));
  }

  private static boolean reaches(Map<Integer, Long> applied, Map<Integer, Long> ends) {
    long none = Topic.ORDER_REQUESTED.beforeFirst();
    return ends.entrySet().stream()
        .allMatch(end -> applied.getOrDefault(end.getKey(), none) >= end.getValue() - 1);
  }

  /** Whatever went wrong, nothing is known of the orders; what nobody expected is loud. */
  private static Future<Found> notSeen(Throwable failure) {
    if (!Faults.isInfrastructure(failure)) {
      LOG.error("Orders could not be looked for", failure);
    }
    return Future.succeededFuture(new Found(Map.of(), false));
  }

  private static RefusedException unknown() {
    return Refusal.of(
            Reason.OUTCOME_UNKNOWN,
            "There is no order of this id yet, but instructions that were recorded before this"
                + " call are still to be decided. Ask again.")
        .asException();
  }
}
