package dev.sagax.match.store;

import dev.sagax.match.BookChanges;
import dev.sagax.match.BookedOrder;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Market;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/** The durable book: a table of what rests. */
public final class PgBook {
  private static final int PAGE = 5_000;
  private static final long NO_NUMBER = Long.MIN_VALUE;
  private static final String LOAD =
      """
      select number, market, order_id, account, side, price, quantity, maker_bps, ordered
      from matching.resting_order where partition = $1 and number > $2 order by number limit $3\
      """;
  private static final String INSERT =
      """
      insert into matching.resting_order
        (partition, number, market, order_id, account, side, price, quantity, maker_bps, ordered)
      select $1::int, * from unnest($2::bigint[], $3::text[], $4::uuid[], $5::text[], $6::smallint[],
        $7::bigint[], $8::bigint[], $9::int[], $10::bigint[])\
      """;
  private static final String UPDATE =
      """
      update matching.resting_order o set quantity = n.quantity, ordered = n.ordered
      from unnest($2::bigint[], $3::bigint[], $4::bigint[]) as n(number, quantity, ordered)
      where o.partition = $1 and o.number = any($2::bigint[]) and o.number = n.number\
      """;
  private static final String DELETE =
      "delete from matching.resting_order where partition = $1 and number = any($2::bigint[])";

  /** One statement, so that the levels and the number belong to the same commit. */
  private static final String LEVELS =
      """
      select 0::smallint as side, coalesce(max(last_seq), 0) as price,
        0::numeric as quantity, 0::bigint as orders
      from matching.step_output where service = $3 and partition = $4 and topic = $5
      union all
      (select side, price, sum(quantity), count(*) from matching.resting_order
       where market = $1 and side = 1 group by side, price order by price desc limit $2)
      union all
      (select side, price, sum(quantity), count(*) from matching.resting_order
       where market = $1 and side = 2 group by side, price order by price limit $2)\
      """;

  /** As the other, with prices brought to multiples of $6: bids down, asks up. */
  private static final String GROUPED_LEVELS =
      """
      select 0::smallint as side, coalesce(max(last_seq), 0) as price,
        0::numeric as quantity, 0::bigint as orders
      from matching.step_output where service = $3 and partition = $4 and topic = $5
      union all
      (select side, price - price % $6 as multiple, sum(quantity), count(*) from matching.resting_order
       where market = $1 and side = 1 group by side, multiple order by multiple desc limit $2)
      union all
      (select side, price + ($6 - price % $6) % $6 as multiple, sum(quantity), count(*)
       from matching.resting_order
       where market = $1 and side = 2 and price <= 9223372036854775807 - $6
       group by side, multiple order by multiple limit $2)\
      """;

  private static final String RESTING =
      "select quantity from matching.resting_order where partition = $1 and number = $2";

  private final String service;

  /**
   * @param service whose last number on {@code book.updated} says which changes are in the book
   */
  public PgBook(String service) {
    this.service = service;
  }

  /**
   * Hands over all resting orders of a partition in the order of their numbers, in pages, so that
   * the event loop can do other work between them. For one snapshot, within a transaction that has
   * one.
   *
   * @param page called for each page, the last one included, which may be empty
   */
  public Future<Void> load(SqlClient db, int partition, Consumer<List<BookedOrder>> page) {
    return loadAfter(NO_NUMBER, db, partition, page);
  }

  private Future<Void> loadAfter(
      long number, SqlClient db, int partition, Consumer<List<BookedOrder>> page) {
    return db.preparedQuery(LOAD)
        .execute(Tuple.of(partition, number, PAGE))
        .map(PgBook::orders)
        .compose(orders -> {
          page.accept(orders);
          return orders.size() < PAGE
              ? Future.succeededFuture()
              : loadAfter(orders.getLast().number(), db, partition, page);
        });
  }

  /** Writes what changed: one statement a kind of change, none for a kind that did not happen. */
  public void save(int partition, BookChanges changes, StepWrites step) {
    if (!changes.gone().isEmpty()) {
      step.write(DELETE, Tuple.of(partition).addValue(changes.gone().toArray(Long[]::new)));
    }
    if (!changes.reduced().isEmpty()) {
      step.write(UPDATE, reduced(partition, changes.reduced()));
    }
    if (!changes.rested().isEmpty()) {
      step.write(INSERT, rested(partition, changes.rested()));
    }
  }

