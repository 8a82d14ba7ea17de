package dev.sagax.bench.load;

import com.google.common.util.concurrent.ListenableFuture;
import dev.sagax.bench.client.ExchangeClient;
import dev.sagax.bench.client.ExchangeProcess;
import dev.sagax.bench.client.Session;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.DepositRequest;
import dev.sagax.proto.asset.v1.DepositResponse;
import dev.sagax.proto.asset.v1.TransferStatus;
import dev.sagax.proto.ledger.v1.AuditRequest;
import dev.sagax.proto.ledger.v1.GetLedgerStateRequest;
import dev.sagax.proto.ledger.v1.LedgerMode;
import dev.sagax.proto.ledger.v1.LedgerState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** One measurement of a fresh exchange: funds, counted warm-up, window, audit. Blocking. */
final class LoadRun {
  private static final int DEPOSITS_IN_FLIGHT = 256;
  private static final int WARM_UP_IN_FLIGHT = 256;
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final Duration AUDIT_DEADLINE = Duration.ofMinutes(2);
  private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long LOOK_MILLIS = 20;

  /** At the rate before the window opens, so that it opens on a steady state. */
  private static final int RUN_UP_SECONDS = 2;

  private static final int SAMPLES_PER_SECOND = 10;
  private static final int SECONDS_A_LINE = 5;

  private final Plan plan;
  private final ExchangeProcess exchange;
  private final ExchangeClient client;
  private final Consumer<String> progress;
  private final Tally tally = new Tally();
  private final Session operator;

  /**
   * What to do.
   *
   * @param funds decimals by asset, for every account
   * @param warmUp orders
   * @param rate orders a second in an open loop; 0 for a closed loop
   * @param inFlight the width of the closed loop
   */
  record Plan(
      List<FlowMarket> markets,
      Map<String, String> funds,
      int accounts,
      long seed,
      int warmUp,
      int rate,
      int inFlight,
      int seconds) {}

  LoadRun(Plan plan, ExchangeProcess exchange, ExchangeClient client, Consumer<String> progress) {
    this.plan = plan;
    this.exchange = exchange;
    this.client = client;
    this.progress = progress;
    this.operator = client.as("operator", Set.of(Scope.OPERATOR));
  }

  /**
   * @throws IllegalStateException with a sentence if it cannot be carried out
   */
  BenchReport run() throws InterruptedException {
    List<String> accounts =
        IntStream.range(0, plan.accounts).mapToObj("trader-%04d"::formatted).toList();
    progress.accept("Depositing for %,d accounts".formatted(accounts.size()));
    fund(accounts);
    List<Session> traders =
        accounts.stream().map(account -> client.as(account, Set.of(Scope.TRADE))).toList();
    LoadDriver driver =
        new LoadDriver(
            new OrderFlow(plan.seed, plan.markets, plan.accounts),
            order -> traders.get(order.account()).orders(DEADLINE).placeOrder(order.request()),
            tally);
    try (SettledWatch watch = new SettledWatch(exchange.kafkaBootstrap(), tally)) {
      watch.start();
      progress.accept("Warming up with %,d orders".formatted(plan.warmUp));
      driver.send(plan.warmUp, WARM_UP_IN_FLIGHT);
      drain();
      return measure(driver);
    }
  }

  private void fund(List<String> accounts) throws InterruptedException {
    Queue<ListenableFuture<DepositResponse>> underWay = new ArrayDeque<>();
    for (String account : accounts) {
      for (Map.Entry<String, String> fund : plan.funds.entrySet()) {
        if (underWay.size() == DEPOSITS_IN_FLIGHT) {
          await(underWay.remove());
        }
        underWay.add(
            operator
                .assets(DEADLINE)
                .deposit(
                    DepositRequest.newBuilder()
                        .setAccount(account)
                        .setAsset(fund.getKey())
                        .setAmount(fund.getValue())
                        .setRequestId("bench-" + fund.getKey())
                        .build()));
      }
    }
    while (!underWay.isEmpty()) {
      await(underWay.remove());
    }
  }

