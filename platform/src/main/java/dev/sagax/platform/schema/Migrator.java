package dev.sagax.platform.schema;

import dev.sagax.platform.log.Faults;
import io.vertx.pgclient.PgConnectOptions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

/**
 * Brings schemas to the version of this build, by Flyway. Blocking.
 *
 * <p>Whoever migrates holds an advisory lock of the schema; others wait for it, then find nothing
 * left to do. A migration runs in a transaction, unless it has a statement that cannot, which is
 * then alone in it ({@code create index concurrently}).
 */
public final class Migrator {
  static final String HISTORY = "schema_history";

  /** The version that the tables of the last build without versions have. */
  static final int UNVERSIONED = 2;

  private static final int LOCK = 0x5a6b;

  /** Columns and indexes, a line each. */
  private static final String PICTURE =
      """
      select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
          || case when a.attnotnull then ' not null' else '' end
      from pg_attribute a join pg_class c on c.oid = a.attrelid
        join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ? and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
        and c.relname <> '%s'
      union all
      select replace(indexdef, ' ON ' || schemaname || '.', ' ON ') from pg_indexes
      where schemaname = ? and tablename <> '%1$s'\
      """
          .formatted(HISTORY);

  /**
   * What a step writes. A dead letter is decided and nothing else of it changes; it is never
   * deleted. Earlier builds granted more of it.
   */
  private static final String GRANTS =
      """
      grant usage on schema %1$s to :role;
      grant select on all tables in schema %1$s to :role;
      grant insert, update on %1$s.step, %1$s.step_input, %1$s.step_output, %1$s.never_shrinks
        to :role;
      grant insert on %1$s.never_changes, %1$s.dead_letter to :role;
      revoke update on %1$s.dead_letter from :role;
      grant update (state, decided_by, decided_micros, reason, replay_offset)
        on %1$s.dead_letter to :role;
      """;

  private final DataSource database;

  /**
   * @param owner who may create and change tables in the schemas
   */
  public Migrator(PgConnectOptions owner) {
    this.database = OwnerDatabase.at(owner);
  }

  /**
   * @param owner the same as a URI, as {@code postgres.uri} is
   */
  public Migrator(String owner) {
    this.database = OwnerDatabase.at(owner);
  }

  /**
   * @return how many migrations were applied
   * @throws IllegalStateException with a whole sentence, if the schema cannot be brought to the
   *     version; the failed migration has left nothing, unless it ran without a transaction
   * @throws RuntimeException for which {@link Faults#isInfrastructure} holds, if PostgreSQL is away
   */
  public int migrate(ServiceSchema schema) {
    return locked(
        schema,
        db -> {
          boolean takenOver = isUnversioned(db, schema.name());
          if (takenOver) {
            requireAsExpected(db, schema);
          }
          return flyway(schema, takenOver).migrate().migrationsExecuted;
        });
  }

  /**
   * Gives a role what a step needs of the schema's tables, and what the service's own script gives.
   * Does nothing for the owner itself. Repeatable.
   *
   * @throws RuntimeException as {@link #migrate}
   */
  public void grant(ServiceSchema schema, String role) {
    String own = Migration.text(schema.getClass().getClassLoader(), schema.grants());
    String quoted = "\"" + role.replace("\"", "\"\"") + "\"";
    locked(
        schema,
        db -> {
          if (!role.equals(db.getMetaData().getUserName())) {
            try (Statement statement = db.createStatement()) {
              statement.execute((GRANTS.formatted(schema.name()) + own).replace(":role", quoted));
            }
          }
          return null;
        });
  }

  /**
   * Forgets a migration that failed outside of a transaction, once a person has removed what it
   * left, so that the next attempt runs it again.
   */
  public void repair(ServiceSchema schema) {
    locked(schema, db -> flyway(schema, false).repair());
  }

  private interface Work<T> {
    T with(Connection db) throws SQLException;
  }

  private <T> T locked(ServiceSchema schema, Work<T> work) {
    try (Connection db = database.getConnection();
        Statement statement = db.createStatement()) {
      statement.execute(
          "select pg_advisory_lock(%d, hashtext('%s'))".formatted(LOCK, schema.name()));
      return work.with(db);
    } catch (SQLException | FlywayException failure) {
      throw failed(schema, failure);
    }
  }

  private static RuntimeException failed(ServiceSchema schema, Exception failure) {
    String sentence =
        "The schema %s could not be migrated: %s".formatted(schema.name(), failure.getMessage());
    return Faults.isInfrastructure(failure)
        ? new MigrationDelayedException(sentence, failure)
        : new IllegalStateException(sentence, failure);
  }

  private Flyway flyway(ServiceSchema schema, boolean takesOver) {
    FluentConfiguration flyway =
        Flyway.configure(schema.getClass().getClassLoader())
            .dataSource(database)
            .schemas(schema.name())
            .defaultSchema(schema.name())
            .table(HISTORY)
            .loggers("slf4j")
            .resourceProvider(new ListedMigrations(Migration.of(schema)))
            .javaMigrationClassProvider(List::of)
            .skipDefaultCallbacks(true)
            .callbacks(new LockPatience(Migration.of(schema)))
            // Versions that a newer build has applied, which may be rolled back: see ADR 0018.
            .ignoreMigrationPatterns("*:future")
            .baselineOnMigrate(takesOver)
            .baselineVersion(Integer.toString(UNVERSIONED))
            .baselineDescription("tables from before there were versions");
    // Held in a transaction, Flyway's lock would have `create index concurrently` wait for itself.
    flyway
        .getConfigurationExtension(PostgreSQLConfigurationExtension.class)
        .setTransactionalLock(false);
    return flyway.load();
  }

  private static boolean isUnversioned(Connection db, String schema) throws SQLException {
    return exists(db, schema + ".step") && !exists(db, schema + "." + HISTORY);
  }

  private static boolean exists(Connection db, String table) throws SQLException {
    try (PreparedStatement query = db.prepareStatement("select to_regclass(?) is not null")) {
      query.setString(1, table);
      try (ResultSet rows = query.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  private static void requireAsExpected(Connection db, ServiceSchema schema) throws SQLException {
    Set<String> missing =
        Migration.text(schema.getClass().getClassLoader(), schema.unversioned())
            .lines()
            .collect(Collectors.toCollection(TreeSet::new));
    missing.removeAll(picture(db, schema.name()));
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "The schema %s has tables but no versions, and they are not those of the last build without versions: there is no \"%s\"%s. Start that build once, which adds what is missing."
              .formatted(
                  schema.name(),
                  missing.iterator().next(),
                  missing.size() == 1 ? "" : " and %d more".formatted(missing.size() - 1)));
    }
  }

  /** What the schema consists of. */
  static Set<String> picture(Connection db, String schema) throws SQLException {
    Set<String> lines = new TreeSet<>();
    try (PreparedStatement query = db.prepareStatement(PICTURE)) {
      query.setString(1, schema);
      query.setString(2, schema);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          lines.add(rows.getString(1));
        }
      }
    }
    return lines;
  }
}
