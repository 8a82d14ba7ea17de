package dev.sagax.bench.chaos;

import dev.sagax.bench.client.Targets;
import dev.sagax.local.LocalExchange;
import dev.sagax.local.ProcessExchange;
import dev.sagax.local.ServiceProcess;
import dev.sagax.local.infra.Infrastructure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The real thing: every service as processes, and proxies in between. Blocking. */
final class Stack implements AutoCloseable {
  private final Path directory;
  private final Links links = new Links();
  private final ProcessExchange exchange;
  private final Clients clients;
  private final Stores stores;

  /**
   * @param directory made if it is not there
   * @param progress gets a line for everything that has started
   */
  Stack(Path directory, int replicas, Consumer<String> progress) throws IOException {
    this.directory = Files.createDirectories(directory);
    Path markets = directory.resolve("markets.yaml");
    if (Files.notExists(markets)) {
      ChaosMarkets.write(markets);
    }
    this.exchange =
        ProcessExchange.start(
            ProcessExchange.Plan.over(directory)
                .withMarkets(markets)
                .withReplicas(replicas)
                .withWiring(links::wire)
                .withProgress(progress));
    List<Targets> targets =
        exchange.ports().stream()
            .map(p -> Targets.on("127.0.0.1", p.order(), p.match(), p.settle(), p.asset()))
            .toList();
    this.clients = new Clients(targets, exchange::token);
    this.stores =
        new Stores(
            exchange.infrastructure().postgresUri(),
            exchange.infrastructure().kafkaBootstrap(),
            LocalExchange.PARTITIONS);
  }

  ServiceProcess instance(Service service, int replica) {
    return exchange.instance(service.processName, replica);
  }

  List<ServiceProcess> instances() {
    return exchange.instances();
  }

  Infrastructure infrastructure() {
    return exchange.infrastructure();
  }

  Links links() {
    return links;
  }

  Clients clients() {
    return clients;
  }

  Stores stores() {
    return stores;
  }

  RedisDesk redis() {
    return new RedisDesk(exchange.infrastructure().redis().port());
  }

  /** Where a fault point says that its fault is made. */
  Path faultsLog() {
    return directory.resolve("faults.log");
  }

  Path directory() {
    return directory;
  }

  @Override
  public void close() {
    clients.close();
    stores.close();
    exchange.close();
    links.close();
  }

  /** Deletes all its data. To be called once it is closed. */
  void delete() throws IOException {
    try (Stream<Path> entries = Files.walk(directory)) {
      for (Path entry : entries.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(entry);
      }
    }
  }
}
