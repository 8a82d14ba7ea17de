package dev.sagax.match.store;

import dev.sagax.match.SettledIds.Range;
import dev.sagax.platform.log.StepWrites;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/** Which trades the ledger has settled: ranges of their ids. */
public final class PgSettledIds {
  private static final String LAST =
      """
      select m.market, r.first_id, r.last_id
      from unnest($1::text[]) as m(market)
      cross join lateral (
        select first_id, last_id from matching.settled_trades s
        where s.market = m.market order by first_id desc limit 1) r\
      """;
  private static final String SAVE =
      """
      insert into matching.settled_trades(market, first_id, last_id)
      select * from unnest($1::text[], $2::bigint[], $3::bigint[])
      on conflict (market, first_id) do update set last_id = excluded.last_id\
      """;

  /** The last range of each market that has one. */
  public Future<List<Range>> lastRanges(SqlClient db, List<String> markets) {
    return db.preparedQuery(LAST)
        .execute(Tuple.tuple().addValue(markets.toArray(String[]::new)))
        .map(rows -> {
          List<Range> ranges = new ArrayList<>();
          for (Row row : rows) {
            ranges.add(
                new Range(
                    row.getString("market"), row.getLong("first_id"), row.getLong("last_id")));
          }
          return ranges;
        });
  }

  /** Writes what is new or longer, in one statement; none when there is nothing. */
  public void save(List<Range> ranges, StepWrites step) {
    if (!ranges.isEmpty()) {
      step.write(
          SAVE,
          Tuple.tuple()
              .addValue(Columns.of(ranges, String[]::new, Range::market))
              .addValue(Columns.of(ranges, Long[]::new, Range::first))
              .addValue(Columns.of(ranges, Long[]::new, Range::last)));
    }
  }
}
