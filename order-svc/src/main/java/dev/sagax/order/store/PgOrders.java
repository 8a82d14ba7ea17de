package dev.sagax.order.store;

import dev.sagax.order.Instruction.CancelOrder;
import dev.sagax.order.MarketStatus;
import dev.sagax.order.OpenOrder;
import dev.sagax.order.Order;
import dev.sagax.order.Orders;
import dev.sagax.order.Side;
import dev.sagax.platform.log.StepWrites;
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
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/** The orders as the step of a partition reads and changes them, a statement for all of a kind. */
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
  private static final String COUNT_OPEN =
      """
      select p.account, p.market, (select count(*) from orders.orders o
        where o.account = p.account and o.market = p.market and %s)
      from unnest($1::text[], $2::text[]) as p(account, market)\
      """
          .formatted(OrderRows.OPEN);
  private static final String SELECT_OPEN =
      """
      select o.order_id, o.market, o.side, o.number
      from orders.orders o left join orders.cancelled_to c using (account, market, side)
      where o.account = $1 and o.market = any($2) and o.%s and o.number > coalesce(c.number, 0)
      order by o.number\
      """
          .formatted(OrderRows.OPEN);
  private static final String CANCELLED_TO =
      """
      insert into orders.cancelled_to as c (account, market, side, number)
      select * from unnest($1::text[], $2::text[], $3::smallint[], $4::bigint[])
      on conflict (account, market, side) do update set number = excluded.number\
      """;
  private static final String LAST_INSTRUCTION =
      """
      select position from orders.step_input
      where service = 'order-svc' and partition = $1 and topic = $2\
      """;

  private static final String DEADLINES =
      """
      select s.account, s.market, s.deadline_micros
      from unnest($2::text[], $3::text[]) as asked(account, market)
      join orders.cancel_after s using (account, market) where s.partition = $1\
      """;
  private static final String SET_SWITCHES =
      """
      insert into orders.cancel_after(partition, account, market, deadline_micros)
      select $1::int, * from unnest($2::text[], $3::text[], $4::bigint[])
      on conflict (partition, account, market) do update set deadline_micros = excluded.deadline_micros\
      """;
  private static final String UNSET_SWITCHES =
      """
      delete from orders.cancel_after s using unnest($2::text[], $3::text[]) as u(account, market)
      where s.partition = $1 and s.account = u.account and s.market = u.market\
      """;

  private final StepWrites step;
  private final int partition;

  public PgOrders(StepWrites step, int partition) {
    this.step = step;
    this.partition = partition;
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
  public Future<Map<Place, Integer>> countOpen(Collection<Place> places) {
    List<Place> asked = List.copyOf(places);
    return step.db()
        .preparedQuery(COUNT_OPEN)
        .execute(
            Tuple.tuple()
                .addValue(OrderRows.column(asked, String[]::new, Place::account))
                .addValue(OrderRows.column(asked, String[]::new, Place::market)))
        .map(PgOrders::toCounts);
  }

  private static Map<Place, Integer> toCounts(RowSet<Row> rows) {
    Map<Place, Integer> counts = new HashMap<>();
    for (Row row : rows) {
      counts.put(new Place(row.getString(0), row.getString(1)), Math.toIntExact(row.getLong(2)));
    }
    return counts;
  }

  @Override
  public Future<List<OpenOrder>> open(String account, Collection<String> markets) {
    return step.db()
        .preparedQuery(SELECT_OPEN)
        .execute(Tuple.tuple().addValue(account).addValue(markets.toArray(String[]::new)))
        .map(PgOrders::toOpenOrders);
  }

  private static List<OpenOrder> toOpenOrders(RowSet<Row> rows) {
    List<OpenOrder> open = new ArrayList<>(rows.size());
    for (Row row : rows) {
      open.add(
          new OpenOrder(
              OrderRows.toHex(row.getUUID("order_id")),
              row.getString("market"),
              Side.ofCode(row.getShort("side")),
              row.getLong("number")));
    }
    return open;
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
    if (!changes.cancelledTo().isEmpty()) {
      step.write(CANCELLED_TO, toCancelledTo(changes.cancelledTo()));
    }
    switchTo(changes.switched());
  }

  private void switchTo(Map<Switch, Long> switched) {
    List<Switch> set = new ArrayList<>();
    List<Switch> unset = new ArrayList<>();
    switched.forEach((which, deadline) -> (deadline > 0 ? set : unset).add(which));
    if (!set.isEmpty()) {
      step.write(
          SET_SWITCHES, toColumns(set).addValue(OrderRows.column(set, Long[]::new, switched::get)));
    }
    if (!unset.isEmpty()) {
      step.write(UNSET_SWITCHES, toColumns(unset));
    }
  }

  private Tuple toColumns(List<Switch> switches) {
    return Tuple.tuple()
        .addValue(partition)
        .addValue(OrderRows.column(switches, String[]::new, Switch::account))
        .addValue(OrderRows.column(switches, String[]::new, Switch::market));
  }

  @Override
  public Future<Map<Switch, Long>> deadlines(Collection<Switch> switches) {
    return step.db()
        .preparedQuery(DEADLINES)
        .execute(toColumns(List.copyOf(switches)))
        .map(rows -> {
          Map<Switch, Long> deadlines = new HashMap<>();
          for (Row row : rows) {
            deadlines.put(new Switch(row.getString(0), row.getString(1)), row.getLong(2));
          }
          return deadlines;
        });
  }

  private static Tuple toCancelledTo(List<CancelledTo> cancelled) {
    return Tuple.tuple()
        .addValue(OrderRows.column(cancelled, String[]::new, CancelledTo::account))
        .addValue(OrderRows.column(cancelled, String[]::new, CancelledTo::market))
        .addValue(OrderRows.column(cancelled, Short[]::new, to -> (short) to.side().code))
        .addValue(OrderRows.column(cancelled, Long[]::new, CancelledTo::number));
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
