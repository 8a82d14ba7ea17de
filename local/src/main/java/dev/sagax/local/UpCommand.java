package dev.sagax.local;

import dev.sagax.local.infra.Infrastructure;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.platform.rpc.Tokens;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./sagax up}: runs until it is told to stop. */
@Command(
    name = "up",
    description = "Starts Kafka, Redis, PostgreSQL and the four services on this machine.",
    mixinStandardHelpOptions = true)
public final class UpCommand implements Callable<Integer> {
  private static final int MOST_REPLICAS = 9;
  private static final Duration TOKENS_VALID = Duration.ofDays(1);

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where everything is kept (default: ${DEFAULT-VALUE}).")
  private Path data = Path.of(".sagax");

  @Option(names = "--fresh", description = "Empties the data directory first.")
  private boolean fresh;

  @Option(names = "--markets", paramLabel = "FILE", description = "Assets and markets.")
  private Path markets;

  @Option(
      names = "--any-port",
      description = "Takes free ports for the services instead of 9101 to 9104.")
  private boolean anyPort;

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      description = "Kafka's port; by default the last one used, or a free one.")
  private int kafkaPort;

  @Option(names = "--redis-port", paramLabel = "PORT", description = "Redis's port, likewise.")
  private int redisPort;

  @Option(
      names = "--postgres-port",
      paramLabel = "PORT",
      description = "PostgreSQL's port, likewise.")
  private int postgresPort;

  @Option(
      names = "--processes",
      description = "Runs each service as a process of its own; one that dies is started again.")
  private boolean processes;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      description = "Processes of each service, 1 to 9; needs --processes (default: 1).")
  private Integer replicas;

  @Option(
      names = "--set",
      hidden = true,
      paramLabel = "SETTING=VALUE",
      description = "A setting of all services, for measurements.")
  private Map<String, String> settings = Map.of();

  @Option(
      names = "--with-parent",
      hidden = true,
      description = "Ends with standard input, the pipe from a process that must not be outlived.")
  private boolean withParent;

  @Override
  public Integer call() throws InterruptedException {
    if (replicas != null && (!processes || replicas < 1 || replicas > MOST_REPLICAS)) {
      System.err.println("--replicas needs --processes and a number from 1 to 9.");
      return CommandLine.ExitCode.USAGE;
    }
    CountDownLatch stopped = new CountDownLatch(1);
    CountDownLatch askedToStop = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(askedToStop, stopped), "stop"));
    if (withParent) {
      Thread.ofPlatform().daemon().name("parent").start(() -> awaitParentsEnd(askedToStop));
    }
    Path directory = data.toAbsolutePath().normalize();
    try (DataDirectory held = DataDirectory.open(directory, fresh)) {
      System.setProperty("sagax.log", held.path().resolve("sagax.log").toString());
      Endpoints.remove(held.path());
      run(held.path(), askedToStop);
    } catch (IllegalStateException | IllegalArgumentException e) {
      System.err.println(e.getMessage());
      return 1;
    } finally {
      stopped.countDown();
    }
    return 0;
  }

  private void run(Path directory, CountDownLatch askedToStop) throws InterruptedException {
    PrintStream out = System.out;
    out.println("Starting Sagax over " + directory);
    try {
      if (processes) {
        runProcesses(directory, out, askedToStop);
      } else {
        runInThisProcess(directory, out, askedToStop);
      }
    } finally {
      Endpoints.remove(directory);
    }
  }

  private LocalExchange.Plan plan(Path directory, PrintStream out) {
    LocalExchange.Plan plan =
        LocalExchange.Plan.over(directory)
            .withMarkets(markets)
            .withPorts(ports())
            .withInfrastructurePorts(infrastructurePorts())
            .withProgress(line -> out.println("  " + line));
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      plan = plan.with(Setting.ofKey(setting.getKey()), setting.getValue());
    }
    return plan;
  }

  private void runInThisProcess(Path directory, PrintStream out, CountDownLatch askedToStop)
      throws InterruptedException {
    try (LocalExchange exchange = LocalExchange.start(plan(directory, out))) {
      serve(
          Endpoints.of(List.of(exchange.ports()), exchange.infrastructure(), directory),
          headline(exchange.ledgerTrouble(), false, directory),
          directory,
          out,
          askedToStop);
    }
  }

  private void runProcesses(Path directory, PrintStream out, CountDownLatch askedToStop)
      throws InterruptedException {
    ProcessExchange.Plan plan =
        ProcessExchange.Plan.of(plan(directory, out))
            .withReplicas(replicas == null ? 1 : replicas)
            .withRestart();
    try (ProcessExchange exchange = ProcessExchange.start(plan)) {
      serve(
          Endpoints.of(exchange.ports(), exchange.infrastructure(), directory),
          headline(exchange.ledgerTrouble(), exchange.hasStopped(), directory),
          directory,
          out,
          askedToStop);
    }
  }

  private LocalExchange.Ports ports() {
    return anyPort ? LocalExchange.Ports.ANY : LocalExchange.Ports.DEFAULT;
  }

  private Infrastructure.PortPlan infrastructurePorts() {
    return new Infrastructure.PortPlan(kafkaPort, redisPort, postgresPort);
  }

  private static void serve(
      Endpoints endpoints,
      String headline,
      Path directory,
      PrintStream out,
      CountDownLatch askedToStop)
      throws InterruptedException {
    endpoints.write(directory);
    out.println();
    out.println(headline);
    greet(out, endpoints);
    askedToStop.await();
    out.println("Stopping...");
  }

  private static String headline(
      Optional<String> ledgerTrouble, boolean hasStopped, Path directory) {
    return ledgerTrouble
        .map(why -> notReady(why, directory))
        .orElse(
            hasStopped
                ? "Sagax runs, but partitions have stopped; see ./sagax partition list --data "
                    + directory
                : "Sagax is up");
  }

  private static String notReady(String why, Path directory) {
    return """
    Sagax runs, but it is NOT READY, and no money moves until this is repaired:
      %s
    It need not be stopped for it. Its data directory is told with --data:
      ./sagax ledger verify --data %2$s
      ./sagax ledger rebuild --data %2$s\
    """
        .formatted(why, directory);
  }

  private static void greet(PrintStream out, Endpoints endpoints) {
    LocalExchange.Ports ports = endpoints.ports();
    Tokens tokens = DevTokens.load(endpoints.keyFile());
    String alice =
        tokens.issue("alice", EnumSet.of(Scope.READ, Scope.TRADE, Scope.TRANSFER), TOKENS_VALID);
    String operator =
        tokens.issue("operator", EnumSet.of(Scope.READ, Scope.OPERATOR), TOKENS_VALID);
    endpoints.replicas().forEach(replica -> out.println("  " + addresses(replica)));
    out.printf(
        """

        Tokens, valid for a day (more: ./sagax token ACCOUNT --scope ...):
          export ALICE=%s
          export OPERATOR=%s

        Try it:
          grpcurl -plaintext -H "authorization: Bearer $OPERATOR" -d '{"account":"alice","asset":"USD","amount":"1000","request_id":"d-1"}' 127.0.0.1:%d sagax.asset.v1.AssetService/Deposit
          grpcurl -plaintext -H "authorization: Bearer $ALICE" -d '{"market":"BTC-USD","client_order_id":"o-1","limit":{"side":"SIDE_BUY","price":"50000","quantity":"0.01"}}' 127.0.0.1:%d sagax.order.v1.OrderService/PlaceOrder
          grpcurl -plaintext -H "authorization: Bearer $ALICE" 127.0.0.1:%d sagax.asset.v1.AssetService/GetBalances

        Ctrl-C stops it; the data stays.
        """,
        alice, operator, ports.asset(), ports.order(), ports.asset());
    out.flush();
  }

  private static String addresses(LocalExchange.Ports ports) {
    return "order %1$s:%2$d   match %1$s:%3$d   settle %1$s:%4$d   asset %1$s:%5$d"
        .formatted(LocalExchange.HOST, ports.order(), ports.match(), ports.settle(), ports.asset());
  }

  /** The pipe ends when the parent closes it or is gone, however it died. */
  private static void awaitParentsEnd(CountDownLatch askedToStop) {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException broken) {
      // A pipe that cannot be read any more has ended too.
    }
    askedToStop.countDown();
  }

  /** Runs in the shutdown hook: the process ends once everything has stopped. */
  private static void stop(CountDownLatch askedToStop, CountDownLatch stopped) {
    askedToStop.countDown();
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
