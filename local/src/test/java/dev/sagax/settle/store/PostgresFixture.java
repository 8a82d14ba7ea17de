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
                    // Nothing here outlives the test, so no commit waits for the disk.
                    .addProperty("synchronous_commit", "off")
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

  /** Deletes: to truncate some small tables takes a hundred times as long. */
  public void wipe() {
    await(
        pool.query(
                """
                delete from ledger.epoch;
                delete from ledger.hold;
                delete from ledger.leg;
                delete from ledger.transfer;
                delete from ledger.step_input;
                delete from ledger.audit\
                """)
            .execute());
  }

  @Override
  public void close() {
    await(pool.close());
    server.close();
  }
}
