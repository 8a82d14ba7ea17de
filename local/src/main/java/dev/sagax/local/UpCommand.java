package dev.sagax.local;

import dev.sagax.local.infra.Infrastructure;
import dev.sagax.platform.rpc.Scope;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./sagax up}: runs until it is told to stop. */
@Command(
    name = "up",
    description = "Starts Kafka, Redis, PostgreSQL and the four services on this machine.",
    mixinStandardHelpOptions = true)
public final class UpCommand implements Callable<Integer> {
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
      names = "--with-parent",
      hidden = true,
      description = "Ends with standard input, the pipe from a process that must not be outlived.")
  private boolean withParent;

  @Override
  public Integer call() throws InterruptedException {
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
    LocalExchange.Plan plan =
        LocalExchange.Plan.over(directory)
            .withMarkets(markets)
            .withPorts(anyPort ? LocalExchange.Ports.ANY : LocalExchange.Ports.DEFAULT)
            .withInfrastructurePorts(
                new Infrastructure.PortPlan(kafkaPort, redisPort, postgresPort))
            .withProgress(line -> out.println("  " + line));
    try (LocalExchange exchange = LocalExchange.start(plan)) {
      Endpoints endpoints = Endpoints.of(exchange, directory);
      endpoints.write(directory);
      greet(out, exchange);
      askedToStop.await();
      out.println("Stopping...");
    } finally {
      Endpoints.remove(directory);
    }
  }

  private static void greet(PrintStream out, LocalExchange exchange) {
    LocalExchange.Ports ports = exchange.ports();
    String alice = exchange.token("alice", EnumSet.of(Scope.READ, Scope.TRADE, Scope.TRANSFER));
    String operator = exchange.token("operator", EnumSet.of(Scope.READ, Scope.OPERATOR));
    out.printf(
        """

        Sagax is up:  order 127.0.0.1:%d   match 127.0.0.1:%d   settle 127.0.0.1:%d   asset 127.0.0.1:%d

        Tokens, valid for a day (more: ./sagax token ACCOUNT --scope ...):
          export ALICE=%s
          export OPERATOR=%s

        Try it:
          grpcurl -plaintext -H "authorization: Bearer $OPERATOR" -d '{"account":"alice","asset":"USD","amount":"1000","request_id":"d-1"}' 127.0.0.1:%d sagax.asset.v1.AssetService/Deposit
          grpcurl -plaintext -H "authorization: Bearer $ALICE" -d '{"market":"BTC-USD","client_order_id":"o-1","limit":{"side":"SIDE_BUY","price":"50000","quantity":"0.01"}}' 127.0.0.1:%d sagax.order.v1.OrderService/PlaceOrder
          grpcurl -plaintext -H "authorization: Bearer $ALICE" 127.0.0.1:%d sagax.asset.v1.AssetService/GetBalances

        Ctrl-C stops it; the data stays.
        """,
        ports.order(),
        ports.match(),
        ports.settle(),
        ports.asset(),
        alice,
        operator,
        ports.asset(),
        ports.order(),
        ports.asset());
    out.flush();
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
