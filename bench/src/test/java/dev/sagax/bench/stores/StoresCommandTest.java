package dev.sagax.bench.stores;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.bench.client.ExchangeClient;
import dev.sagax.bench.client.ExchangeProcess;
import dev.sagax.local.infra.PostgresServer;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.DepositRequest;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code ./sagax stores check} as an operator uses it, over a running and a stopped exchange. */
class StoresCommandTest {
  private static final String TOGETHER =
      "PostgreSQL and Kafka belong together: services may be started.";

  @TempDir private Path folder;

  private record Run(int status, String out, String err) {}

  @Test
  void storesAreComparedWhetherTheExchangeRunsOrIsStopped() throws Exception {
    Path data = Files.createDirectories(folder.resolve("data"));
    try (ExchangeProcess exchange = ExchangeProcess.start(data, null)) {
      deposit(exchange);

      assertThat(check("--data", data.toString()))
          .satisfies(run -> assertThat(run.out).contains(TOGETHER))
          .satisfies(run -> assertThat(run.status).isZero());
    }
    assertThat(check("--data", data.toString()).out).contains(TOGETHER);

    in(data, "update ledger.step_output set last_seq = 0 where topic = 'transfer.completed'");

    assertThat(check("--data", data.toString()))
        .satisfies(run ->
            assertThat(run.out)
                .contains(
                    "PostgreSQL went back in time: transfer.completed has record 1 in partition",
                    "Start no service and rebuild no ledger"))
        .satisfies(run -> assertThat(run.status).isEqualTo(1));

    in(
        data,
        "update ledger.step_output set last_seq = 2 where topic = 'transfer.completed'; update ledger.step set outbox = null");

    assertThat(check("--data", data.toString()))
        .satisfies(run ->
            assertThat(run.out)
                .contains("Kafka went back in time: record 2 of transfer.completed-")
                .doesNotContain("PostgreSQL went back in time"))
        .satisfies(run -> assertThat(run.status).isEqualTo(1));
  }

  @Test
  void misuseIsTold() {
    Path nowhere = folder.resolve("nowhere");

    assertThat(check("--data", nowhere.toString()))
        .satisfies(run -> assertThat(run.err).contains("There is no data directory " + nowhere))
        .satisfies(run -> assertThat(run.status).isEqualTo(1));
    assertThat(nowhere).doesNotExist();
    assertThat(check("--kafka", "here:9092").status).isEqualTo(2);
  }

  private static void deposit(ExchangeProcess exchange) {
    try (ExchangeClient client = new ExchangeClient(exchange)) {
      client
          .as("operator", Set.of(Scope.OPERATOR))
          .assets()
          .deposit(
              DepositRequest.newBuilder()
                  .setAccount("saver")
                  .setAsset("USD")
                  .setAmount("1")
                  .setRequestId("d-1")
                  .build());
    }
  }

  private static void in(Path data, String sql) throws Exception {
    Vertx vertx = Vertx.vertx();
    try (PostgresServer postgres = new PostgresServer(data.resolve("postgres"), 0)) {
      postgres.start();
      PgConnection.connect(vertx, PgConnectOptions.fromUri(postgres.uri()))
          .compose(db -> db.query(sql).execute().eventually(db::close))
          .toCompletionStage()
          .toCompletableFuture()
          .get(60, TimeUnit.SECONDS);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
  }

  private static Run check(String... options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] arguments = new String[options.length + 1];
    arguments[0] = "check";
    System.arraycopy(options, 0, arguments, 1, options.length);
    int status =
        new CommandLine(new StoresCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new Run(status, out.toString(), err.toString());
  }
}
