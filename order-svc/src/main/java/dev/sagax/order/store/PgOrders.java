package dev.sagax.order.store;

import dev.sagax.order.Instruction.CancelOrder;
import dev.sagax.order.MarketStatus;
import dev.sagax.order.Order;
import dev.sagax.order.Orders;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/** The orders as the step of a partition reads and changes them: one query, three statements. */
public final class PgOrders implements Orders {
  public static final String SCHEMA = "orders";

  private static final String LOAD =
      """
      select o.*, asked.id as asked_id, c.order_id is not null as cancelled_before
      from unnest($1::uuid[]) as asked(id)
      left join orders.orders o on o.order_id = asked.id
      left join orders.cancelled_before c on c.order_id = asked.id
      where o.order_id is not null or c.order_id is not null\
      """;
  private static final String REMEMBER_CANCELS =
      """
      insert into orders.cancelled_before(order_id, time_micros)
      select * from unnest($1::uuid[], $2::bigint[]) on conflict (order_id) do nothing\
      """;
  private static final String LAST_INSTRUCTION =
      """
      select position from orders.step_input
      where service = 'order-svc' and partition = $1 and topic = $2\
      """;

  private final StepWrites step;

  public PgOrders(StepWrites step) {
    this.step = step;
  }

  /** The position of `order.requested` that a partition has applied; empty before the first. */
  public static Future<OptionalLong> lastInstruction(SqlClient db, int partition) {
    return db.preparedQuery(LAST_INSTRUCTION)
        .execute(Tuple.of(partition, Topic.ORDER_REQUESTED.topicName))
        .map(PgOrders::position);
  }

  private static OptionalLong position(RowSet<Row> rows) {
    for (Row row : rows) {
      return OptionalLong.of(row.getLong("position"));
    }
    return OptionalLong.empty();
  }

  @Override
  public Future<Known> load(Collection<String> orderIds) {
    UUID[] ids = orderIds.stream().map(OrderRows::toUuid).toArray(UUID[]::new);
    return step.db()
        .preparedQuery(LOAD)
        .execute(Tuple.tuple().addValue(ids))
        .map(PgOrders::toKnown);
  }

  private static Known toKnown(RowSet<Row> rows) {
    Map<String, Order> orders = new HashMap<>();
    Set<String> cancelledBefore = new HashSet<>();
    for (Row row : rows) {
      if (row.getUUID("order_id") != null) {
        Order order = OrderRows.toOrder(row);
        orders.put(order.orderId(), order);
      }
      if (row.getBoolean("cancelled_before")) {
        cancelledBefore.add(OrderRows.toHex(row.getUUID("asked_id")));
      }
    }
    return new Known(orders, cancelledBefore);
  }

  @Override
  public void save(Changes changes) {
    if (!changes.placed().isEmpty()) {
      step.write(OrderRows.INSERT, OrderRows.toInsert(changes.placed()));
    }
    if (!changes.changed().isEmpty()) {
      step.write(OrderRows.UPDATE, OrderRows.toUpdate(changes.changed()));
    }
    if (!changes.cancelledBefore().isEmpty()) {
      step.write(REMEMBER_CANCELS, toRemember(changes.cancelledBefore()));
    }
  }

  @Override
  public void saveStatuses(Collection<MarketStatus> changes) {
    if (!changes.isEmpty()) {
      step.write(PgMarketStatuses.SAVE, PgMarketStatuses.toSave(changes));
    }
  }

  private static Tuple toRemember(List<CancelOrder> cancels) {
    return Tuple.tuple()
        .addValue(
            OrderRows.column(cancels, UUID[]::new, cancel -> OrderRows.toUuid(cancel.orderId())))
        .addValue(OrderRows.column(cancels, Long[]::new, CancelOrder::timeMicros));
  }
}
