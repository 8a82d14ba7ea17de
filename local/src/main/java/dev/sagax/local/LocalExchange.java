package dev.sagax.local;

import dev.sagax.asset.AssetVerticle;
import dev.sagax.local.infra.Infrastructure;
import dev.sagax.match.MatchVerticle;
import dev.sagax.order.OrderVerticle;
import dev.sagax.platform.boot.ServiceConfig;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.platform.boot.ServiceVerticle;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.platform.rpc.Tokens;
import dev.sagax.settle.SettleVerticle;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Real Kafka, Redis and PostgreSQL and the four real services, over one data directory. A start
 * over the directory of an earlier run goes on where it was, also after a kill.
 */
public final class LocalExchange implements AutoCloseable {
  /** Partitions of every topic. */
  public static final int PARTITIONS = 4;

  /** The dev key that signs tokens, in the data directory. */
  public static final String KEY_FILE = "dev-key.pem";

  /** settle-svc's name for the ledger among what it waits for. */
  private static final String LEDGER = "ledger";

  static final String HOST = "127.0.0.1";
  private static final int EVENT_LOOPS = 4;
  private static final long START_SECONDS = 90;
  private static final long STOP_SECONDS = 20;

  private final Plan plan;
  private final Infrastructure infrastructure;
  private final Vertx vertx;
  private final Tokens tokens;
  private SettleVerticle settle;
  private MatchVerticle match;
  private AssetVerticle asset;
  private OrderVerticle order;

  /** The ports of the four services; 0 for any free one. */
  public record Ports(int order, int match, int settle, int asset) {
    public static final Ports ANY = new Ports(0, 0, 0, 0);
    public static final Ports DEFAULT = new Ports(9101, 9102, 9103, 9104);
  }

  /**
   * What to start.
   *
   * @param marketsFile null for the one in the data directory, which starts as a copy of the
   *     built-in one
   * @param progress gets a line for everything that has started
   * @param settings of every service, over those that this class sets
   */
  public record Plan(
      Path dataDirectory,
      Path marketsFile,
      Ports ports,
      Infrastructure.PortPlan infrastructurePorts,
      Consumer<String> progress,
      Map<Setting, String> settings) {

    public static Plan over(Path dataDirectory) {
      return new Plan(
          dataDirectory, null, Ports.ANY, Infrastructure.PortPlan.ANY, line -> {}, Map.of());
    }

    /** One more setting of every service. */
    public Plan with(Setting setting, String value) {
      Map<Setting, String> more = new EnumMap<>(Setting.class);
      more.putAll(settings);
      more.put(setting, value);
      return new Plan(dataDirectory, marketsFile, ports, infrastructurePorts, progress, more);
    }

    public Plan withMarkets(Path file) {
      return new Plan(dataDirectory, file, ports, infrastructurePorts, progress, settings);
    }

    public Plan withPorts(Ports ports) {
      return new Plan(dataDirectory, marketsFile, ports, infrastructurePorts, progress, settings);
    }

    public Plan withInfrastructurePorts(Infrastructure.PortPlan plan) {
      return new Plan(dataDirectory, marketsFile, ports, plan, progress, settings);
    }

    public Plan withProgress(Consumer<String> progress) {
      return new Plan(dataDirectory, marketsFile, ports, infrastructurePorts, progress, settings);
    }
  }

  private LocalExchange(Plan plan) {
    this.plan = plan;
    this.infrastructure =
        Infrastructure.start(plan.dataDirectory(), plan.infrastructurePorts(), plan.progress());
    this.tokens = DevTokens.load(keyFile());
    this.vertx = Vertx.vertx(vertxOptions());
  }

  /** We read no files from the class path through Vert.x, so it needs no directory for them. */
  private static VertxOptions vertxOptions() {
    return new VertxOptions()
        .setEventLoopPoolSize(EVENT_LOOPS)
        .setFileSystemOptions(new FileSystemOptions().setClassPathResolvingEnabled(false));
  }

  /** Starts everything and returns once all four services answer. Blocking. */
  public static LocalExchange start(Plan plan) {
    LocalExchange exchange = new LocalExchange(plan);
    try {
      exchange.startServices();
      return exchange;
    } catch (RuntimeException e) {
      exchange.close();
      throw e;
    }
  }

