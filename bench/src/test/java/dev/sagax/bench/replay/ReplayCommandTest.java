package dev.sagax.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.bench.client.ExchangeClient;
import dev.sagax.bench.client.ExchangeProcess;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.Balance;
import dev.sagax.proto.asset.v1.GetBalancesRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * Real order flow over a real exchange in a process of its own, which is killed in the middle of
 * the first replays. The tests build on each other.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReplayCommandTest {
  private static final int KILLS = 3;
  private static final String[] EXPECTED = {
    "--expect-trades", RecordedFiles.path("trades.csv").toString(),
    "--expect-book", RecordedFiles.path("book.csv").toString()
  };

  @TempDir private static Path directory;
  private ExchangeProcess killed;
  private ExchangeProcess undisturbed;

  private record Run(int status, String output) {}

  @BeforeAll
  void start() throws IOException {
    killed = start("killed");
  }

  @AfterAll
  void stop() {
    for (ExchangeProcess exchange : new ExchangeProcess[] {killed, undisturbed}) {
      if (exchange != null) {
        exchange.close();
      }
    }
  }

  private ExchangeProcess start(String name) throws IOException {
    Path data = Files.createDirectories(directory.resolve(name));
    return ExchangeProcess.start(data, RecordedFiles.path("markets.yaml"));
  }

  @Test
  @Order(1)
  void aReplayIsKilledThreeTimesWithWorkInFlight() throws Exception {
    for (int kill = 1; kill <= KILLS; kill++) {
      KillAt trigger = new KillAt((double) kill / (KILLS + 1), killed);

      String failure = replayInto(killed, trigger);

      assertThat(failure).as("work in flight").startsWith("Line ");
      assertThat(trigger.acknowledgedAtKill).isBetween(0.05, 0.95);
      killed = start("killed");
    }
  }

  @Test
  @Order(2)
  void theNextReplayOverTheSameDataEndsExactlyAsRecorded() {
    Run run = replay(killed, EXPECTED);

    assertThat(run.output)
        .contains("trades   16, exactly as recorded  [ok]")
        .contains("book     2,091 levels, exactly as recorded  [ok]")
        .contains("every asset conserved  [ok]");
    assertThat(run.status).isZero();
  }

  @Test
  @Order(3)
  void theKilledExchangeHasTheBalancesOfOneThatWasNot() throws IOException {
    undisturbed = start("undisturbed");

    Run run = replay(undisturbed, EXPECTED);

    assertThat(run.status).as(run.output).isZero();
    assertThat(balances(killed)).isEqualTo(balances(undisturbed)).isNotEmpty();
  }

  @Test
  @Order(4)
  void replayingAgainChangesNothingAndSaysSo() {
    Map<Owner, List<Balance>> before = balances(killed);

    Run run = replay(killed, EXPECTED);

    assertThat(run.output)
        .contains(
            "Replayed again: nothing changed (all 3,195 placements were known, no new trade).");
    assertThat(run.status).isZero();
    assertThat(balances(killed)).isEqualTo(before);
  }

  @Test
  @Order(5)
  void aMalformedFileIsMisuseAndNothingIsStarted() throws IOException {
    Path orders = directory.resolve("orders.csv");
    Files.writeString(
        orders,
        "time,market,action,client_order_id,side,type,time_in_force,price,quantity\n1,A-B\n");

    Run run = execute(List.of(orders.toString()));

    assertThat(run.output).contains("orders.csv:2: expected 9 columns");
    assertThat(run.status).isEqualTo(2);
  }

  private static Run replay(ExchangeProcess exchange, String... options) {
    List<String> arguments = new ArrayList<>();
    arguments.add(RecordedFiles.path("orders.csv").toString());
    arguments.addAll(List.of(options));
    arguments.addAll(List.of("--target", exchange.targets().toString()));
    arguments.addAll(List.of("--token-file", exchange.keyFile().toString()));
    return execute(arguments);
  }

  private static Run execute(List<String> arguments) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    int status =
        new CommandLine(new ReplayCommand())
            .setOut(out)
            .setErr(out)
            .execute(arguments.toArray(String[]::new));
    return new Run(status, text.toString());
  }

  /** Replays without patience; the sentence that says why it ended. */
  private static String replayInto(ExchangeProcess exchange, KillAt trigger)
      throws InterruptedException {
    OrderFile orders = OrderFile.read(RecordedFiles.path("orders.csv"), Long.MAX_VALUE);
    trigger.total = orders.instructions().size();
    try (ExchangeClient client = new ExchangeClient(exchange)) {
      Replay replay = new Replay(orders, client, Duration.ofMillis(1));
      replay.fund(replay.markets());
      replay.send(trigger);
      return "It ended before it was killed.";
    } catch (ReplayFailedException e) {
      return e.getMessage();
    }
  }

  private static Map<Owner, List<Balance>> balances(ExchangeProcess exchange) {
    Map<Owner, List<Balance>> balances = new EnumMap<>(Owner.class);
    try (ExchangeClient client = new ExchangeClient(exchange)) {
      for (Owner owner : Owner.values()) {
        balances.put(
            owner,
            client
                .as(owner.account, Set.of(Scope.READ))
                .assets()
                .getBalances(GetBalancesRequest.getDefaultInstance())
                .getBalancesList());
      }
    }
    return balances;
  }

  /** kill -9 of the exchange once a share of the instructions is acknowledged. */
  private static final class KillAt implements Progress {
    private final double share;
    private final ExchangeProcess exchange;
    private double total;
    private double acknowledgedAtKill;

    KillAt(double share, ExchangeProcess exchange) {
      this.share = share;
      this.exchange = exchange;
    }

    @Override
    public void show(long acknowledged, int retries) {
      if (acknowledgedAtKill == 0 && acknowledged >= share * total) {
        acknowledgedAtKill = acknowledged / total;
        exchange.kill();
      }
    }

    @Override
    public void finish(long acknowledged, int retries) {}
  }
}
