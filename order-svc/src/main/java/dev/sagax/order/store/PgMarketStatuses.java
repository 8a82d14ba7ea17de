package dev.sagax.order.store;

import dev.sagax.order.MarketState;
import dev.sagax.order.MarketStatus;
import dev.sagax.order.MarketStatuses;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the markets take, a row for each whose state was set. */
public final class PgMarketStatuses implements MarketStatuses {
  private static final String ALL =
      "select market, state, reason, set_by, set_micros from orders.market_status";

  static final String SAVE =
      """
      insert into orders.market_status(market, state, reason, set_by, set_micros)
      select * from unnest($1::text[], $2::smallint[], $3::text[], $4::text[], $5::bigint[])
      on conflict (market) do update set state = excluded.state, reason = excluded.reason,
        set_by = excluded.set_by, set_micros = excluded.set_micros\
      """;

  private final SqlClient db;

  public PgMarketStatuses(SqlClient db) {
    this.db = db;
  }

  @Override
  public Future<Map<String, MarketStatus>> all() {
    return db.preparedQuery(ALL).execute().map(PgMarketStatuses::toStatuses);
  }

  private static Map<String, MarketStatus> toStatuses(RowSet<Row> rows) {
    Map<String, MarketStatus> statuses = new HashMap<>();
    for (Row row : rows) {
      statuses.put(
          row.getString("market"),
          new MarketStatus(
              row.getString("market"),
              MarketState.ofCode(row.getShort("state")),
              row.getString("reason"),
              row.getString("set_by"),
              row.getLong("set_micros")));
    }
    return statuses;
  }

  static Tuple toSave(Collection<MarketStatus> changes) {
    List<MarketStatus> rows = List.copyOf(changes);
    return Tuple.tuple()
        .addValue(OrderRows.column(rows, String[]::new, MarketStatus::market))
        .addValue(OrderRows.column(rows, Short[]::new, each -> (short) each.state().code))
        .addValue(OrderRows.column(rows, String[]::new, MarketStatus::reason))
        .addValue(OrderRows.column(rows, String[]::new, MarketStatus::setBy))
        .addValue(OrderRows.column(rows, Long[]::new, MarketStatus::setMicros));
  }
}
