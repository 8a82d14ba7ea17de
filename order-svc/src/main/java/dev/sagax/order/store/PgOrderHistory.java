package dev.sagax.order.store;

import dev.sagax.order.Order;
import dev.sagax.order.OrderHistory;
import dev.sagax.order.Side;
import dev.sagax.platform.log.Topic;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** The orders as last committed, for the API. */
public final class PgOrderHistory implements OrderHistory {
  private static final String FIND =
      "select * from orders.orders where order_id = any($1) and account = $2";
  private static final String FIND_ANY = "select * from orders.orders where order_id = $1";
  private static final String COUNT_OPEN =
      "select count(*) from orders.orders where order_id = any($1) and " + OrderRows.OPEN;
  static final String BEING_CANCELLED =
      """
      select o.order_id
      from orders.orders o join orders.cancelled_to c using (account, market, side)
      where o.account = $1 and ($2 = '' or o.market = $2) and ($3 = 0 or o.side = $3) and o.%s
        and o.number <= c.number
      order by o.market, o.number\
      """
          .formatted(OrderRows.OPEN);
  private static final String DUE =
      """
      select partition, account, market, deadline_micros from orders.cancel_after
      where deadline_micros <= $1 order by deadline_micros limit 1000\
      """;
  private static final String APPLIED =
      """
      select partition, position from orders.step_input where service = 'order-svc' and topic = $1\
      """;

  private final SqlClient db;

  public PgOrderHistory(SqlClient db) {
    this.db = db;
  }

  @Override
  public Future<Map<String, Order>> find(String account, Set<String> orderIds) {
    UUID[] ids = orderIds.stream().map(OrderRows::toUuid).toArray(UUID[]::new);
    return db.preparedQuery(FIND)
        .execute(Tuple.tuple().addValue(ids).addValue(account))
        .map(PgOrderHistory::toOrders)
        .map(found -> found.stream().collect(Collectors.toMap(Order::orderId, order -> order)));
  }

  @Override
  public Future<List<Due>> due(long nowMicros) {
    return db.preparedQuery(DUE)
        .execute(Tuple.of(nowMicros))
        .map(rows -> {
          List<Due> due = new ArrayList<>(rows.size());
          for (Row row : rows) {
            due.add(
                new Due(
                    row.getInteger("partition"),
                    row.getString("account"),
                    row.getString("market"),
                    row.getLong("deadline_micros")));
          }
          return due;
        });
  }

  @Override
  public Future<List<String>> beingCancelled(String account, String market, Optional<Side> side) {
    int code = side.map(only -> only.code).orElse(0);
    return db.preparedQuery(BEING_CANCELLED)
        .execute(Tuple.of(account, market, code))
        .map(rows -> {
          List<String> orderIds = new ArrayList<>(rows.size());
          rows.forEach(row -> orderIds.add(OrderRows.toHex(row.getUUID("order_id"))));
          return orderIds;
        });
  }

  @Override
  public Future<Long> countOpen(Collection<String> orderIds) {
    UUID[] ids = orderIds.stream().map(OrderRows::toUuid).toArray(UUID[]::new);
    return db.preparedQuery(COUNT_OPEN)
        .execute(Tuple.tuple().addValue(ids))
        .map(rows -> rows.iterator().next().getLong(0));
  }

  @Override
  public Future<Optional<Order>> find(String orderId) {
    return db.preparedQuery(FIND_ANY)
        .execute(Tuple.of(OrderRows.toUuid(orderId)))
        .map(rows -> toOrders(rows).stream().findFirst());
  }

  @Override
  public Future<List<Order>> list(Filter filter, Optional<Cursor> after, int limit) {
    ListQuery query = ListQuery.of(filter, after, limit);
    return db.preparedQuery(query.sql()).execute(query.parameters()).map(PgOrderHistory::toOrders);
  }

  @Override
  public Future<Map<Integer, Long>> appliedInstructions() {
    return db.preparedQuery(APPLIED)
        .execute(Tuple.of(Topic.ORDER_REQUESTED.topicName))
        .map(PgOrderHistory::toPositions);
  }

  private static List<Order> toOrders(RowSet<Row> rows) {
    List<Order> orders = new ArrayList<>(rows.size());
    rows.forEach(row -> orders.add(OrderRows.toOrder(row)));
    return orders;
  }

  private static Map<Integer, Long> toPositions(RowSet<Row> rows) {
    Map<Integer, Long> positions = new HashMap<>();
    rows.forEach(row -> positions.put(row.getInteger("partition"), row.getLong("position")));
    return positions;
  }
}