  private static void await(ListenableFuture<DepositResponse> deposit) throws InterruptedException {
    try {
      TransferStatus status = deposit.get().getTransfer().getStatus();
      if (status != TransferStatus.TRANSFER_STATUS_COMPLETED) {
        throw new IllegalStateException("A deposit ended as " + status);
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("A deposit failed: " + e.getCause(), e.getCause());
    }
  }

  private BenchReport measure(LoadDriver driver) throws InterruptedException {
    progress.accept(
        "Measuring for %d s at %s"
            .formatted(plan.seconds, plan.rate == 0 ? "full speed" : plan.rate + "/s"));
    Schedule schedule =
        new Schedule(
            System.nanoTime(), plan.rate, (long) plan.rate * (RUN_UP_SECONDS + plan.seconds));
    Window window =
        new Window(schedule.startNanos() + TimeUnit.SECONDS.toNanos(RUN_UP_SECONDS), plan.seconds);
    tally.measure(window);
    CompletableFuture<Void> sending = send(driver, schedule, window);
    sleepUntil(window.startNanos());
    Map<String, Long> cpuBefore = ProcessCpu.ofTree(exchange.pid());
    long driverBefore = ProcessCpu.ofThisProcess();
    BacklogTrend backlog = observe(schedule, window);
    long settled = Math.max(1, tally.settled());
    Map<String, Long> cpu = new TreeMap<>(ProcessCpu.ofTree(exchange.pid()));
    cpu.replaceAll((kind, micros) -> (micros - cpuBefore.getOrDefault(kind, 0L)) / settled);
    long driverCpu = (ProcessCpu.ofThisProcess() - driverBefore) / settled;
    sending.join();
    drain();
    if (!tally.firstFailure().isEmpty()) {
      progress.accept("First failed call: " + tally.firstFailure());
    }
    return new BenchReport(
        plan.seconds,
        plan.rate,
        tally.counts(),
        backlog,
        BenchReport.percentiles(tally.apiMicros()),
        BenchReport.percentiles(tally.endToEndMicros()),
        cpu,
        driverCpu,
        audit());
  }

  private CompletableFuture<Void> send(LoadDriver driver, Schedule schedule, Window window) {
    CompletableFuture<Void> sent = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("load-driver")
        .start(() -> {
          try {
            if (plan.rate == 0) {
              driver.sendUntil(window.endNanos(), plan.inFlight);
            } else {
              driver.send(schedule);
            }
            sent.complete(null);
          } catch (InterruptedException | RuntimeException e) {
            sent.completeExceptionally(e);
          }
        });
    return sent;
  }

  /** Samples the backlog to the end of the window. */
  private BacklogTrend observe(Schedule schedule, Window window) throws InterruptedException {
    List<Long> samples = new ArrayList<>();
    long settledBefore = 0;
    for (int n = 1; n <= plan.seconds * SAMPLES_PER_SECOND; n++) {
      sleepUntil(window.startNanos() + n * TimeUnit.SECONDS.toNanos(1) / SAMPLES_PER_SECOND);
      long unsent =
          plan.rate == 0 ? 0 : Math.max(0, schedule.dueBy(System.nanoTime()) - tally.sent());
      samples.add(tally.underWay() + unsent);
      if (n % (SECONDS_A_LINE * SAMPLES_PER_SECOND) == 0) {
        long settled = tally.settled();
        progress.accept(
            "  %2d s  settled %,6d/s  backlog %,d"
                .formatted(
                    n / SAMPLES_PER_SECOND,
                    (settled - settledBefore) / SECONDS_A_LINE,
                    samples.getLast()));
        settledBefore = settled;
      }
    }
    return BacklogTrend.of(samples);
  }

  private static void sleepUntil(long nanos) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(nanos - System.nanoTime());
  }

  /** Waits until nothing is under way; what never ends is reported as unsettled. */
  private void drain() throws InterruptedException {
    long start = System.nanoTime();
    while (tally.underWay() > 0 && System.nanoTime() - start < DRAIN_NANOS) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }

  /** How many things are wrong; each is told. */
  private int audit() {
    return selfAudit() + fullAudit();
  }

  /** What the ledger has found by itself meanwhile: a breach of its own, or a false alarm. */
  private int selfAudit() {
    LedgerState state =
        operator.ledger().getLedgerState(GetLedgerStateRequest.getDefaultInstance()).getState();
    if (state.getMode() == LedgerMode.LEDGER_MODE_OPEN) {
      return 0;
    }
    progress.accept("The ledger is not open: " + state.getReason());
    return 1;
  }

  private int fullAudit() {
    var audit =
        operator
            .ledger()
            .withDeadlineAfter(AUDIT_DEADLINE)
            .audit(AuditRequest.getDefaultInstance());
    audit.getFindingsList().forEach(progress);
    return audit.getConserved() ? 0 : Math.max(1, audit.getFindingsCount());
  }
}
