package dev.sagax.platform.schema;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/**
 * How long a migration waits for a lock. One that changes a table gives up soon, since whoever
 * wants that table waits behind it. An index that is built beside writes waits for every
 * transaction that is older than it, and nobody waits behind it; cut off, it would leave an invalid
 * index that a person has to remove.
 */
final class LockPatience implements Callback {
  private final List<Migration> migrations;

  LockPatience(List<Migration> migrations) {
    this.migrations = migrations;
  }

  @Override
  public boolean supports(Event event, Context context) {
    return event == Event.BEFORE_EACH_MIGRATE;
  }

  @Override
  public boolean canHandleInTransaction(Event event, Context context) {
    return true;
  }

  @Override
  public void handle(Event event, Context context) {
    String script = context.getMigrationInfo().getScript();
    boolean patient =
        migrations.stream().anyMatch(m -> m.fileName().equals(script) && isBesideWrites(m));
    try (Statement statement = context.getConnection().createStatement()) {
      statement.execute("set lock_timeout = '%s'".formatted(patient ? "0" : OwnerDatabase.LOCK));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isBesideWrites(Migration migration) {
    return migration.sql().toLowerCase(Locale.ROOT).contains("concurrently");
  }

  @Override
  public String getCallbackName() {
    return "lock patience";
  }
}
