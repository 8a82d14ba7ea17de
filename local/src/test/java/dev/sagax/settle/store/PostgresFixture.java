package dev.sagax.settle.store;

import static dev.sagax.settle.redis.RedisFixture.await;

import dev.sagax.local.infra.PostgresServer;
import dev.sagax.platform.log.StepTables;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** A real PostgreSQL with the ledger's schema, empty before each test. */
public final class PostgresFixture implements AutoCloseable {
  public final PostgresServer server;
  public final Pool pool;

  public PostgresFixture(Vertx vertx, Path home) {
    server = new PostgresServer(home.resolve("postgres"), 0);
    server.start();
    pool =
        PgBuilder.pool()
            .connectingTo(
                PgConnectOptions.fromUri(server.uri())
                    .setCachePreparedStatements(true)
                    .setPipeliningLimit(256))
            .with(new PoolOptions().setMaxSize(4))
            .using(vertx)
            .build();
    migrate();
    migrate();
  }

  public void migrate() {
    await(StepTables.migrate(pool, PgJournal.SCHEMA, ddl(), Map.of()));
  }

  private static String ddl() {
    try (InputStream in = PgJournal.class.getClassLoader().getResourceAsStream(PgJournal.DDL)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void wipe() {
    await(
        pool.query(
                "truncate ledger.epoch, ledger.hold, ledger.leg, ledger.transfer,"
                    + " ledger.step_input, ledger.audit")
            .execute());
  }

  @Override
  public void close() {
    await(pool.close());
    server.close();
  }
}
