package dev.sagax.platform.log;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Map;

/**
 * Creates a service's schema: the tables that every step needs, the service's own, and the facts
 * that never change.
 */
public final class StepTables {
  private static final int LOCK = 0x5a6a;

  private StepTables() {}

  /**
   * @param script the service's own DDL; every statement repeatable. Two instances that start at
   *     once take turns.
   * @param neverChanges scales and partitions by name: recorded at the first start
   * @return fails with IllegalStateException when one differs from what is recorded
   */
  public static Future<Void> migrate(
      Pool pool, String schema, String script, Map<String, String> neverChanges) {
    String all =
        """
        begin;
        set local client_min_messages = warning;
        select pg_advisory_xact_lock(%d);
        %s
        create table if not exists %s.never_changes(name text primary key, value text not null);
        %s;
        commit\
        """
            .formatted(LOCK, StepStore.ddl(schema), schema, script);
    return pool.getConnection()
        .compose(db ->
            db.query(all)
                .execute()
                .compose(v -> checkFacts(db, schema, neverChanges))
                .recover(failure -> rollBack(db, failure))
                .eventually(db::close));
  }

  private static Future<Void> rollBack(SqlConnection db, Throwable failure) {
    return db.query("rollback").execute().transform(v -> Future.failedFuture(failure));
  }

  private static Future<Void> checkFacts(
      SqlConnection db, String schema, Map<String, String> facts) {
    String[] names = facts.keySet().toArray(String[]::new);
    String[] values = facts.values().toArray(String[]::new);
    return db.preparedQuery(
            "insert into %s.never_changes select * from unnest($1::text[], $2::text[]) on conflict do nothing"
                .formatted(schema))
        .execute(Tuple.tuple().addValue(names).addValue(values))
        .compose(
            v -> db.query("select name, value from %s.never_changes".formatted(schema)).execute())
        .map(rows -> {
          for (Row row : rows) {
            String name = row.getString("name");
            String now = facts.getOrDefault(name, row.getString("value"));
            if (!now.equals(row.getString("value"))) {
              throw new IllegalStateException(
                  "%s is %s in the data, but %s in the configuration; it can never change."
                      .formatted(name, row.getString("value"), now));
            }
          }
          return null;
        });
  }
}
