package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sagax.local.DataDirectory;
import dev.sagax.local.LocalExchange;
import dev.sagax.local.ProcessExchange;
import dev.sagax.local.infra.Infrastructure;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.platform.rpc.Scope;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A running exchange with clients for it, and markets and accounts that no other test uses.
 *
 * <p>With {@code -Dsagax.processes=N} its services are N processes each, of which its clients ask
 * one after the other. Tests that look into the services' JVM are skipped then.
 */
public final class TestExchange implements Clients, AutoCloseable {
  private static final int PROCESSES = Integer.getInteger("sagax.processes", 0);

  private final Path data;
  private final int processesEach;
  private volatile Map<Setting, String> settings;
  private final AtomicInteger accounts = new AtomicInteger();
  private final AtomicInteger coarse = new AtomicInteger();
  private final AtomicInteger fine = new AtomicInteger();
  private final AtomicInteger banded = new AtomicInteger(1);
  private final AtomicInteger turn = new AtomicInteger();
  private volatile LocalExchange exchange;
  private volatile ProcessExchange processes;
  private volatile List<PortClients> replicas;
  private volatile Wallet wallet;

  private TestExchange(Path data, int processesEach, Map<Setting, String> settings) {
    this.data = data;
    this.processesEach = processesEach;
    this.settings = settings;
    TestMarkets.write(data.resolve("markets.yaml"));
    open();
  }

  /** A fresh exchange over a directory of its own, which goes with it. */
  public static TestExchange fresh() throws IOException {
    return fresh(Map.of());
  }

  /** As the other, with settings of all services. */
  static TestExchange fresh(Map<Setting, String> settings) throws IOException {
    return fresh(PROCESSES, settings);
  }

  /** As the other, but of no service is there more than one process. */
  static TestExchange ofOneEach(Map<Setting, String> settings) throws IOException {
    return fresh(Math.min(PROCESSES, 1), settings);
  }

  private static TestExchange fresh(int processesEach, Map<Setting, String> settings)
      throws IOException {
    Path data = Files.createTempDirectory("sagax-e2e-");
    DataDirectory.open(data, false).close(); // marks it as Sagax's, for commands that use it
    try {
      return new TestExchange(data, processesEach, settings);
    } catch (RuntimeException e) {
      delete(data);
      throw e;
    }
  }

  private void open() {
    LocalExchange.Plan plan = LocalExchange.Plan.over(data);
    for (Map.Entry<Setting, String> setting : settings.entrySet()) {
      plan = plan.with(setting.getKey(), setting.getValue());
    }
    if (processesEach > 0) {
      processes = ProcessExchange.start(ProcessExchange.Plan.of(plan).withReplicas(processesEach));
      wallet = new Wallet(processes::token);
      replicas = processes.ports().stream().map(this::clients).toList();
    } else {
      exchange = LocalExchange.start(plan);
      wallet = new Wallet(exchange::token);
      replicas = List.of(clients(exchange.ports()));
    }
  }

  private PortClients clients(LocalExchange.Ports ports) {
    return new PortClients(ports, wallet::token, accounts);
  }

  /** Adds a line to the markets file, for the next start. */
  void list(String market, String rules) throws IOException {
    Files.writeString(
        data.resolve("markets.yaml"),
        "  - {name: %s, %s}\n".formatted(market, rules),
        StandardOpenOption.APPEND);
  }

  /** Stops everything and starts it again over the same data. */
  void restart() {
    restart(directory -> {});
  }

  /** With other settings of all services from now on. */
  void restart(Map<Setting, String> others) {
    restart(directory -> settings = others);
  }

  /** Does something with the data directory in between. */
  void restart(Consumer<Path> between) {
    shutDown();
    between.accept(data);
    open();
  }

  /** All that its processes have said since they were started; nothing if they are this JVM. */
  String logs() {
    Path services = data.resolve("services");
    if (Files.notExists(services)) {
      return "";
    }
    try (Stream<Path> files = Files.list(services)) {
      StringBuilder all = new StringBuilder();
      for (Path log : files.filter(file -> file.toString().endsWith(".log")).toList()) {
        all.append(Files.readString(log));
      }
      return all.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Skips what needs services in this JVM. */
  static void assumeInThisJvm() {
    assumeThat(PROCESSES).as("services as processes").isZero();
  }

  /** The exchange in this JVM; whoever needs it is skipped where its services are processes. */
  LocalExchange local() {
    assumeThat(exchange).as("an exchange in this JVM").isNotNull();
    return exchange;
  }

  Infrastructure infrastructure() {
    return exchange == null ? processes.infrastructure() : exchange.infrastructure();
  }

  /** Where each service listens, the first of its processes if it has several. */
  LocalExchange.Ports ports() {
    return exchange == null ? processes.ports().getFirst() : exchange.ports();
  }

  Path keyFile() {
    return data.resolve(LocalExchange.KEY_FILE);
  }

  /** Ways to each process of every service by itself. */
  List<PortClients> replicas() {
    return replicas;
  }

  private PortClients next() {
    return replicas.get(turn.getAndIncrement() % replicas.size());
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

  /** A market with a coarse lot that nobody else uses. */
  String market() {
    int number = coarse.getAndIncrement();
    assertThat(number).as("markets used by tests").isLessThan(TestMarkets.COARSE);
    return TestMarkets.coarse(number);
  }

  /** A market with the smallest possible lot that nobody else uses. */
  String fineMarket() {
    int number = fine.getAndIncrement();
    assertThat(number).as("fine markets used by tests").isLessThan(TestMarkets.FINE);
    return TestMarkets.fine(number);
  }

  /** A market with a price band that nobody else uses. */
  String bandedMarket() {
    int number = banded.getAndIncrement();
    assertThat(number).as("banded markets used by tests").isLessThan(TestMarkets.BANDED);
    return TestMarkets.banded(number);
  }

  @Override
  public Trader trader(String name) {
    return new Trader(this, name + "-" + accounts.incrementAndGet());
  }

  @Override
  public String token(String account, Scope... scopes) {
    return wallet.token(account, Set.of(scopes));
  }

  static ClientInterceptor bearer(String token) {
    return header("authorization", "Bearer " + token);
  }

  static ClientInterceptor header(String name, String value) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  private void shutDown() {
    replicas.forEach(PortClients::close);
    if (exchange == null) {
      processes.close();
    } else {
      exchange.close();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      shutDown();
    } finally {
      delete(data);
    }
  }

  private static void delete(Path data) throws IOException {
    try (var files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
