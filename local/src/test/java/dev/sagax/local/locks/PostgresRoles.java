package dev.sagax.local.locks;

import dev.sagax.local.infra.PostgresServer;
import dev.sagax.platform.tls.StoreAddress;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** An owner of all tables, who is no superuser, and a role for each service, which owns nothing. */
public final class PostgresRoles {
  public static final String OWNER = "sagax_owner";

  private PostgresRoles() {}

  public static String password(String role) {
    return role + "-pw";
  }

  /** Makes them, as the superuser. */
  public static void make(Vertx vertx, PostgresServer postgres) throws Exception {
    StringBuilder sql = new StringBuilder();
    sql.append(role(OWNER)).append("grant create on database sagax to ").append(OWNER).append(';');
    for (String service : Locks.SERVICES) {
      sql.append(role(service));
    }
    query(vertx, postgres.uri(), sql.toString());
  }

  private static String role(String name) {
    return "create role \"%s\" login password '%s';".formatted(name, password(name));
  }

  /** Fails with what PostgreSQL says. */
  public static RowSet<Row> query(Vertx vertx, String uri, String sql) throws Exception {
    Future<RowSet<Row>> rows =
        PgConnection.connect(vertx, StoreAddress.postgres(uri))
            .compose(db -> db.query(sql).execute().eventually(db::close));
    try {
      return rows.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
