package dev.sagax.platform.schema;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes tables without versions, for tests of what is kept in them. */
public final class TestSchema {
  private static final String STEP_TABLES = "dev/sagax/platform/schema/V1__step_tables.sql";

  private TestSchema() {}

  /** All tables of a service as this build has them; may run any number of times. */
  public static Future<Void> create(Pool pool, ServiceSchema schema) {
    return run(pool, schema.name(), Migration.of(schema).stream().map(Migration::sql));
  }

  /** Those of the last build that had no versions. */
  static Future<Void> createUnversioned(Pool pool, ServiceSchema schema) {
    return run(
        pool,
        schema.name(),
        Migration.of(schema).stream()
            .filter(migration -> migration.version() <= Migrator.UNVERSIONED)
            .map(Migration::sql));
  }

  /** Those of a step, then what the script makes. */
  public static Future<Void> create(Pool pool, String schema, String script) {
    String tables = Migration.text(TestSchema.class.getClassLoader(), STEP_TABLES);
    return run(pool, schema, Stream.of(tables, script));
  }

  private static Future<Void> run(Pool pool, String schema, Stream<String> scripts) {
    String all =
        scripts
            .map(sql -> sql.replace("${flyway:defaultSchema}", schema).strip())
            .map(sql -> sql.endsWith(";") ? sql : sql + ";")
            .collect(Collectors.joining("\n"));
    return pool.query(
            "set local client_min_messages = warning; create schema if not exists %s;%n%s"
                .formatted(schema, all))
        .execute()
        .mapEmpty();
  }
}
