package dev.sagax.bench.load;

import dev.sagax.local.DevTokens;
import dev.sagax.local.Endpoints;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.platform.rpc.Tokens;
import dev.sagax.proto.asset.v1.AssetServiceGrpc;
import dev.sagax.proto.asset.v1.DepositRequest;
import dev.sagax.proto.ledger.v1.AuditRequest;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpc;
import dev.sagax.proto.order.v1.OrderServiceGrpc;
import dev.sagax.proto.order.v1.OrderServiceGrpc.OrderServiceFutureStub;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./sagax bench}: a fresh exchange in a process of its own under load from this one. */
@Command(
    name = "bench",
    description =
        "Measures settled orders per second, latency and CPU per order on a fresh exchange.",
    mixinStandardHelpOptions = true)
public final class BenchCommand implements Callable<Integer> {
  private static final List<String> ASSETS = List.of("AAA", "BBB", "CCC", "DDD");
  private static final String QUOTE = "USD";
  private static final int DEPOSITS_IN_FLIGHT = 256;
  private static final int OPEN_LOOP_BOUND = 8_000;
  private static final long DRAIN_SECONDS = 60;
  private static final long END_TO_END_LIMIT_MICROS = 1_000_000;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Orders a second, open loop (default: ${DEFAULT-VALUE}). 0: closed loop.")
  private int rate = 2_000;

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      description = "Calls in flight in a closed loop (default: ${DEFAULT-VALUE}).")
  private int inFlight = 256;

  @Option(names = "--seconds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int seconds = 60;

  @Option(
      names = "--warmup",
      paramLabel = "ORDERS",
      description = "Orders before the measured window (default: ${DEFAULT-VALUE}).")
  private int warmup = 60_000;

  @Option(names = "--accounts", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int accounts = 1_000;

  @Option(names = "--seed", paramLabel = "S", description = "Default: ${DEFAULT-VALUE}.")
  private long seed = 42;

  @Option(names = "--json", description = "Prints the result as JSON on standard output.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (rate < 0 || inFlight < 1 || seconds < 1 || warmup < 0 || accounts < 2) {
      System.err.println("--in-flight and --seconds must be 1 or more, --accounts 2 or more.");
      return 2;
    }
    Path temporary = Files.createTempDirectory("sagax-bench");
    Path markets = temporary.resolve("markets.yaml");
    try (InputStream in = getClass().getResourceAsStream("/bench-markets.yaml")) {
      Files.copy(in, markets);
    }
    say("Starting a fresh exchange in " + temporary);
    try (ExchangeProcess exchange =
        ExchangeProcess.start(Files.createDirectory(temporary.resolve("data")), markets)) {
      BenchReport report = measure(exchange);
      System.out.println(json ? report.toJson() : report.toText());
      return verdict(report);
    } finally {
      deleteTree(temporary);
    }
  }

  private static void deleteTree(Path root) throws IOException {
    try (var entries = Files.walk(root)) {
      for (Path entry : entries.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(entry);
      }
    }
  }

  /** Exit code 0 only for a run that counts. */
  private int verdict(BenchReport report) {
    List<String> objections = new ArrayList<>();
    if (!report.conserved()) {
      objections.add("money is not conserved");
    }
    if (report.failed() > 0) {
      objections.add(report.failed() + " calls failed");
    }
    if (report.endToEndMicros().get("p99") > END_TO_END_LIMIT_MICROS) {
      objections.add("end-to-end p99 is above 1 s");
    }
    if (report.backlogGrowth() > Math.max(500, report.settledPerSecond() / 2)) {
      objections.add("the backlog grew");
    }
    if (report.tradedShare() < 0.5) {
      objections.add("less than half of the orders traded");
    }
    objections.forEach(objection -> System.err.println("This run does not count: " + objection));
    return objections.isEmpty() ? 0 : 1;
  }

  private BenchReport measure(ExchangeProcess exchange) throws Exception {
    Endpoints at = exchange.endpoints();
    Tokens tokens = DevTokens.load(at.keyFile());
    ManagedChannel orders = channel(at.host(), at.ports().order());
    ManagedChannel assets = channel(at.host(), at.ports().asset());
    ManagedChannel ledger = channel(at.host(), at.ports().settle());
    List<String> names = IntStream.range(0, accounts).mapToObj("trader-%04d"::formatted).toList();
    try (SettledWatch watch = new SettledWatch(at.kafkaBootstrap())) {
      deposit(assets, tokens, names);
      Map<String, OrderServiceFutureStub> stubs = new HashMap<>();
      for (String name : names) {
        stubs.put(
            name,
            OrderServiceGrpc.newFutureStub(orders)
                .withInterceptors(
                    bearer(tokens.issue(name, EnumSet.of(Scope.TRADE), Duration.ofHours(12)))));
      }
      OrderFlow flow =
          new OrderFlow(seed, ASSETS.stream().map(a -> a + "-" + QUOTE).toList(), names);
      say("Warming up with %,d orders".formatted(warmup));
      new LoadDriver(flow, stubs, watch, 0, inFlight).runCount(warmup);
      drain(watch);
      return window(exchange, flow, stubs, watch, ledger, tokens);
    } finally {
      orders.shutdownNow();
      assets.shutdownNow();
      ledger.shutdownNow();
    }
  }

  private BenchReport window(
      ExchangeProcess exchange,
      OrderFlow flow,
      Map<String, OrderServiceFutureStub> stubs,
      SettledWatch watch,
      ManagedChannel ledger,
      Tokens tokens)
      throws Exception {
    LoadDriver driver =
        new LoadDriver(flow, stubs, watch, rate, rate == 0 ? inFlight : OPEN_LOOP_BOUND);
    driver.runFor(TimeUnit.SECONDS.toNanos(2)); // reach the steady state before the clock starts
    driver.takeLatencies();
    watch.takeLatencies();
    say("Measuring for %d s at %s".formatted(seconds, rate == 0 ? "full speed" : rate + "/s"));
    Map<String, Long> cpuBefore = ProcessCpu.ofTree(exchange.pid());
    long settledBefore = watch.settled();
    long acceptedBefore = driver.accepted();
    long backlogBefore = watch.backlog();
    long start = System.nanoTime();
    for (int second = 0; second < seconds; second++) {
      long settledSoFar = watch.settled();
      driver.runFor(TimeUnit.SECONDS.toNanos(1));
      if (second % 5 == 4) {
        say(
            "  %2d s  settled %,6d/s  backlog %,d"
                .formatted(second + 1, watch.settled() - settledSoFar, watch.backlog()));
      }
    }
    double elapsed = (System.nanoTime() - start) / 1e9;
    long settledInWindow = watch.settled() - settledBefore;
    long acceptedInWindow = driver.accepted() - acceptedBefore;
    long growth = watch.backlog() - backlogBefore;
    Map<String, Long> cpu = new TreeMap<>();
    ProcessCpu.ofTree(exchange.pid())
        .forEach((kind, micros) ->
            cpu.put(
                kind, (micros - cpuBefore.getOrDefault(kind, 0L)) / Math.max(1, settledInWindow)));
    var api = BenchReport.percentiles(driver.takeLatencies());
    var endToEnd = BenchReport.percentiles(watch.takeLatencies());
    drain(watch);
    if (driver.failed() > 0) {
      say("First failed call: " + driver.firstFailure());
    }
    double all = Math.max(1, watch.settled() + watch.rejected());
    return new BenchReport(
        elapsed,
        acceptedInWindow / elapsed,
        settledInWindow / elapsed,
        watch.traded() / all,
        watch.rejected(),
        driver.failed(),
        growth,
        api,
        endToEnd,
        cpu,
        audit(ledger, tokens));
  }

  private static void drain(SettledWatch watch) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
    while (watch.backlog() > 0) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(watch.backlog() + " orders were never settled");
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private void deposit(ManagedChannel channel, Tokens tokens, List<String> names)
      throws InterruptedException, TimeoutException, ExecutionException {
    say("Depositing for %,d accounts".formatted(names.size()));
    var operator =
        AssetServiceGrpc.newFutureStub(channel)
            .withInterceptors(
                bearer(tokens.issue("operator", EnumSet.of(Scope.OPERATOR), Duration.ofHours(1))));
    Semaphore free = new Semaphore(DEPOSITS_IN_FLIGHT);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<String> all = new ArrayList<>(ASSETS);
    all.add(QUOTE);
    for (String name : names) {
      for (String asset : all) {
        free.acquire();
        var answer =
            operator.deposit(
                DepositRequest.newBuilder()
                    .setAccount(name)
                    .setAsset(asset)
                    .setAmount(asset.equals(QUOTE) ? "100000000" : "1000000")
                    .setRequestId("bench-" + asset)
                    .build());
        answer.addListener(
            () -> {
              free.release();
              try {
                answer.get();
              } catch (ExecutionException e) {
                failure.compareAndSet(null, e.getCause());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            Runnable::run);
      }
    }
    if (!free.tryAcquire(DEPOSITS_IN_FLIGHT, 60, TimeUnit.SECONDS)) {
      throw new TimeoutException("Deposits did not complete");
    }
    if (failure.get() != null) {
      throw new IllegalStateException("A deposit failed", failure.get());
    }
  }

  private static boolean audit(ManagedChannel channel, Tokens tokens) {
    var audit =
        LedgerServiceGrpc.newBlockingStub(channel)
            .withInterceptors(
                bearer(tokens.issue("operator", EnumSet.of(Scope.OPERATOR), Duration.ofHours(1))))
            .audit(AuditRequest.getDefaultInstance());
    audit.getFindingsList().forEach(System.err::println);
    return audit.getConserved();
  }

  private static io.grpc.ClientInterceptor bearer(String token) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  private static ManagedChannel channel(String host, int port) {
    return NettyChannelBuilder.forAddress(host, port).usePlaintext().build();
  }

  private static void say(String line) {
    System.err.println(line);
  }
}
