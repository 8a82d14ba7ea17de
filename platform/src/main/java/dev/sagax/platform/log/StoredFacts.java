package dev.sagax.platform.log;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Map;
import java.util.function.IntFunction;

/** What stored data relies on in the configuration, recorded beside it. */
public final class StoredFacts {
  private static final int LOCK = 0x5a6a;

  private StoredFacts() {}

  /**
   * Compares the configuration with what is recorded, and records what is new. Two instances that
   * start at once take turns.
   *
   * @param neverChanges facts of the configuration by name, recorded when they are first seen
   * @param neverShrinks numbers of the configuration by name; the largest is recorded
   * @return fails with IllegalStateException when one differs from what is recorded, is smaller, or
   *     is missing; then nothing is recorded
   */
  public static Future<Void> check(
      Pool pool, String schema, Map<String, String> neverChanges, Map<String, Long> neverShrinks) {
    String begin =
        """
        begin;
        set local lock_timeout = '5s';
        set local idle_in_transaction_session_timeout = '30s';
        select pg_advisory_xact_lock(%d)\
        """
            .formatted(LOCK);
    return pool.getConnection()
        .compose(db ->
            db.query(begin)
                .execute()
                .compose(v -> checkUnchanged(db, schema, neverChanges))
                .compose(v -> checkNotSmaller(db, schema, neverShrinks))
                .compose(v -> record(db, schema, neverChanges, neverShrinks))
                .compose(v -> db.query("commit").execute().<Void>mapEmpty())
                .recover(failure -> rollBack(db, failure))
                .eventually(db::close));
  }

  private static Future<Void> rollBack(SqlConnection db, Throwable failure) {
    return db.query("rollback").execute().transform(v -> Future.failedFuture(failure));
  }

  private static Future<Void> checkUnchanged(
      SqlConnection db, String schema, Map<String, String> facts) {
    return db.query("select name, value from %s.never_changes".formatted(schema))
        .execute()
        .map(rows -> {
          for (Row row : rows) {
            String name = row.getString("name");
            String now = listed(name, facts);
            if (!now.equals(row.getString("value"))) {
              throw new IllegalStateException(
                  "%s is %s in the data, but %s in the configuration; it can never change."
                      .formatted(name, row.getString("value"), now));
            }
          }
          return null;
        });
  }

  private static Future<Void> checkNotSmaller(
      SqlConnection db, String schema, Map<String, Long> facts) {
    return db.query("select name, value from %s.never_shrinks".formatted(schema))
        .execute()
        .map(rows -> {
          for (Row row : rows) {
            String name = row.getString("name");
            long now = listed(name, facts);
            if (now < row.getLong("value")) {
              throw new IllegalStateException(
                  "%s is %d units in the data, but %d in the configuration; it can never be smaller."
                      .formatted(name, row.getLong("value"), now));
            }
          }
          return null;
        });
  }

  private static <V> V listed(String name, Map<String, V> facts) {
    V now = facts.get(name);
    if (now == null) {
      throw new IllegalStateException(
          "%s is in the data, but not in the configuration; what was listed once cannot be left out."
              .formatted(name));
    }
    return now;
  }

  private static Future<Void> record(
      SqlConnection db,
      String schema,
      Map<String, String> neverChanges,
      Map<String, Long> neverShrinks) {
    return db.preparedQuery(
            """
            insert into %s.never_changes select * from unnest($1::text[], $2::text[])
            on conflict do nothing\
            """
                .formatted(schema))
        .execute(columns(neverChanges, String[]::new))
        .compose(v ->
            db.preparedQuery(
                    """
                    insert into %s.never_shrinks select * from unnest($1::text[], $2::bigint[])
                    on conflict (name) do update set value = excluded.value\
                    """
                        .formatted(schema))
                .execute(columns(neverShrinks, Long[]::new)))
        .mapEmpty();
  }

  private static <V> Tuple columns(Map<String, V> facts, IntFunction<V[]> array) {
    return Tuple.tuple()
        .addValue(facts.keySet().toArray(String[]::new))
        .addValue(facts.values().toArray(array));
  }
}
