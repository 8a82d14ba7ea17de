package dev.sagax.bench.chaos;

import dev.sagax.bench.client.Targets;
import dev.sagax.local.LocalExchange;
import dev.sagax.local.ProcessExchange;
import dev.sagax.local.ServiceProcess;
import dev.sagax.local.infra.Infrastructure;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The real thing: every service as processes, and proxies in between. Blocking. */
final class Stack implements AutoCloseable {
  private final Path directory;
  private final Map<Backend, SmallDisk> smallDisks = new EnumMap<>(Backend.class);
  private final Links links = new Links();
  private final ProcessExchange exchange;
  private final Clients clients;
  private final Stores stores;

  /**
   * @param directory made if it is not there
   * @param onSmallDisks the servers that write to a small disk of their own, which can be filled
   * @param progress gets a line for everything that has started
   */
  Stack(Path directory, int replicas, Set<Backend> onSmallDisks, Consumer<String> progress)
      throws IOException, InterruptedException {
    this.directory = Files.createDirectories(directory);
    for (Backend backend : onSmallDisks) {
      smallDisks.put(backend, SmallDisk.mount(directory.resolve(backend.text), megabytes(backend)));
    }
    Path markets = directory.resolve("markets.yaml");
    if (Files.notExists(markets)) {
      ChaosMarkets.write(markets);
    }
    this.exchange = start(markets, replicas, progress);
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

  private ProcessExchange start(Path markets, int replicas, Consumer<String> progress)
      throws IOException {
    LocalExchange.Plan plan =
        LocalExchange.Plan.over(directory).withMarkets(markets).withProgress(progress);
    try {
      if (ProcessExchange.lacksClassArchives()) {
        progress.accept("The first start of this build is for the archives of its classes only");
        ProcessExchange.start(ProcessExchange.Plan.of(plan)).close();
      }
      return ProcessExchange.start(
          ProcessExchange.Plan.of(plan).withReplicas(replicas).withWiring(this::wire));
    } catch (RuntimeException e) {
      closeDisks();
      throw e;
    }
  }

  /** Enough for some minutes. */
  private static int megabytes(Backend backend) {
    return switch (backend) {
      case REDIS -> 64;
      case KAFKA, POSTGRES -> 256;
    };
  }

  private void closeDisks() {
    smallDisks.values().forEach(SmallDisk::close);
  }

  private Map<Setting, String> wire(String service, int replica, Map<Setting, String> usual) {
    Map<Setting, String> wired = links.wire(service, replica, usual);
    wired.put(Setting.FAULTS_FILE, faultsFile(service + "-" + replica).toString());
    wired.put(Setting.FAULTS_LOG, faultsLog().toString());
    return wired;
  }

  private Path faultsFile(String instance) {
    return directory.resolve("faults-" + instance);
  }

  /** Tells a process which faults to make from now on; "" for none. It looks every 50 ms. */
  void plan(ServiceProcess process, String faults) {
    Path file = faultsFile(process.name());
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.writeString(fresh, faults);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  SmallDisk smallDisk(Backend backend) {
    return smallDisks.get(backend);
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
    closeDisks();
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
