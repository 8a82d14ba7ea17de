package dev.sagax.match.store;

import dev.sagax.match.CandleInterval;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Tickers, computed from the candles of a minute, the last settled trade and the best prices. */
public final class PgTickers {
  private static final int MINUTES = 24 * 60;

  private static final String TICKERS =
      """
      select m.market, t.trade_id, t.price, t.quantity, t.time_micros,
        d.open, d.high, d.low, d.base, d.quote, d.trades,
        b.price as bid, b.quantity as bid_quantity, b.orders as bids,
        a.price as ask, a.quantity as ask_quantity, a.orders as asks
      from unnest($1::text[]) as m(market)
      left join matching.trade t on t.market = m.market and t.trade_id = (
        select s.last_id from matching.settled_trades s where s.market = m.market order by s.first_id desc limit 1)
      left join lateral (
        select (array_agg(c.open order by c.start_seconds))[1] as open, max(c.high) as high, min(c.low) as low,
          sum(c.base) as base, sum(c.quote) as quote, sum(c.trades)::bigint as trades
        from matching.candle c
        where c.market = m.market and c.seconds = $2::int and c.start_seconds >= $3::bigint) d on true
      left join lateral (
        select o.price, sum(o.quantity) as quantity, count(*) as orders from matching.resting_order o
        where o.market = m.market and o.side = 1 group by o.price order by o.price desc limit 1) b on true
      left join lateral (
        select o.price, sum(o.quantity) as quantity, count(*) as orders from matching.resting_order o
        where o.market = m.market and o.side = 2 group by o.price order by o.price limit 1) a on true
      order by m.market\
      """;

  /**
   * The tickers of these markets, by name.
   *
   * @param now in seconds since 1970; its minute is the last of the 24 hours
   */
  public Future<List<TickerView>> of(SqlClient db, Collection<String> markets, long now) {
    CandleInterval minute = CandleInterval.ONE_MINUTE;
    long since = minute.startOf(now) - (MINUTES - 1) * (long) minute.seconds;
    return db.preparedQuery(TICKERS)
        .execute(
            Tuple.tuple()
                .addValue(markets.toArray(String[]::new))
                .addValue(minute.seconds)
                .addValue(since))
        .map(PgTickers::views);
  }

  private static List<TickerView> views(RowSet<Row> rows) {
    List<TickerView> views = new ArrayList<>(rows.size());
    for (Row row : rows) {
      views.add(
          new TickerView(
              row.getString("market"),
              last(row),
              day(row),
              level(row, "bid", "bids"),
              level(row, "ask", "asks")));
    }
    return views;
  }

  private static Optional<TickerView.Last> last(Row row) {
    return Optional.ofNullable(row.getLong("trade_id"))
        .map(id ->
            new TickerView.Last(
                id, row.getLong("price"), row.getLong("quantity"), row.getLong("time_micros")));
  }

  private static Optional<TickerView.Day> day(Row row) {
    return Optional.ofNullable(row.getLong("trades"))
        .map(trades ->
            new TickerView.Day(
                row.getLong("open"),
                row.getLong("high"),
                row.getLong("low"),
                row.getBigDecimal("base").toBigIntegerExact(),
                row.getBigDecimal("quote").toBigIntegerExact(),
                trades));
  }

  private static Optional<BookView.Level> level(Row row, String side, String orders) {
    return Optional.ofNullable(row.getLong(side))
        .map(price ->
            new BookView.Level(
                price,
                row.getBigDecimal(side + "_quantity").toBigIntegerExact(),
                row.getLong(orders)));
  }
}
