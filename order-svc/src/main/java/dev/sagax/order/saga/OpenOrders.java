package dev.sagax.order.saga;

import dev.sagax.order.Order;
import java.util.LinkedHashMap;
import java.util.Map;

/** The open orders a partition touched last: a copy of committed rows, so it may forget any. */
final class OpenOrders extends LinkedHashMap<String, Order> {
  private static final long serialVersionUID = 1L;
  private static final int INITIAL_CAPACITY = 1_024;
  private static final float LOAD_FACTOR = 0.75f;

  private final int limit;

  OpenOrders(int limit) {
    super(INITIAL_CAPACITY, LOAD_FACTOR, true);
    this.limit = limit;
  }

  void keep(Order order) {
    if (order.closed()) {
      remove(order.orderId());
    } else {
      put(order.orderId(), order);
    }
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<String, Order> eldest) {
    return size() > limit;
  }
}
