package dev.sagax.local;

import dev.sagax.asset.AssetMain;
import dev.sagax.local.infra.Infrastructure;
import dev.sagax.local.infra.InfrastructureException;
import dev.sagax.match.MatchMain;
import dev.sagax.order.OrderMain;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.platform.rpc.Tokens;
import dev.sagax.settle.SettleMain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The exchange as it runs in earnest: each service in processes of its own, started by its own main
 * class and configured by its environment alone, over the servers of this machine. The processes
 * and servers end with this JVM. What a process says is in {@code services/order-svc-0.log} of the
 * data directory, and so on; {@code .log.old} is the run before.
 */
public final class ProcessExchange implements AutoCloseable {
  /** How far the ports of two replicas of a service are apart, when the first one's is given. */
  private static final int PORTS_APART = 10;

  private static final long TOKEN_DAYS = 1;

  private final Plan plan;
  private final Path data;
  private final Consumer<String> progress;
  private final Infrastructure infrastructure;
  private final Path marketsFile;
  private final Tokens tokens;
  private final HealthProbe probe;
  private final List<ServiceProcess> instances = new ArrayList<>();
  private Supervision supervision;
  private Optional<String> ledgerTrouble = Optional.empty();
  private boolean hasStopped;

  /** Lets a caller replace settings of a process, for instance put a proxy before a server. */
  @FunctionalInterface
  public interface Wiring {
    Wiring DIRECT = (service, replica, usual) -> usual;

    /**
     * Asked once for each process, before the first one starts.
     *
     * @param service "order-svc"
     * @param replica counted from 0
     * @param usual what it would get
     * @return what it gets, on the same port
     */
    Map<Setting, String> settings(String service, int replica, Map<Setting, String> usual);
  }

  /**
   * What to start.
   *
   * @param exchange where, with which markets and settings, and on which ports: those of the first
   *     replicas; the second ones are 10 above, and so on. Its progress gets a line for everything
   *     that happens, possibly from other threads
   * @param replicas processes of each service, at least 1
   * @param restart whether a process that dies is started again
   * @param otherBuild the class path of another build, which every second replica runs; empty for
   *     none
   */
  public record Plan(
      LocalExchange.Plan exchange,
      int replicas,
      Wiring wiring,
      boolean restart,
      String otherBuild) {

    /** One process of each service, not started again when it dies. */
    public static Plan of(LocalExchange.Plan exchange) {
      return new Plan(exchange, 1, Wiring.DIRECT, false, "");
    }

    public Plan withReplicas(int replicas) {
      return new Plan(exchange, replicas, wiring, restart, otherBuild);
    }

    public Plan withWiring(Wiring wiring) {
      return new Plan(exchange, replicas, wiring, restart, otherBuild);
    }

    public Plan withRestart() {
      return new Plan(exchange, replicas, wiring, true, otherBuild);
    }

    public Plan withOtherBuild(String classPath) {
      return new Plan(exchange, replicas, wiring, restart, classPath);
    }
  }

  private enum Service {
    SETTLE("settle-svc", SettleMain.class, LocalExchange.Ports::settle),
    MATCH("match-svc", MatchMain.class, LocalExchange.Ports::match),
    ASSET("asset-svc", AssetMain.class, LocalExchange.Ports::asset),
    ORDER("order-svc", OrderMain.class, LocalExchange.Ports::order);

    final String serviceName;
    final Class<?> main;
    final ToIntFunction<LocalExchange.Ports> port;

    Service(String serviceName, Class<?> main, ToIntFunction<LocalExchange.Ports> port) {
      this.serviceName = serviceName;
      this.main = main;
      this.port = port;
    }
  }

  private ProcessExchange(Plan plan) {
    this.plan = plan;
    this.data = plan.exchange().dataDirectory();
    this.progress = plan.exchange().progress();
    this.infrastructure =
        Infrastructure.start(data, plan.exchange().infrastructurePorts(), progress);
    this.tokens = DevTokens.load(keyFile());
    this.probe = new HealthProbe(token("up", Set.of(Scope.OPERATOR)));
    this.marketsFile = LocalExchange.marketsFile(data, plan.exchange().marketsFile());
  }