  /**
   * The book of a market as last committed.
   *
   * @param depth at most this many price levels a side
   */
  public Future<BookView> view(SqlClient db, Market market, int depth) {
    return db.preparedQuery(LEVELS).execute(levelsOf(market, depth)).map(PgBook::view);
  }

  /**
   * As {@link #view}, with the prices brought to multiples of a step: bids down, asks up.
   *
   * @param step above zero; an ask whose multiple would be more than a long is left out
   */
  public Future<BookView> viewGrouped(SqlClient db, Market market, int depth, long step) {
    return db.preparedQuery(GROUPED_LEVELS)
        .execute(levelsOf(market, depth).addLong(step))
        .map(PgBook::view);
  }

  private Tuple levelsOf(Market market, int depth) {
    return Tuple.of(
        market.name(), (long) depth, service, market.partition(), Topic.BOOK_UPDATED.topicName);
  }

  /** What rests of an order, in base units; 0 if nothing does. */
  public Future<Long> resting(SqlClient db, int partition, long number) {
    return db.preparedQuery(RESTING)
        .execute(Tuple.of(partition, number))
        .map(rows -> rows.size() == 0 ? 0L : rows.iterator().next().getLong("quantity"));
  }

  private static Tuple reduced(int partition, List<BookedOrder> orders) {
    return Tuple.of(partition)
        .addValue(Columns.of(orders, Long[]::new, BookedOrder::number))
        .addValue(Columns.of(orders, Long[]::new, BookedOrder::quantity))
        .addValue(Columns.of(orders, Long[]::new, BookedOrder::ordered));
  }

  private static Tuple rested(int partition, List<BookedOrder> orders) {
    return Tuple.of(partition)
        .addValue(Columns.of(orders, Long[]::new, BookedOrder::number))
        .addValue(Columns.of(orders, String[]::new, BookedOrder::market))
        .addValue(Columns.of(orders, java.util.UUID[]::new, o -> Columns.uuid(o.orderId())))
        .addValue(Columns.of(orders, String[]::new, BookedOrder::account))
        .addValue(Columns.of(orders, Short[]::new, o -> Columns.side(o.side())))
        .addValue(Columns.of(orders, Long[]::new, BookedOrder::price))
        .addValue(Columns.of(orders, Long[]::new, BookedOrder::quantity))
        .addValue(Columns.of(orders, Integer[]::new, BookedOrder::makerBps))
        .addValue(Columns.of(orders, Long[]::new, BookedOrder::ordered));
  }

  private static List<BookedOrder> orders(RowSet<Row> rows) {
    List<BookedOrder> orders = new ArrayList<>(rows.size());
    for (Row row : rows) {
      orders.add(
          new BookedOrder(
              row.getLong("number"),
              row.getString("market"),
              Columns.hex(row.getUUID("order_id")),
              row.getString("account"),
              Columns.side(row.getShort("side")),
              row.getLong("price"),
              row.getLong("quantity"),
              row.getInteger("maker_bps"),
              row.getLong("ordered")));
    }
    return orders;
  }

  private static BookView view(RowSet<Row> rows) {
    long sequence = 0;
    List<BookView.Level> bids = new ArrayList<>();
    List<BookView.Level> asks = new ArrayList<>();
    for (Row row : rows) {
      switch (row.getShort("side")) {
        case 0 -> sequence = row.getLong("price");
        case Columns.BUY -> bids.add(level(row));
        default -> asks.add(level(row));
      }
    }
    Comparator<BookView.Level> byPrice = Comparator.comparingLong(BookView.Level::price);
    bids.sort(byPrice.reversed());
    asks.sort(byPrice);
    return new BookView(sequence, bids, asks);
  }

  private static BookView.Level level(Row row) {
    return new BookView.Level(
        row.getLong("price"),
        row.getBigDecimal("quantity").toBigIntegerExact(),
        row.getLong("orders"));
  }
}