  private void startServices() {
    Map<Setting, String> settings =
        new EnumMap<>(settings(infrastructure, marketsFile(), keyFile()));
    settings.putAll(plan.settings());
    settle = new SettleVerticle(configOf("settle-svc", plan.ports().settle(), settings));
    deploy("settle-svc", settle);
    settings.put(Setting.LEDGER_ADDRESS, HOST + ":" + settle.port());
    match = new MatchVerticle(configOf("match-svc", plan.ports().match(), settings));
    asset = new AssetVerticle(configOf("asset-svc", plan.ports().asset(), settings));
    deploy("match-svc", match);
    deploy("asset-svc", asset);
    settings.put(Setting.MATCH_ADDRESS, HOST + ":" + match.port());
    order = new OrderVerticle(configOf("order-svc", plan.ports().order(), settings));
    deploy("order-svc", order);
  }

  private static ServiceConfig configOf(String service, int port, Map<Setting, String> settings) {
    Map<Setting, String> own = new EnumMap<>(settings);
    MetricsPorts.assign(own, service, 0);
    return ServiceConfig.of(port, own);
  }

  private void deploy(String name, ServiceVerticle service) {
    long start = System.nanoTime();
    await(vertx.deployVerticle(service), START_SECONDS);
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    plan.progress().accept("%-10s port %5d  %5d ms".formatted(name, service.port(), millis));
  }

  /** The settings that all services of one exchange share. Who runs it alone limits himself. */
  static Map<Setting, String> settings(
      Infrastructure infrastructure, Path marketsFile, Path keyFile) {
    return Map.ofEntries(
        Map.entry(Setting.KAFKA_BOOTSTRAP, infrastructure.kafkaBootstrap()),
        Map.entry(Setting.POSTGRES_URI, infrastructure.postgresUri()),
        Map.entry(Setting.REDIS_URI, infrastructure.redisUri()),
        Map.entry(Setting.GRPC_HOST, HOST),
        Map.entry(Setting.MARKETS_FILE, marketsFile.toString()),
        Map.entry(Setting.AUTH_KEY_FILE, keyFile.toString()),
        Map.entry(Setting.TOPICS_PARTITIONS, Integer.toString(PARTITIONS)),
        Map.entry(Setting.TOPICS_REPLICATION, "1"),
        Map.entry(Setting.TOPICS_ALLOW_UNREPLICATED, "true"),
        Map.entry(Setting.RATELIMIT_LIMITS, "off"),
        Map.entry(Setting.LOG_FORMAT, "text"));
  }

  private Path keyFile() {
    return plan.dataDirectory().resolve(KEY_FILE);
  }

  /** The markets file in use. */
  public Path marketsFile() {
    return marketsFile(plan.dataDirectory(), plan.marketsFile());
  }

  static Path marketsFile(Path dataDirectory, Path given) {
    if (given != null) {
      return given;
    }
    Path file = dataDirectory.resolve("markets.yaml");
    if (Files.notExists(file)) {
      copyBuiltInMarkets(file);
    }
    return file;
  }

  /** Writes the built-in markets file. */
  public static void copyBuiltInMarkets(Path file) {
    try (InputStream in = LocalExchange.class.getResourceAsStream("/markets.yaml")) {
      Files.copy(in, file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The ports that the services listen on. */
  public Ports ports() {
    return new Ports(order.port(), match.port(), settle.port(), asset.port());
  }

  public Infrastructure infrastructure() {
    return infrastructure;
  }

  /** Why the ledger cannot be used, if it cannot: a whole sentence, with what to do. */
  public Optional<String> ledgerTrouble() {
    return Optional.ofNullable(settle.waitsFor().get(LEDGER));
  }

  /** Makes faults at the points of one service, while it runs. */
  public FaultInjector faults(FaultPoint point) {
    return Stream.of(settle, match, asset, order)
        .filter(service -> service.name().equals(point.service()))
        .findFirst()
        .orElseThrow()
        .faults();
  }

  /** A token for an account, valid for a day. */
  public String token(String account, Set<Scope> scopes) {
    return tokens.issue(account, scopes, Duration.ofDays(1));
  }

  /** Stops the services, then the servers. */
  @Override
  public void close() {
    try {
      await(vertx.close(), STOP_SECONDS);
    } finally {
      infrastructure.close();
    }
  }

  private static <T> T await(Future<T> future, long seconds) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("Not done within " + seconds + " seconds", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
