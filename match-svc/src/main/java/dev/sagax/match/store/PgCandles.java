package dev.sagax.match.store;

import dev.sagax.match.Candle;
import dev.sagax.match.CandleChanges.Change;
import dev.sagax.match.CandleInterval;
import dev.sagax.platform.log.StepWrites;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The candles in which something was traded, of every interval. */
public final class PgCandles {

  /** Adds; so it must be committed with the position of the trades, as all that a step writes. */
  private static final String SAVE =
      """
      insert into matching.candle as c(market, seconds, start_seconds, open, high, low, close, base, quote, trades)
      select n.market, n.seconds, n.start_seconds, n.open, n.high, n.low, n.close, n.base::numeric, n.quote::numeric, n.trades
      from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[],
        $9::text[], $10::bigint[]) as n(market, seconds, start_seconds, open, high, low, close, base, quote, trades)
      on conflict (market, seconds, start_seconds) do update set
        high = greatest(c.high, excluded.high), low = least(c.low, excluded.low), close = excluded.close,
        base = c.base + excluded.base, quote = c.quote + excluded.quote, trades = c.trades + excluded.trades\
      """;

  private static final String FIRST =
      "select min(start_seconds) as first from matching.candle where market = $1 and seconds = $2";
  private static final String SPAN =
      """
      (select start_seconds, open, high, low, close, base, quote, trades from matching.candle
       where market = $1 and seconds = $2 and start_seconds < $3
       order by start_seconds desc limit 1)
      union all
      (select start_seconds, open, high, low, close, base, quote, trades from matching.candle
       where market = $1 and seconds = $2 and start_seconds >= $3 and start_seconds < $4)\
      """;

  /** Adds what was traded, in one statement; none when nothing was. */
  public void save(List<Change> changes, StepWrites step) {
    if (!changes.isEmpty()) {
      step.write(SAVE, columns(changes));
    }
  }

  /** When the first candle of a market begins; empty before its first trade. */
  public Future<OptionalLong> first(SqlClient db, String market, CandleInterval interval) {
    return db.preparedQuery(FIRST)
        .execute(Tuple.of(market, interval.seconds))
        .map(rows -> {
          Long first = rows.iterator().next().getLong("first");
          return first == null ? OptionalLong.empty() : OptionalLong.of(first);
        });
  }

  /**
   * The candles from begin to end, without gaps.
   *
   * @param begin when the first one begins, in seconds
   * @param end before which the last one begins
   */
  public Future<List<Candle>> span(
      SqlClient db, String market, CandleInterval interval, long begin, long end) {
    return db.preparedQuery(SPAN)
        .execute(Tuple.of(market, interval.seconds, begin, end))
        .map(rows -> {
          OptionalLong closeBefore = OptionalLong.empty();
          List<Candle> found = new ArrayList<>(rows.size());
          for (Row row : rows) {
            Candle candle = candle(row);
            if (candle.startSeconds() < begin) {
              closeBefore = OptionalLong.of(candle.close());
            } else {
              found.add(candle);
            }
          }
          return Candle.withoutGaps(found, closeBefore, begin, end, interval);
        });
  }

  private static Candle candle(Row row) {
    return new Candle(
        row.getLong("start_seconds"),
        row.getLong("open"),
        row.getLong("high"),
        row.getLong("low"),
        row.getLong("close"),
        row.getBigDecimal("base").toBigIntegerExact(),
        row.getBigDecimal("quote").toBigIntegerExact(),
        row.getLong("trades"));
  }

  private static Tuple columns(List<Change> changes) {
    return Tuple.tuple()
        .addValue(Columns.of(changes, String[]::new, Change::market))
        .addValue(Columns.of(changes, Integer[]::new, c -> c.interval().seconds))
        .addValue(Columns.of(changes, Long[]::new, c -> c.added().startSeconds()))
        .addValue(Columns.of(changes, Long[]::new, c -> c.added().open()))
        .addValue(Columns.of(changes, Long[]::new, c -> c.added().high()))
        .addValue(Columns.of(changes, Long[]::new, c -> c.added().low()))
        .addValue(Columns.of(changes, Long[]::new, c -> c.added().close()))
        .addValue(Columns.of(changes, String[]::new, c -> c.added().base().toString()))
        .addValue(Columns.of(changes, String[]::new, c -> c.added().quote().toString()))
        .addValue(Columns.of(changes, Long[]::new, c -> c.added().trades()));
  }
}
