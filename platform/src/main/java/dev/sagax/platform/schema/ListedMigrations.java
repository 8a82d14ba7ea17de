package dev.sagax.platform.schema;

import java.io.Reader;
import java.io.StringReader;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;

/** Gives Flyway the migrations that a schema lists, so that it need not search the class path. */
final class ListedMigrations implements ResourceProvider {
  private final List<Migration> migrations;

  ListedMigrations(List<Migration> migrations) {
    this.migrations = migrations;
  }

  /** Flyway asks for files with settings of a migration; there are none. */
  @Override
  public LoadableResource getResource(String name) {
    return null;
  }

  @Override
  public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
    return migrations.stream()
        .filter(m -> m.fileName().startsWith(prefix))
        .filter(m -> Arrays.stream(suffixes).anyMatch(m.fileName()::endsWith))
        .<LoadableResource>map(Script::new)
        .toList();
  }

  private static final class Script extends LoadableResource {
    private final Migration migration;

    Script(Migration migration) {
      this.migration = migration;
    }

    @Override
    public Reader read() {
      return new StringReader(migration.sql());
    }

    @Override
    public String getAbsolutePath() {
      return migration.resource();
    }

    @Override
    public String getAbsolutePathOnDisk() {
      return migration.resource();
    }

    @Override
    public String getFilename() {
      return migration.fileName();
    }

    @Override
    public String getRelativePath() {
      return migration.fileName();
    }
  }
}
