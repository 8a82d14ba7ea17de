package dev.sagax.order.store;

import dev.sagax.order.Order;
import dev.sagax.order.OrderHistory;
import dev.sagax.platform.log.Topic;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
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
