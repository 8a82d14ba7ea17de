package dev.sagax.order;

import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The orders as last committed, for those who look at them. */
public interface OrderHistory {

  /**
   * Which orders to list.
   *
   * @param market only of this market; all when empty
   * @param openOnly only those that are not closed
   */
  record Filter(String account, String market, boolean openOnly) {}

  /** A place in a list that goes from new to old: it continues after this order. */
  record Cursor(long createMicros, String orderId) {}

  /** The order of this id, if it is the account's. */
  Future<Optional<Order>> find(String account, String orderId);

  /** The order of this id, whoever owns it. */
  Future<Optional<Order>> find(String orderId);

  /** The newest orders first, at most {@code limit}, of those after the cursor if there is one. */
  Future<List<Order>> list(Filter filter, Optional<Cursor> after, int limit);

  /** The last position of `order.requested` that is applied, by partition; none = nothing yet. */
  Future<Map<Integer, Long>> appliedInstructions();
}
