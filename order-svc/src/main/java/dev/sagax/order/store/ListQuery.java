package dev.sagax.order.store;

import dev.sagax.order.OrderHistory.Cursor;
import dev.sagax.order.OrderHistory.Filter;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;

/**
 * The query for a page of orders. Only filters that are set are in its text, so that each is a
 * plain condition and the few texts there are stay prepared. It reads an index of the account's
 * orders by time; if none may be closed, the index of the open ones, of which there are never many.
 */
record ListQuery(String sql, Tuple parameters) {
  private static final String NO_ORDER = "0".repeat(32);

  static ListQuery of(Filter filter, Optional<Cursor> after, int limit) {
    Cursor cursor = after.orElseGet(() -> new Cursor(filter.untilMicros(), NO_ORDER));
    Tuple parameters =
        Tuple.of(
            filter.account(),
            filter.fromMicros(),
            cursor.createMicros(),
            OrderRows.toUuid(cursor.orderId()),
            (long) limit);
    String orders =
        "select * from orders.orders where account = $1" + conditions(filter, parameters);
    String of =
        filter.onlyOpen()
            ? "with listed as materialized (" + orders + ") select * from listed where"
            : orders + " and";
    return new ListQuery(
        of
            + " create_micros >= $2 and create_micros <= $3 and (create_micros, order_id) < ($3, $4)"
            + " order by create_micros desc, order_id desc limit $5",
        parameters);
  }

  private static String conditions(Filter filter, Tuple parameters) {
    StringBuilder conditions = new StringBuilder();
    if (filter.onlyOpen()) {
      conditions.append(" and ").append(OrderRows.OPEN);
    }
    if (!filter.market().isEmpty()) {
      conditions.append(" and market = ").append(next(parameters, filter.market()));
    }
    if (!filter.statuses().isEmpty()) {
      Short[] codes =
          filter.statuses().stream().map(status -> (short) status.code).toArray(Short[]::new);
      conditions.append(" and status = any(").append(next(parameters, codes)).append(')');
    }
    filter
        .side()
        .ifPresent(
            side -> conditions.append(" and side = ").append(next(parameters, (short) side.code)));
    return conditions.toString();
  }

  private static String next(Tuple parameters, Object value) {
    parameters.addValue(value);
    return "$" + parameters.size();
  }
}
