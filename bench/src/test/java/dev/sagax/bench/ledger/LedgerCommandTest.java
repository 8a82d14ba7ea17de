package dev.sagax.bench.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.bench.client.ExchangeClient;
import dev.sagax.bench.client.ExchangeProcess;
import dev.sagax.local.Endpoints;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.DepositRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * {@code ./sagax ledger} as an operator uses it, over an exchange in a process of its own, which
 * runs or is stopped. The tests build on each other.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LedgerCommandTest {
  private static final String EQUAL = "Redis equals the journal, and every asset is conserved.";

  @TempDir private static Path folder;
  private Path data;
  private int deposits;
  private ExchangeProcess exchange;

  private record Run(int status, String out, String err) {}

  @BeforeAll
  void start() throws IOException {
    data = Files.createDirectories(folder.resolve("data"));
    exchange = ExchangeProcess.start(data, null);
    deposit("100");
  }

  @AfterAll
  void stop() {
    exchange.close();
  }

  @Test
  @Order(1)
  void openLedgerIsShownVerifiedAndOpenedWithoutAChange() {
    assertThat(ledger("state"))
        .satisfies(run -> assertThat(run.out).startsWith("ledger    OPEN\nsince     always\n"))
        .satisfies(run -> assertThat(run.status).isZero());
    assertThat(ledger("verify"))
        .satisfies(run -> assertThat(run.out).contains("USD", "2 journal entries", EQUAL))
        .satisfies(run -> assertThat(run.status).isZero());
    assertThat(ledger("open"))
        .satisfies(run -> assertThat(run.out).contains("ledger    OPEN"))
        .satisfies(run -> assertThat(run.status).isZero());
  }

  @Test
  @Order(2)
  void redisThatIsEmptiedIsNamedAndRebuiltWhileTheExchangeRuns() throws IOException {
    flushRedis();

    eventually(() ->
        assertThat(ledger("verify"))
            .satisfies(run -> assertThat(run.status).isEqualTo(1))
            .satisfies(run -> assertThat(run.out).contains("./sagax ledger rebuild")));
    assertThat(ledger("rebuild"))
        .satisfies(run -> assertThat(run.out).contains("Rebuilt from 2 journal entries"))
        .satisfies(run -> assertThat(run.status).isZero());

    eventually(() -> assertThat(ledger("state").status).isZero());
    assertThat(ledger("verify").out).contains(EQUAL);
    deposit("1");
  }

  @Test
  @Order(3)
  void redisThatIsGoneIsNamedAndRebuiltWhileTheExchangeIsStopped() throws IOException {
    exchange.close();
    assertThat(ledger("state").err).contains("No exchange runs over " + data);
    assertThat(ledger("verify").out).contains("4 journal entries", EQUAL);

    delete(data.resolve("redis/data"));

    assertThat(ledger("verify"))
        .satisfies(run -> assertThat(run.status).isEqualTo(1))
        .satisfies(
            run -> assertThat(run.out).contains("Redis holds no ledger", "./sagax ledger rebuild"));
    assertThat(ledger("rebuild"))
        .satisfies(run -> assertThat(run.out).contains("Rebuilt from 4 journal entries"))
        .satisfies(run -> assertThat(run.status).isZero());
    assertThat(ledger("verify").out).contains(EQUAL);
  }

  @Test
  @Order(4)
  void exchangeOverALostRedisStaysUpAndSaysWhatToDo() throws IOException {
    delete(data.resolve("redis/data"));

    exchange = ExchangeProcess.start(data, null);

    eventually(() ->
        assertThat(data.resolveSibling("data.up.log"))
            .content()
            .contains("NOT READY", "./sagax ledger rebuild --data " + data));
    assertThat(ledger("rebuild").status).isZero();
    eventually(() -> assertThat(ledger("state").status).isZero());
    deposit("1");
    assertThat(ledger("verify").out).contains("6 journal entries", EQUAL);
  }

  @Test
  @Order(5)
  void misuseIsTold() {
    assertThat(execute(List.of()).err).contains("Say what to do: state, verify, rebuild or open.");
    assertThat(execute(List.of("verify", "--redis", "redis://here")).status).isEqualTo(2);
    Path nowhere = folder.resolve("nowhere");
    for (String command : List.of("state", "open", "verify", "rebuild")) {
      assertThat(execute(List.of(command, "--data", nowhere.toString())))
          .satisfies(run -> assertThat(run.err).contains(nowhere.toString()))
          .satisfies(run -> assertThat(run.status).isNotZero());
    }
  }

  private Run ledger(String command) {
    return execute(List.of(command, "--data", data.toString()));
  }

  private static Run execute(List<String> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status =
        new CommandLine(new LedgerCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(new ArrayList<>(arguments).toArray(String[]::new));
    return new Run(status, out.toString(), err.toString());
  }

  private static void eventually(Runnable assertion) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      try {
        assertion.run();
        return;
      } catch (AssertionError notYet) {
        if (System.nanoTime() > end) {
          throw notYet;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
      }
    }
  }

  private void deposit(String amount) {
    try (ExchangeClient client = new ExchangeClient(exchange)) {
      client
          .as("operator", Set.of(Scope.OPERATOR))
          .assets()
          .deposit(
              DepositRequest.newBuilder()
                  .setAccount("saver")
                  .setAsset("USD")
                  .setAmount(amount)
                  .setRequestId("d-" + ++deposits)
                  .build());
    }
  }

  private void flushRedis() throws IOException {
    URI uri = URI.create(Endpoints.read(data).redisUri());
    try (Socket redis = new Socket(uri.getHost(), uri.getPort())) {
      redis.getOutputStream().write("FLUSHALL\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(redis.getInputStream().readNBytes(3)).isEqualTo("+OK".getBytes());
    }
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
