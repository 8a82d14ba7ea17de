package dev.sagax.platform.log;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;

/** Creates a service's schema: the tables that every step needs and the service's own. */
public final class StepTables {
  private static final int LOCK = 0x5a6a;

  private StepTables() {}

  /**
   * @param script the service's own DDL; every statement repeatable. Two instances that start at once take turns.
   */
  public static Future<Void> migrate(Pool pool, String schema, String script) {
    return pool.withConnection(
        db ->
            db.query(
                    "begin; select pg_advisory_xact_lock(%d);%s%s;commit"
                        .formatted(LOCK, StepStore.ddl(schema), script))
                .execute()
                .<Void>mapEmpty()
                .onFailure(failure -> db.close()));
  }
}
