package dev.sagax.order.api;

import dev.sagax.order.OrderHistory;
import dev.sagax.platform.log.LogFollower;
import dev.sagax.platform.rpc.Deadline;
import dev.sagax.platform.rpc.Seats;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Finds the orders that refused ones may repeat. Who sends orders that are refused takes few seats,
 * for a short time, and none of those who ask for their orders.
 */
final class RepeatFinder {
  private static final int SEATS_A_PARTITION = 50;
  private static final long LONGEST_MILLIS = 2_000;

  private final OrderFinder orders;
  private final Seats seats = new Seats(SEATS_A_PARTITION);

  RepeatFinder(Vertx vertx, OrderHistory history, LogFollower log) {
    this.orders = new OrderFinder(vertx, history, log);
  }

  /**
   * Several orders of one partition take one seat together.
   *
   * @return fails with the refusal OVERLOADED
   */
  Future<OrderFinder.Found> find(
      String account, Set<String> orderIds, int partition, Deadline deadline) {
    seats.take(partition);
    return orders
        .seek(account, orderIds, OptionalInt.of(partition), deadline.within(LONGEST_MILLIS))
        .onComplete(done -> seats.leave(partition));
  }
}
