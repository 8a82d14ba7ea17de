package dev.sagax.platform.schema;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sees to it that a schema has the version that this build needs, when a service starts. */
public final class SchemaVersions {
  private static final Logger LOG = LoggerFactory.getLogger(SchemaVersions.class);

  private final Vertx vertx;
  private final Pool pool;
  private final Supplier<Migrator> owner;

  /**
   * @param pool reads the versions
   * @param owner migrates, if it has to be
   */
  public SchemaVersions(Vertx vertx, Pool pool, Supplier<Migrator> owner) {
    this.vertx = vertx;
    this.pool = pool;
    this.owner = owner;
  }

  /** Applies what is missing. Where nothing is, one query is all that it takes. */
  public Future<Void> migrate(ServiceSchema schema) {
    return missing(schema)
        .compose(missing ->
            missing.isEmpty()
                ? Future.succeededFuture()
                : vertx
                    .executeBlocking(() -> owner.get().migrate(schema), false)
                    .onSuccess(applied -> tell(schema, missing))
                    .mapEmpty());
  }

  private static void tell(ServiceSchema schema, List<Migration> applied) {
    LOG.info("The schema {} is at version {} now", schema.name(), applied.getLast().version());
  }

  /**
   * Changes nothing.
   *
   * @return fails with IllegalStateException if a version is missing, and says which
   */
  public Future<Void> require(ServiceSchema schema) {
    return missing(schema)
        .map(missing -> {
          if (!missing.isEmpty()) {
            throw new IllegalStateException(
                "The schema %s lacks %s, and migrations.run is false. Run dev.sagax.platform.boot.MigrateMain of this build as the schema's owner first."
                    .formatted(
                        schema.name(),
                        missing.stream()
                            .map(Migration::fileName)
                            .collect(Collectors.joining(", "))));
          }
          return null;
        });
  }

  /**
   * What this build has and the schema has not. A schema that is ahead of this build lacks nothing.
   */
  private Future<List<Migration>> missing(ServiceSchema schema) {
    List<Migration> all = Migration.of(schema);
    return applied(schema.name())
        .map(applied -> {
          List<Migration> missing =
              all.stream().filter(m -> !applied.contains(m.version())).toList();
          int newest = all.getLast().version();
          applied.stream().mapToInt(version -> version).max().stream()
              .filter(version -> version > newest)
              .forEach(version ->
                  LOG.warn(
                      "The schema {} is at version {}, this build knows {}: a newer one was here",
                      schema.name(),
                      version,
                      newest));
          return missing;
        });
  }

  /**
   * A baseline stands for all up to it. Of a migration that failed nothing is taken for granted.
   */
  private Future<Set<Integer>> applied(String schema) {
    String history = schema + "." + Migrator.HISTORY;
    return pool.query("select to_regclass('%s') is not null".formatted(history))
        .execute()
        .compose(rows -> {
          if (!rows.iterator().next().getBoolean(0)) {
            return Future.succeededFuture(Set.of());
          }
          return pool.query(
                  """
                  select distinct v from %s h, lateral generate_series(
                      case type when 'BASELINE' then 1 else version::int end, version::int) as v
                  where success and version is not null\
                  """
                      .formatted(history))
              .execute()
              .map(versions -> {
                Set<Integer> applied = new HashSet<>();
                for (Row row : versions) {
                  applied.add(row.getInteger(0));
                }
                return applied;
              });
        });
  }
}
