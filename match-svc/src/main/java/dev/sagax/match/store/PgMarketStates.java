package dev.sagax.match.store;

import dev.sagax.match.StateSet;
import dev.sagax.platform.log.StepWrites;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the markets take, a row for each of which order-svc has ever said something. */
public final class PgMarketStates {
  private static final String ALL = "select market, state from matching.market_state";
  private static final String SAVE =
      """
      insert into matching.market_state(market, state)
      select * from unnest($1::text[], $2::smallint[])
      on conflict (market) do update set state = excluded.state\
      """;

  private PgMarketStates() {}

  /** The numbers of their states, by market; one of which nothing was said is missing. */
  public static Future<Map<String, Integer>> all(SqlClient db) {
    return db.preparedQuery(ALL).execute().map(PgMarketStates::states);
  }

  private static Map<String, Integer> states(RowSet<Row> rows) {
    Map<String, Integer> states = new HashMap<>();
    for (Row row : rows) {
      states.put(row.getString("market"), row.getInteger("state"));
    }
    return states;
  }

  /** Writes what was said last, in one statement; none when nothing was. */
  public static void save(Collection<StateSet> states, StepWrites step) {
    if (!states.isEmpty()) {
      List<StateSet> rows = List.copyOf(states);
      step.write(
          SAVE,
          Tuple.tuple()
              .addValue(Columns.of(rows, String[]::new, StateSet::market))
              .addValue(Columns.of(rows, Short[]::new, set -> (short) set.state())));
    }
  }
}
