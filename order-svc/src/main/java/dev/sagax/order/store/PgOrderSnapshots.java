package dev.sagax.order.store;

import dev.sagax.order.Order;
import dev.sagax.order.OrderSnapshots;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.stream.Cursor;
import dev.sagax.platform.stream.OutputNumbers;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Open orders and the numbers of their news, committed together and read in one snapshot. */
public final class PgOrderSnapshots implements OrderSnapshots {
  private static final String OPEN_ORDERS =
      """
      select * from orders.orders
      where account = $1 and status <= 3 and ($2 = '' or market = $2)
      order by create_micros, order_id limit $3\
      """;

  private final Pool db;
  private final OutputNumbers numbers =
      new OutputNumbers(PgOrders.SCHEMA, "order-svc", Topic.ORDER_UPDATED);

  public PgOrderSnapshots(Pool db) {
    this.db = db;
  }

  @Override
  public Future<Snapshot> openOrders(
      String account, String market, Set<Integer> partitions, int limit) {
    return db.withConnection(connection ->
        connection
            .query("begin isolation level repeatable read read only")
            .execute()
            .compose(v -> read(connection, account, market, partitions, limit))
            .eventually(() -> connection.query("commit").execute()));
  }

  private Future<Snapshot> read(
      SqlConnection snapshot, String account, String market, Set<Integer> partitions, int limit) {
    return numbers
        .of(snapshot, partitions)
        .compose(news ->
            openOrders(snapshot, account, market, limit).map(orders -> new Snapshot(orders, news)));
  }

  private static Future<List<Order>> openOrders(
      SqlClient db, String account, String market, int limit) {
    return db.preparedQuery(OPEN_ORDERS)
        .execute(Tuple.of(account, market, (long) limit))
        .map(rows -> {
          List<Order> orders = new ArrayList<>(rows.size());
          rows.forEach(row -> orders.add(OrderRows.toOrder(row)));
          return orders;
        });
  }

  @Override
  public Future<Cursor> news(Set<Integer> partitions) {
    return numbers.of(db, partitions);
  }
}
