package dev.sagax.platform.log;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/** What stored data relies on in the configuration, recorded beside it. */
public final class StoredFacts {
  /**
   * How many partitions every topic has. It may grow: `never_shrinks` has it once it has grown. The
   * number there was first stays in `never_changes`, for the accounts are shared out among that
   * many for ever: their transfers stay where they were.
   */
  public static final String PARTITIONS = "number of partitions";

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
    return db.preparedQuery(
            "select name, value from %s.never_changes where name <> $1".formatted(schema))
        .execute(Tuple.of(PARTITIONS))
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
    return db.preparedQuery(
            """
            select name, value from %1$s.never_shrinks
            union all select name, value::bigint from %1$s.never_changes where name = $1\
            """
                .formatted(schema))
        .execute(Tuple.of(PARTITIONS))
        .map(rows -> {
          for (Row row : rows) {
            String name = row.getString("name");
            long now = listed(name, facts);
            if (now < row.getLong("value")) {
              throw new IllegalStateException(
                  "%s is %d in the data, but %d in the configuration; it can never be smaller."
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
    Long partitions = neverShrinks.get(PARTITIONS);
    Map<String, String> fixed = new HashMap<>(neverChanges);
    if (partitions != null) {
      fixed.put(PARTITIONS, partitions.toString());
    }
    Map<String, Long> growing = new HashMap<>(neverShrinks);
    growing.remove(PARTITIONS);
    return db.preparedQuery(
            """
            insert into %s.never_changes select * from unnest($1::text[], $2::text[])
            on conflict do nothing\
            """
                .formatted(schema))
        .execute(columns(fixed, String[]::new))
        .compose(v ->
            db.preparedQuery(
                    """
                    insert into %s.never_shrinks select * from unnest($1::text[], $2::bigint[])
                    on conflict (name) do update set value = excluded.value\
                    """
                        .formatted(schema))
                .execute(columns(growing, Long[]::new)))
        .compose(v ->
            db.preparedQuery(
                    """
                    insert into %1$s.never_shrinks select name, $2::bigint from %1$s.never_changes
                    where name = $1 and case when name = $1 then value::bigint < $2::bigint end
                    on conflict (name) do update set value = excluded.value\
                    """
                        .formatted(schema))
                .execute(Tuple.of(PARTITIONS, partitions)))
        .mapEmpty();
  }

  /**
   * How many partitions the accounts are shared out among, for ever: the number there was first.
   * Fails if the schema was never migrated with a {@link #PARTITIONS}.
   */
  public static Future<Integer> accountPartitions(SqlClient db, String schema) {
    return db.preparedQuery(
            "select value::int from %s.never_changes where name = $1".formatted(schema))
        .execute(Tuple.of(PARTITIONS))
        .map(rows -> rows.iterator().next().getInteger(0));
  }

  private static <V> Tuple columns(Map<String, V> facts, IntFunction<V[]> array) {
    return Tuple.tuple()
        .addValue(facts.keySet().toArray(String[]::new))
        .addValue(facts.values().toArray(array));
  }
}
