package dev.sagax.local.infra;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresServerTest {
  private final Vertx vertx = Vertx.vertx();

  @TempDir Path home;

  @AfterEach
  void closeVertx() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void syncsEveryCommitToDisk() throws Exception {
    try (PostgresServer postgres = new PostgresServer(home, 0)) {
      postgres.start();

      assertThat(ask(postgres, "show fsync")).isEqualTo("on");
      assertThat(ask(postgres, "show synchronous_commit")).isEqualTo("on");
      assertThat(ask(postgres, "show full_page_writes")).isEqualTo("on");
      assertThat(ask(postgres, "show server_encoding")).isEqualTo("UTF8");
      assertThat(ask(postgres, "show listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(ask(postgres, "select current_database()::text")).isEqualTo("sagax");
    }
  }

  @Test
  void keepsDataAndPortOverStopAndKill() throws Exception {
    try (PostgresServer postgres = new PostgresServer(home, 0)) {
      postgres.start();
      int port = postgres.port();
      ask(postgres, "create table kept (what text)");
      ask(postgres, "insert into kept values ('stopped')");

      postgres.stop();
      postgres.start();
      ask(postgres, "insert into kept values ('killed')");
      postgres.kill();
      postgres.start();

      assertThat(postgres.port()).isEqualTo(port);
      assertThat(ask(postgres, "select string_agg(what, ' ' order by what) from kept"))
          .isEqualTo("killed stopped");
    }
  }

  @Test
  void stopsThoughAClientIsConnected() throws Exception {
    PostgresServer postgres = new PostgresServer(home, 0);
    postgres.start();
    PgConnection client = connect(postgres);
    long pid = postgres.pid();

    postgres.stop();

    assertThat(ProcessHandle.of(pid)).isEmpty();
    assertThat(Files.readString(postgres.log())).contains("database system is shut down");
    assertThat(client.query("select 1").execute().toCompletionStage().toCompletableFuture())
        .failsWithin(10, TimeUnit.SECONDS);
  }

  @Test
  void startsOverALockWhoseProcessIdBelongsToSomeoneElseNow() throws Exception {
    try (PostgresServer postgres = new PostgresServer(home, 0)) {
      postgres.start();
      postgres.kill();
      replaceLockOwner(ProcessHandle.current().pid());

      postgres.start();

      assertThat(ask(postgres, "select 'here'::text")).isEqualTo("here");
    }
  }

  private void replaceLockOwner(long pid) throws IOException {
    Path lock = home.resolve("data").resolve("postmaster.pid");
    Files.writeString(lock, Files.readString(lock).replaceFirst("^[0-9]+", String.valueOf(pid)));
  }

  private PgConnection connect(PostgresServer postgres) throws Exception {
    return PgConnection.connect(vertx, postgres.uri())
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  /** The one value of the answer, or null if it has no rows. */
  private String ask(PostgresServer postgres, String sql) throws Exception {
    PgConnection connection = connect(postgres);
    return connection
        .query(sql)
        .execute()
        .map(rows -> rows.size() == 0 ? null : rows.iterator().next().getString(0))
        .eventually(connection::close)
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }
}