  /**
   * Starts everything and returns once all processes are ready, have said that they need a person,
   * or, if the ledger has to be repaired first, run. Blocking.
   */
  public static ProcessExchange start(Plan plan) {
    ProcessExchange exchange = new ProcessExchange(plan);
    try {
      exchange.prepare();
      exchange.startServices();
      return exchange;
    } catch (IOException e) {
      exchange.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      exchange.close();
      throw e;
    }
  }

  private void prepare() throws IOException {
    Files.createDirectories(services());
    Map<Service, int[]> ports = new EnumMap<>(Service.class);
    for (Service service : Service.values()) {
      ports.put(service, choosePorts(service));
    }
    Map<Setting, String> peers =
        Map.of(
            Setting.LEDGER_ADDRESS, addresses(ports.get(Service.SETTLE)),
            Setting.MATCH_ADDRESS, addresses(ports.get(Service.MATCH)));
    for (Service service : Service.values()) {
      for (int replica = 0; replica < plan.replicas(); replica++) {
        instances.add(instance(service, replica, ports.get(service)[replica], peers));
      }
    }
  }

  private static String addresses(int[] ports) {
    return IntStream.of(ports)
        .mapToObj(port -> LocalExchange.HOST + ":" + port)
        .collect(Collectors.joining(","));
  }

  private Path services() {
    return data.resolve("services");
  }

  private Path keyFile() {
    return data.resolve(LocalExchange.KEY_FILE);
  }

  private int[] choosePorts(Service service) throws IOException {
    int first = service.port.applyAsInt(plan.exchange().ports());
    int[] ports = new int[plan.replicas()];
    for (int replica = 0; replica < ports.length; replica++) {
      String name = service.serviceName + "-" + replica;
      int wanted = first == 0 ? 0 : first + replica * PORTS_APART;
      ports[replica] =
          dev.sagax.local.infra.Ports.choose(name, wanted, services().resolve(name + ".port"));
    }
    return ports;
  }

  private ServiceProcess instance(
      Service service, int replica, int port, Map<Setting, String> peers) throws IOException {
    String name = service.serviceName + "-" + replica;
    Map<Setting, String> usual =
        new EnumMap<>(LocalExchange.settings(infrastructure, marketsFile, keyFile()));
    usual.putAll(plan.exchange().settings());
    usual.put(Setting.GRPC_PORT, Integer.toString(port));
    MetricsPorts.assign(usual, service.serviceName, replica);
    usual.putAll(peers);
    usual.put(Setting.INSTANCE_ID, name);
    return new ServiceProcess(
        service.serviceName,
        replica,
        freshLog(name),
        command(service, replica),
        plan.wiring().settings(service.serviceName, replica, usual),
        probe);
  }

  /** The first replica is enough to write the archive of classes. */
  private ServiceCommand command(Service service, int replica) throws IOException {
    if (replica % 2 == 1 && !plan.otherBuild().isEmpty()) {
      return ServiceCommand.ofBuild(plan.otherBuild(), service.main.getName());
    }
    Path archive = services().resolve(service.serviceName + ".jsa");
    return ServiceCommand.of(service.serviceName, service.main, replica == 0 ? archive : null);
  }

  private Path freshLog(String name) throws IOException {
    Path log = services().resolve(name + ".log");
    if (Files.exists(log)) {
      Files.move(log, services().resolve(name + ".log.old"), StandardCopyOption.REPLACE_EXISTING);
    }
    return log;
  }

