package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.local.LocalExchange;
import dev.sagax.local.ProcessExchange;
import dev.sagax.local.ServiceProcess;
import dev.sagax.platform.rpc.Scope;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * An exchange whose services are processes, two of each. Its clients ask the replicas in turn, so
 * that who asks again asks another one.
 */
final class TestProcesses implements Clients, AutoCloseable {
  private static final int REPLICAS = 2;
  private static final Duration SHARED = Duration.ofSeconds(60);

  private final ProcessExchange exchange;
  private final List<PortClients> replicas;
  private final Wallet wallet;
  private final AtomicInteger accounts = new AtomicInteger();
  private final AtomicInteger turn = new AtomicInteger();

  TestProcesses(Path data) {
    this(data, "");
  }

  /**
   * @param otherBuild the class path of the second ones; empty for our own
   */
  TestProcesses(Path data, String otherBuild) {
    TestMarkets.write(data.resolve("markets.yaml"));
    exchange =
        ProcessExchange.start(
            ProcessExchange.Plan.of(LocalExchange.Plan.over(data))
                .withReplicas(REPLICAS)
                .withOtherBuild(otherBuild));
    wallet = new Wallet(exchange::token);
    replicas =
        exchange.ports().stream()
            .map(ports -> new PortClients(ports, wallet::token, accounts))
            .toList();
  }

  ProcessExchange processes() {
    return exchange;
  }

  /** Who asks the processes of one replica only. */
  Clients replica(int number) {
    return replicas.get(number);
  }

  private Clients next() {
    return replicas.get(turn.getAndIncrement() % REPLICAS);
  }

  @Override
  public ManagedChannel order() {
    return next().order();
  }

  @Override
  public ManagedChannel match() {
    return next().match();
  }

  @Override
  public ManagedChannel settle() {
    return next().settle();
  }

  @Override
  public ManagedChannel asset() {
    return next().asset();
  }

  @Override
  public String token(String account, Scope... scopes) {
    return wallet.token(account, Set.of(scopes));
  }

  @Override
  public Trader trader(String name) {
    return new Trader(this, name + "-" + accounts.incrementAndGet());
  }

  /** The process that runs the step of a partition; waits until there is exactly one. */
  ServiceProcess owner(String service, int partition) {
    ServiceProcess[] found = new ServiceProcess[1];
    Eventually.passes(() -> {
      List<ServiceProcess> owners =
          exchange.instances().stream()
              .filter(i -> i.service().equals(service) && i.isAlive() && owns(i, partition))
              .toList();
      if (owners.size() != 1) {
        throw new AssertionError(
            "Partition %d of %s belongs to %s".formatted(partition, service, owners));
      }
      found[0] = owners.getFirst();
    });
    return found[0];
  }

  /**
   * Waits until the replicas of each service share its partitions and have loaded them. Before that
   * a group whose members have come back may still be about to give a partition to another one.
   */
  void awaitShared() {
    Eventually.passes(
        SHARED,
        () -> {
          for (ServiceProcess process : exchange.instances()) {
            long running =
                IntStream.range(0, LocalExchange.PARTITIONS)
                    .filter(partition -> runs(process, partition))
                    .count();
            assertThat(running)
                .as("partitions that %s runs", process.name())
                .isEqualTo(LocalExchange.PARTITIONS / REPLICAS);
          }
        });
  }

  /** Whether it owns the partition and has loaded it. */
  private static boolean runs(ServiceProcess process, int partition) {
    String life = thisLife(process);
    String of = "service=" + process.service() + " partition=" + partition;
    return owns(process, partition)
        && life.lastIndexOf("Step is ready " + of)
            > life.lastIndexOf("Partition is assigned " + of);
  }

  ServiceProcess other(ServiceProcess one) {
    return exchange.instance(one.service(), 1 - one.replica());
  }

  /** Whether it believes that the partition is its own. */
  static boolean owns(ServiceProcess process, int partition) {
    String life = thisLife(process);
    String of = "service=" + process.service() + " partition=" + partition;
    return life.lastIndexOf("Partition is assigned " + of)
        > life.lastIndexOf("Partition is given up " + of);
  }

  /** What it has said since it was started last. */
  static String thisLife(ServiceProcess process) {
    String log = read(process.log());
    return log.substring(Math.max(0, log.lastIndexOf("kafka.bootstrap=")));
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    replicas.forEach(PortClients::close);
    exchange.close();
  }
}
