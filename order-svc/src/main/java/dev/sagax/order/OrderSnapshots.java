package dev.sagax.order;

import dev.sagax.platform.stream.Cursor;
import io.vertx.core.Future;
import java.util.List;
import java.util.Set;

/** The orders of an account as they are at one moment, and which news have led to that. */
public interface OrderSnapshots {

  /**
   * @param orders open ones, oldest first
   * @param news the last record of `order.updated` that the orders include, of each partition asked
   *     for
   */
  record Snapshot(List<Order> orders, Cursor news) {
    public Snapshot {
      orders = List.copyOf(orders);
    }
  }

  /**
   * The account's open orders.
   *
   * @param market only of this market; all when empty
   * @param limit at most so many
   */
  Future<Snapshot> openOrders(String account, String market, Set<Integer> partitions, int limit);

  /** The last record of `order.updated` that was given a number, of each of these partitions. */
  Future<Cursor> news(Set<Integer> partitions);
}