  /**
   * The first process makes the topics and the ledger; then all others start at once. Over a ledger
   * that needs a person they start too, and nobody waits for them to be ready.
   */
  private void startServices() {
    try (LedgerStores stores =
        LedgerStores.at(infrastructure.postgresUri(), infrastructure.redisUri())) {
      ledgerTrouble = stores.doubt();
    }
    if (ledgerTrouble.isPresent()) {
      instances.forEach(instance -> instance.begin(Map.of()));
    } else {
      ServiceProcess first = instances.getFirst();
      first.begin(Map.of());
      awaitReadyOrStopped(first);
      List<ServiceProcess> others = instances.subList(1, instances.size());
      others.forEach(instance -> instance.begin(Map.of()));
      others.forEach(this::awaitReadyOrStopped);
    }
    instances.forEach(instance ->
        progress.accept(
            "%-12s port %5d  process %d"
                .formatted(instance.name(), instance.port(), instance.pid())));
    if (plan.restart()) {
      supervision = new Supervision(instances, progress);
    }
  }

  private void awaitReadyOrStopped(ServiceProcess instance) {
    for (String stopped : instance.awaitReadyOrStopped()) {
      progress.accept(instance.name() + ": " + stopped);
      hasStopped = true;
    }
  }

  /** Whether at the start a process had partitions that wait for a person. */
  boolean hasStopped() {
    return hasStopped;
  }

  /** Why the ledger could not be used at the start, if so: a whole sentence, with what to do. */
  public Optional<String> ledgerTrouble() {
    return ledgerTrouble;
  }

  /** All processes, by service and replica. */
  public List<ServiceProcess> instances() {
    return List.copyOf(instances);
  }

  /**
   * @param service "order-svc"
   * @param replica counted from 0
   */
  public ServiceProcess instance(String service, int replica) {
    return instances.stream()
        .filter(i -> i.service().equals(service) && i.replica() == replica)
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "There is no replica %d of %s.".formatted(replica, service)));
  }

  /** The ports of the first replica of each service, then of the second, and so on. */
  public List<LocalExchange.Ports> ports() {
    return IntStream.range(0, plan.replicas()).mapToObj(this::ports).toList();
  }

  private LocalExchange.Ports ports(int replica) {
    return new LocalExchange.Ports(
        instance("order-svc", replica).port(),
        instance("match-svc", replica).port(),
        instance("settle-svc", replica).port(),
        instance("asset-svc", replica).port());
  }

  public Infrastructure infrastructure() {
    return infrastructure;
  }

  /** The markets file in use. */
  public Path marketsFile() {
    return marketsFile;
  }

  /** A token for an account, valid for a day. */
  public String token(String account, Set<Scope> scopes) {
    return tokens.issue(account, scopes, Duration.ofDays(TOKEN_DAYS));
  }

  /**
   * Whether the archives are missing from which processes start with a third of the CPU time. An
   * exchange that is started now writes them when it is closed.
   */
  public static boolean lacksClassArchives() throws IOException {
    for (Service service : Service.values()) {
      Path written = Path.of(service.serviceName + ".jsa");
      if (ServiceCommand.of(service.serviceName, service.main, written).archivesClasses()) {
        return true;
      }
    }
    return false;
  }

  /** Returns once every process is ready. Blocking. */
  public void awaitReady() {
    instances.forEach(ServiceProcess::awaitReady);
  }

  /** Stops who uses the ledger, then the ledger, then the servers. */
  @Override
  public void close() {
    if (supervision != null) {
      supervision.close();
    }
    try {
      stop(instances.stream().filter(i -> !i.service().equals("settle-svc")).toList());
      stop(instances.stream().filter(i -> i.service().equals("settle-svc")).toList());
    } finally {
      probe.close();
      infrastructure.close();
    }
  }

  private static void stop(List<ServiceProcess> processes) {
    List<Thread> stopping =
        processes.stream().map(p -> Thread.ofVirtual().name("stop").start(p::stop)).toList();
    for (Thread thread : stopping) {
      try {
        thread.join(TimeUnit.MINUTES.toMillis(1));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InfrastructureException("The wait for the services' end was interrupted.", e);
      }
    }
  }
}
