package dev.sagax.platform.log;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Creates a service's schema: the tables that every step needs, the service's own, and the facts
 * that never change.
 */
public final class StepTables {
  private static final int LOCK = 0x5a6a;

  private static final String BEGIN =
      """
      begin;
      set local client_min_messages = warning;
      set local lock_timeout = '5s';
      set local idle_in_transaction_session_timeout = '30s';
      select pg_advisory_xact_lock(%d);
      """;

  /** What a step writes. A dead letter is decided, but never deleted. */
  private static final String GRANTS =
      """
      grant usage on schema %1$s to :role;
      grant select on all tables in schema %1$s to :role;
      grant insert, update on %1$s.step, %1$s.step_input, %1$s.step_output, %1$s.dead_letter,
        %1$s.never_shrinks to :role;
      grant insert on %1$s.never_changes to :role;
      """;

  private StepTables() {}

  /** As the other, with nothing that may not shrink. */
  public static Future<Void> migrate(
      Pool pool, String schema, String script, Map<String, String> neverChanges) {
    return migrate(pool, schema, script, neverChanges, Map.of());
  }

  /**
   * @param script the service's own DDL; every statement repeatable. Two instances that start at
   *     once take turns.
   * @param neverChanges facts of the configuration by name, recorded when they are first seen
   * @param neverShrinks numbers of the configuration by name; the largest is recorded
   * @return fails with IllegalStateException when one differs from what is recorded, is smaller, or
   *     is missing; then nothing is recorded
   */
  public static Future<Void> migrate(
      Pool pool,
      String schema,
      String script,
      Map<String, String> neverChanges,
      Map<String, Long> neverShrinks) {
    return mayMakeTables(pool, schema)
        .compose(may ->
            inOneTransaction(
                pool,
                may ? tables(schema, script) : BEGIN.formatted(LOCK),
                schema,
                neverChanges,
                neverShrinks));
  }

  /** False for a role that finds the schema made by its owner. */
  private static Future<Boolean> mayMakeTables(Pool pool, String schema) {
    return pool.preparedQuery(
            "select count(*) from pg_namespace where nspname = $1 and not has_schema_privilege(oid, 'create')")
        .execute(Tuple.of(schema))
        .map(rows -> rows.iterator().next().getLong(0) == 0);
  }

  /**
   * Gives a role what a step needs of its schema's tables, and what the service's own script gives.
   * Does nothing for the owner itself. Repeatable.
   *
   * @param script grants to {@code :role}
   */
  public static Future<Void> grant(Pool owner, String schema, String script, String role) {
    String quoted = "\"" + role.replace("\"", "\"\"") + "\"";
    return owner
        .query("select current_user = '" + role.replace("'", "''") + "'")
        .execute()
        .compose(rows ->
            rows.iterator().next().getBoolean(0)
                ? Future.succeededFuture()
                : owner
                    .query((GRANTS.formatted(schema) + script).replace(":role", quoted))
                    .execute()
                    .mapEmpty());
  }

  private static String tables(String schema, String script) {
    return BEGIN.formatted(LOCK)
        + StepStore.ddl(schema)
        + """
        create table if not exists %1$s.never_changes(name text primary key, value text not null);
        create table if not exists %1$s.never_shrinks(name text primary key, value bigint not null);
        """
            .formatted(schema)
        + script;
  }

  private static Future<Void> inOneTransaction(
      Pool pool,
      String tables,
      String schema,
      Map<String, String> neverChanges,
      Map<String, Long> neverShrinks) {
    return pool.getConnection()
        .compose(db ->
            db.query(tables)
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
