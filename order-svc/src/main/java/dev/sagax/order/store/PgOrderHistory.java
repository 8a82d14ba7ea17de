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
import java.util.HashSet;
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
  private static final String STILL_OPEN =
      "select order_id from orders.orders where order_id = any($1) and " + OrderRows.OPEN;
  static final String OPEN_BY_MARKET =
      "select market, count(*) from orders.orders where account = $1 and %s group by market"
          .formatted(OrderRows.OPEN);
  static final String BEING_CANCELLED =
      """
      select o.order_id
      from orders.orders o join orders.cancelled_to c using (account, market, side)
      where o.account = $1 and ($2 = '' or o.market = $2) and ($3 = 0 or o.side = $3) and o.%s
        and o.number <= c.number
      order by o.market, o.number\
      """
          .formatted(OrderRows.OPEN);

  /**
   * A page of each partition, so that one where nothing is applied keeps nothing from others. A
   * replica whose clock is ahead does not decide by itself that a switch is due.
   */
  static final String DUE =
      """
      select s.* from unnest($2::int[], $3::bigint[], $4::text[], $5::text[])
        as p(partition, deadline_micros, account, market)
      cross join lateral (
        select s.partition, s.account, s.market, s.deadline_micros from orders.cancel_after s
        where s.partition = p.partition
          and s.deadline_micros <= least($1, (extract(epoch from now()) * 1000000)::bigint)
          and (s.deadline_micros, s.account, s.market) > (p.deadline_micros, p.account, p.market)
        order by s.deadline_micros, s.account, s.market limit %d) s
      order by s.partition, s.deadline_micros, s.account, s.market\
      """
          .formatted(DUE_PAGE);

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
  public Future<List<Due>> due(long nowMicros, Collection<Due> after) {
    return db.preparedQuery(DUE)
        .execute(toDue(nowMicros, List.copyOf(after)))
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

  static Tuple toDue(long nowMicros, List<Due> after) {
    return Tuple.of(nowMicros)
        .addValue(OrderRows.column(after, Integer[]::new, Due::partition))
        .addValue(OrderRows.column(after, Long[]::new, Due::deadlineMicros))
        .addValue(OrderRows.column(after, String[]::new, Due::account))
        .addValue(OrderRows.column(after, String[]::new, Due::market));
  }

  @Override
  public Future<Map<String, Long>> openByMarket(String account) {
    return db.preparedQuery(OPEN_BY_MARKET)
        .execute(Tuple.of(account))
        .map(rows -> {
          Map<String, Long> counts = new HashMap<>();
          rows.forEach(row -> counts.put(row.getString(0), row.getLong(1)));
          return counts;
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
  public Future<Set<String>> stillOpen(Collection<String> orderIds) {
    UUID[] ids = orderIds.stream().map(OrderRows::toUuid).toArray(UUID[]::new);
    return db.preparedQuery(STILL_OPEN)
        .execute(Tuple.tuple().addValue(ids))
        .map(rows -> {
          Set<String> open = new HashSet<>();
          rows.forEach(row -> open.add(OrderRows.toHex(row.getUUID(0))));
          return open;
        });
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
