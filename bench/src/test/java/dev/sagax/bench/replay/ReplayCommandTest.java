package dev.sagax.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.bench.client.ExchangeClient;
import dev.sagax.bench.client.ExchangeProcess;
import dev.sagax.bench.kill.Crash;
import dev.sagax.bench.kill.Seed;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.GetBalancesRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
 * Real order flow over a real exchange in a process of its own, which is killed together with all
 * its servers in the middle of the first replays. The tests build on each other.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReplayCommandTest {
  private static final int KILLS = 3;
  private static final String[] EXPECTED = {
    "--expect-trades", RecordedFiles.path("trades.csv").toString(),
    "--expect-book", RecordedFiles.path("book.csv").toString()
  };

  private static final Path MARKETS = RecordedFiles.path("markets.yaml");
  private static final String KILLED = "killed";

  @TempDir private static Path directory;

  /** {@code -Dsagax.processes=N}: each service as so many processes. */
  private static final List<String> PROCESSES =
      Integer.getInteger("sagax.processes", 0) == 0
          ? List.of()
          : List.of("--processes", "--replicas", System.getProperty("sagax.processes"));

  private ExchangeProcess killed;

  private record Run(int status, String output) {}

  @BeforeAll
  void start() throws IOException {
    killed = start(KILLED);
  }

  @AfterAll
  void stop() {
    if (killed != null) {
      killed.close();
    }
  }

  private ExchangeProcess start(String name) throws IOException {
    Path data = Files.createDirectories(directory.resolve(name));
    return ExchangeProcess.start(data, MARKETS, PROCESSES);
  }

  @Test
  @Order(1)
  void aReplayIsKilledThreeTimesWithWorkInFlight() throws Exception {
    Random random = new Random(Seed.of(ReplayCommandTest.class));
    int settledBefore = 0;
    Map<String, Integer> acknowledged = Map.of();
    for (int kill = 0; kill < KILLS; kill++) {
      // Somewhere in every third of what lies between 7 and 87 %.
      double share = 0.07 + (kill + random.nextDouble()) * 0.8 / KILLS;

      Killed outcome = replayUntil(share, acknowledged);
      acknowledged = outcome.acknowledged();

      assertThat(outcome.acknowledgedShare()).isBetween(0.05, 0.95);
      assertThat(outcome.failures).as("calls cut off").anyMatch(said -> said.startsWith("Line "));
      Set<String> settled = Crash.settled(directory.resolve(KILLED), MARKETS);
      Set<String> inFlight = new HashSet<>(outcome.acknowledgedPlacements());
      inFlight.removeAll(settled);
      System.out.printf(
          "ReplayCommandTest: killed at %.0f %%, %d placements acknowledged but not settled%n",
          outcome.acknowledgedShare() * 100, inFlight.size());
      assertThat(inFlight).as("acknowledged, but not settled").isNotEmpty();
      assertThat(settled).as("settled").hasSizeGreaterThanOrEqualTo(settledBefore);
      settledBefore = settled.size();
      killed = start(KILLED);
    }
    assertThat(settledBefore).as("settled before the last kill").isPositive();
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
  void balancesAreThoseOfTheRecordedTradesAndBook() {
    assertThat(balances(killed)).isEqualTo(RecordedBalances.compute()).isNotEmpty();
  }

  @Test
  @Order(4)
  void replayingAgainChangesNothingAndSaysSo() {
    Map<String, String> before = balances(killed);

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

  @Test
  @Order(6)
  void withoutATargetAFreshExchangeIsStarted() {
    int limit = 50;
    Path orders = RecordedFiles.path("orders.csv");
    int placements = OrderFile.read(orders, limit).places().size();

    Run run = execute(List.of(orders.toString(), "--limit", String.valueOf(limit)));

    assertThat(run.output)
        .contains("Starting a temporary exchange")
        .contains("orders   %1$d of %1$d".formatted(placements))
        .contains("every asset conserved  [ok]")
        .contains("All is as it should be.");
    assertThat(run.status).isZero();
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

  /** What a replay had come to when its exchange was killed: by market, and what it then said. */
  private record Killed(
      OrderFile orders, Map<String, Integer> acknowledged, List<String> failures) {
    double acknowledgedShare() {
      return acknowledged.values().stream().mapToInt(Integer::intValue).sum()
          / (double) orders.instructions().size();
    }

    Set<String> acknowledgedPlacements() {
      Set<String> placements = new HashSet<>();
      orders
          .byMarket()
          .forEach((market, instructions) -> {
            for (Instruction sent : instructions.subList(0, acknowledged.get(market))) {
              if (sent instanceof Instruction.Place place) {
                placements.add(Crash.placement(market, place.clientOrderId()));
              }
            }
          });
      return placements;
    }
  }

  /**
   * Replays, without patience, until a share is acknowledged; then all processes are killed. Goes
   * on where the one before was killed: whatever of it was lost would come too late in the last
   * replay, which sends all, to end as recorded.
   */
  private Killed replayUntil(double share, Map<String, Integer> acknowledgedBefore) {
    OrderFile orders = OrderFile.read(RecordedFiles.path("orders.csv"), Long.MAX_VALUE);
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try (ExchangeClient client = new ExchangeClient(killed)) {
      Replay replay = new Replay(orders, client, Duration.ZERO);
      replay.fund(replay.markets());
      Map<String, Stretch> stretches = new TreeMap<>();
      orders
          .byMarket()
          .forEach((market, instructions) -> {
            int first = acknowledgedBefore.getOrDefault(market, 0);
            stretches.put(
                market,
                new Stretch(
                    first,
                    new MarketStream(
                        instructions.subList(first, instructions.size()),
                        replay::acknowledge,
                        () -> {},
                        timer,
                        Duration.ZERO)));
          });
      List<CompletableFuture<Void>> sending =
          stretches.values().stream().map(stretch -> stretch.stream.start()).toList();
      while (acknowledged(stretches) < share * orders.instructions().size()) {
        assertThat(sending).noneMatch(CompletableFuture::isCompletedExceptionally);
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
      }
      Map<String, Integer> atKill = Crash.killAll(killed, () -> acknowledgedByMarket(stretches));
      return new Killed(orders, atKill, sending.stream().map(ReplayCommandTest::failure).toList());
    } finally {
      timer.shutdownNow();
    }
  }

  /** A market's instructions from the first that was not acknowledged before. */
  private record Stretch(int first, MarketStream stream) {
    int acknowledged() {
      return first + stream.acknowledged();
    }
  }

  private static Map<String, Integer> acknowledgedByMarket(Map<String, Stretch> stretches) {
    Map<String, Integer> acknowledged = new TreeMap<>();
    stretches.forEach((market, stretch) -> acknowledged.put(market, stretch.acknowledged()));
    return acknowledged;
  }

  private static int acknowledged(Map<String, Stretch> stretches) {
    return stretches.values().stream().mapToInt(Stretch::acknowledged).sum();
  }

  /** What a stream of instructions ended with. */
  private static String failure(CompletableFuture<Void> sending) {
    try {
      sending.get(20, TimeUnit.SECONDS);
      return "All is sent.";
    } catch (ExecutionException e) {
      return e.getCause().getMessage();
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("The stream did not notice the kill.", e);
    }
  }

  /** In the words of {@link RecordedBalances}. */
  private static Map<String, String> balances(ExchangeProcess exchange) {
    Map<String, String> told = new TreeMap<>();
    try (ExchangeClient client = new ExchangeClient(exchange)) {
      for (Owner owner : Owner.values()) {
        client
            .as(owner.account, Set.of(Scope.READ))
            .assets()
            .getBalances(GetBalancesRequest.getDefaultInstance())
            .getBalancesList()
            .forEach(balance ->
                RecordedBalances.put(
                    told,
                    owner,
                    balance.getAsset(),
                    new BigDecimal(balance.getAvailable()),
                    new BigDecimal(balance.getHeld())));
      }
    }
    return told;
  }
}
