package dev.sagax.match.store;

import dev.sagax.match.LastTrade;
import dev.sagax.match.Trade;
import dev.sagax.platform.log.StepWrites;
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
import java.util.UUID;

/** Every trade, for ever. */
public final class PgTrades {
  private static final String LAST =
      """
      select m.market, t.trade_id, t.price
      from unnest($1::text[]) as m(market) cross join lateral
        (select trade_id, price from matching.trade
         where market = m.market order by trade_id desc limit 1) as t\
      """;
  private static final String INSERT =
      """
      insert into matching.trade(market, trade_id, taker_side, price, quantity, quote,
        maker_order_id, taker_order_id, maker_account, taker_account, time_micros)
      select * from unnest($1::text[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bigint[],
        $6::bigint[], $7::uuid[], $8::uuid[], $9::text[], $10::text[], $11::bigint[])\
      """;
  private static final String CANCEL =
      """
      update matching.trade t set cancelled = true
      from unnest($1::text[], $2::bigint[]) as undone(market, trade_id)
      where t.market = undone.market and t.trade_id = undone.trade_id\
      """;

  /** Settled is what is in a range; one that was marked before ranges were kept is not. */
  private static final String PAGE =
      """
      select trade_id, taker_side, price, quantity, quote, maker_order_id, taker_order_id,
        maker_account, taker_account, time_micros
      from matching.trade t
      where market = $1 and trade_id < $2 and not cancelled and trade_id <= (
        select s.last_id from matching.settled_trades s
        where s.market = t.market and s.first_id <= t.trade_id order by s.first_id desc limit 1)
      order by trade_id desc limit $3\
      """;

  /** The last trade of each market that has one. */
  public Future<Map<String, LastTrade>> last(SqlClient db, Collection<String> markets) {
    return db.preparedQuery(LAST)
        .execute(Tuple.tuple().addValue(markets.toArray(String[]::new)))
        .map(PgTrades::lastTrades);
  }

  /** Writes a batch of trades in one statement; none when there are none. */
  public void insert(List<Trade> trades, StepWrites step) {
    if (!trades.isEmpty()) {
      step.write(INSERT, columns(trades));
    }
  }

  /** A trade by its name. */
  public record TradeKey(String market, long id) {}

  /** Marks trades that were undone, in one statement; none when there are none. */
  public void cancel(List<TradeKey> undone, StepWrites step) {
    if (!undone.isEmpty()) {
      step.write(
          CANCEL,
          Tuple.tuple()
              .addValue(Columns.of(undone, String[]::new, TradeKey::market))
              .addValue(Columns.of(undone, Long[]::new, TradeKey::id)));
    }
  }

  /** At most {@code limit} settled trades of a market before an id, newest first. */
  public Future<List<TradeView>> before(SqlClient db, String market, long id, int limit) {
    return db.preparedQuery(PAGE).execute(Tuple.of(market, id, (long) limit)).map(PgTrades::views);
  }

  private static Map<String, LastTrade> lastTrades(RowSet<Row> rows) {
    Map<String, LastTrade> last = new HashMap<>();
    for (Row row : rows) {
      last.put(
          row.getString("market"), new LastTrade(row.getLong("trade_id"), row.getLong("price")));
    }
    return last;
  }

  private static Tuple columns(List<Trade> trades) {
    return Tuple.tuple()
        .addValue(Columns.of(trades, String[]::new, Trade::market))
        .addValue(Columns.of(trades, Long[]::new, Trade::id))
        .addValue(Columns.of(trades, Short[]::new, t -> Columns.side(t.taker().side())))
        .addValue(Columns.of(trades, Long[]::new, Trade::price))
        .addValue(Columns.of(trades, Long[]::new, Trade::quantity))
        .addValue(Columns.of(trades, Long[]::new, Trade::quote))
        .addValue(Columns.of(trades, UUID[]::new, t -> Columns.uuid(t.maker().orderId())))
        .addValue(Columns.of(trades, UUID[]::new, t -> Columns.uuid(t.taker().orderId())))
        .addValue(Columns.of(trades, String[]::new, t -> t.maker().account()))
        .addValue(Columns.of(trades, String[]::new, t -> t.taker().account()))
        .addValue(Columns.of(trades, Long[]::new, Trade::timeMicros));
  }

  private static List<TradeView> views(RowSet<Row> rows) {
    List<TradeView> views = new ArrayList<>(rows.size());
    for (Row row : rows) {
      views.add(
          new TradeView(
              row.getLong("trade_id"),
              Columns.side(row.getShort("taker_side")),
              row.getLong("price"),
              row.getLong("quantity"),
              row.getLong("quote"),
              owner(row, "maker"),
              owner(row, "taker"),
              row.getLong("time_micros")));
    }
    return views;
  }

  private static TradeView.Owner owner(Row row, String role) {
    return new TradeView.Owner(
        Columns.hex(row.getUUID(role + "_order_id")), row.getString(role + "_account"));
  }
}
