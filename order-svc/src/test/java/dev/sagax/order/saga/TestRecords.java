package dev.sagax.order.saga;

import dev.sagax.order.Order;
import dev.sagax.proto.event.v1.OrderUpdated;

/** Records as order-svc writes them, for tests elsewhere. */
public final class TestRecords {
  private TestRecords() {}

  public static OrderUpdated updated(Order order) {
    return OrderUpdated.newBuilder().setOrder(OrderRecords.toRecord(order)).build();
  }
}
