package dev.sagax.platform.boot;

import dev.sagax.platform.dlq.DeadLetterApi;
import dev.sagax.platform.fault.FaultFile;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.log.BrokerWatch;
import dev.sagax.platform.log.DeadLetters;
import dev.sagax.platform.log.KafkaLogAppender;
import dev.sagax.platform.log.KafkaLogFollower;
import dev.sagax.platform.log.KafkaLogReader;
import dev.sagax.platform.log.KafkaSettings;
import dev.sagax.platform.log.LogAppender;
import dev.sagax.platform.log.LogEnds;
import dev.sagax.platform.log.LogFollower;
import dev.sagax.platform.log.LogReader;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.SagaConsumer;
import dev.sagax.platform.log.SagaDefinition;
import dev.sagax.platform.log.SagaProducer;
import dev.sagax.platform.log.StepPositions;
import dev.sagax.platform.log.StepTables;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.log.TopicAdmin;
import dev.sagax.platform.metrics.Metrics;
import dev.sagax.platform.metrics.MetricsEndpoint;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.partition.PartitionApi;
import dev.sagax.platform.rpc.Access;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.platform.rpc.Health;
import dev.sagax.platform.rpc.RateLimits;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.platform.rpc.ServiceHealth;
import dev.sagax.platform.rpc.Tokens;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service: the platform wires what all services share, the subclass adds what makes it this
 * service.
 */
public abstract class ServiceVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceVerticle.class);
  private static final int READ_CONNECTIONS = 4;
  private static final int DEAD_LETTER_CONNECTIONS = 2;
  private static final int PIPELINING = 256;
  private static final Duration SERVICE_TOKEN_AGE = Duration.ofDays(365);

  private final String service;
  private final ServiceConfig config;
  private final FaultInjector faults;
  private FaultFile faultFile;
  private final List<SagaConsumer> sagas = new ArrayList<>();
  private final List<LogFollower> followers = new ArrayList<>();
  private final List<LogReader> readers = new ArrayList<>();
  private final List<Pool> ownPools = new ArrayList<>();
  private final Metrics metrics = new Metrics();
  private MetricsEndpoint metricsEndpoint;
  private KafkaSettings kafka;
  private SagaProducer producer;
  private BrokerWatch brokerWatch;
  private Pool pool;
  private GrpcEdge edge;
  private ServiceHealth health;
  private Runnable endWatch;
  private volatile int port;
  private int accountPartitions;

  protected ServiceVerticle(String service, ServiceConfig config) {
    this.service = service;
    this.config = config;
    this.faults = new FaultInjector(config.faults(), config.faultsLog());
  }

  /**
   * Creates tables, registers RPC methods, starts the saga and followers. The port opens when it
   * succeeds.
   */
  protected abstract Future<Void> assemble(ServicePlatform platform);

  /** "order-svc" */
  public final String name() {
    return service;
  }

  /** The port that the gRPC edge listens on, once started. */
  public final int port() {
    return port;
  }

  /** What it waits for, by name, with a sentence each; empty when it is ready. */
  public final Map<String, String> waitsFor() {
    return health.down();
  }

  /** Makes faults in this service; more of them can be asked for while it runs. */
  public final FaultInjector faults() {
    return faults;
  }

  @Override
  public final Future<?> start() {
    config.masked().forEach((key, value) -> LOG.info("{} {}={}", service, key, value));
    if (!config.faultsFile().isEmpty()) {
      faultFile = FaultFile.watch(Path.of(config.faultsFile()), faults);
    }
    Markets markets = Markets.load(config.marketsFile(), config.partitions());
    Tokens tokens = loadTokens();
    health = new ServiceHealth(vertx);
    endWatch = health.watchLoop(context);
    kafka = new KafkaSettings(config.kafkaBootstrap(), config.instanceId());
    pool = newPool(connectOptions(), READ_CONNECTIONS);
    String token = tokens.issue(service, EnumSet.of(Scope.SERVICE), SERVICE_TOKEN_AGE);
    return access(tokens)
        .map(this::newEdge)
        .compose(v -> Patience.until(vertx, service, this::prepareTopics))
        .compose(v -> assemble(new Lent(markets, token)))
        .compose(v -> showMetrics())
        .compose(v -> edge.listen(config.grpcHost(), config.grpcPort()))
        .onSuccess(this::listening);
  }

  private GrpcEdge newEdge(Access access) {
    edge = new GrpcEdge(vertx, access, limits(), health, config.edge());
    metrics.gauge(
        "sagax_streams_open", "Server streams that clients have open here.", edge::openStreams);
    return edge;
  }

  private Pool newPool(PgConnectOptions options, int connections) {
    return PgBuilder.pool()
        .connectingTo(options)
        .with(new PoolOptions().setMaxSize(connections))
        .using(vertx)
        .build();
  }

  private Tokens loadTokens() {
    try {
      return Tokens.ofKeyFile(config.keyFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Future<Access> access(Tokens own) {
    return config.jwks().isEmpty()
        ? Future.succeededFuture(Access.ofOwn(own))
        : Access.with(vertx, own, config.jwks(), config.issuer(), config.audience());
  }

  private RateLimits limits() {
    String uri =
        config.ratelimitRedisUri().isEmpty() ? config.redisUri() : config.ratelimitRedisUri();
    RateLimits limits = RateLimits.inRedis(vertx, uri, config.edge().limits());
    metrics
        .gauge("sagax_rate_limited_calls", "Calls refused by a rate limit.", limits::refused)
        .gauge(
            "sagax_rate_uncounted_calls",
            "Calls let in uncounted, because the Redis that counts them was away.",
            limits::unlimited);
    return limits;
  }

  private Future<Void> prepareTopics() {
    return vertx.executeBlocking(
        () -> {
          new TopicAdmin(kafka, config.partitions(), config.replication()).ensureTopics();
          if (producer == null) {
            producer = new SagaProducer(kafka, service);
          }
          producer.learnPartitions();
          return null;
        },
        false);
  }

  private Future<Void> showMetrics() {
    metricsEndpoint = new MetricsEndpoint(vertx, metrics);
    return config.metricsPort() == 0
        ? Future.succeededFuture()
        : metricsEndpoint.listen(config.grpcHost(), config.metricsPort());
  }

  private void listening(int boundPort) {
    port = boundPort;
    brokerWatch = new BrokerWatch(kafka, service, health);
    health.started();
    LOG.info("{} listens on {}:{}", service, config.grpcHost(), boundPort);
  }

  @Override
  public final Future<?> stop() {
    if (faultFile != null) {
      faultFile.close();
    }
    return edge.close()
        .onComplete(v -> endWatch.run())
        .eventually(metricsEndpoint::close)
        .eventually(() -> Future.join(sagas.stream().map(SagaConsumer::close).toList()))
        .eventually(() -> Future.join(followers.stream().map(LogFollower::close).toList()))
        .eventually(() -> Future.join(readers.stream().map(LogReader::close).toList()))
        .onComplete(v -> brokerWatch.close())
        .eventually(() -> vertx.executeBlocking(producer::close, false))
        .eventually(() -> Future.join(ownPools.stream().map(Pool::close).toList()))
        .eventually(pool::close)
        .onComplete(v -> LOG.info("{} has stopped", service));
  }

  /**
   * A step reads and writes rows by their keys, in tables that grow from nothing. Planned while a
   * table is small, its statements would read the whole table, and keep that plan for minutes. A
   * client that dies in a transaction must not keep the fence's row locked until TCP notices.
   */
  private PgConnectOptions stepOptions() {
    return connectOptions()
        .addProperty("enable_seqscan", "off")
        .addProperty("enable_hashjoin", "off")
        .addProperty("enable_mergejoin", "off")
        .addProperty("plan_cache_mode", "force_generic_plan")
        .addProperty("idle_in_transaction_session_timeout", "10s");
  }

  /** Whole tables are read, so nothing is said against plans that do; but not without an end. */
  private PgConnectOptions longReadOptions() {
    return connectOptions()
        .addProperty("statement_timeout", "60s")
        .addProperty("idle_in_transaction_session_timeout", "60s");
  }

  private PgConnectOptions connectOptions() {
    return PgConnectOptions.fromUri(config.postgresUri())
        .setCachePreparedStatements(true)
        .setPipeliningLimit(PIPELINING)
        .addProperty("jit", "off");
  }

  private final class Lent implements ServicePlatform {
    private final Markets markets;
    private final String token;

    Lent(Markets markets, String token) {
      this.markets = markets;
      this.token = token;
    }

    @Override
    public Vertx vertx() {
      return vertx;
    }

    @Override
    public ServiceConfig config() {
      return config;
    }

    @Override
    public Markets markets() {
      return markets;
    }

    @Override
    public Pool db() {
      return pool;
    }

    @Override
    public Pool ownDb(int connections) {
      return own(stepOptions(), connections);
    }

    @Override
    public Pool impatientDb(int connections) {
      return own(
          stepOptions().addProperty("lock_timeout", "10s").addProperty("statement_timeout", "60s"),
          connections);
    }

    @Override
    public Pool longReadsDb(int connections) {
      return own(longReadOptions(), connections);
    }

    private Pool own(PgConnectOptions options, int connections) {
      Pool own = newPool(options, connections);
      ownPools.add(own);
      return own;
    }

    @Override
    public GrpcEdge edge() {
      return edge;
    }

    @Override
    public Health health() {
      return health;
    }

    @Override
    public Metrics metrics() {
      return metrics;
    }

    @Override
    public LogAppender appender() {
      return new KafkaLogAppender(producer);
    }

    @Override
    public FaultInjector faults() {
      return faults;
    }

    @Override
    public LogReader reader() {
      LogReader reader = new KafkaLogReader(vertx, kafka, service + "-reader-" + readers.size());
      readers.add(reader);
      return reader;
    }

    @Override
    public String serviceToken() {
      return token;
    }

    @Override
    public Future<Void> migrate(String schema, String resource) {
      String script = read(resource);
      return Patience.until(
          vertx,
          service,
          () ->
              StepTables.migrate(pool, schema, script, markets.neverChanges(), neverShrinks())
                  .compose(v -> StepTables.accountPartitions(pool, schema))
                  .map(number -> {
                    accountPartitions = number;
                    return null;
                  }));
    }

    private Map<String, Long> neverShrinks() {
      Map<String, Long> facts = new TreeMap<>(markets.neverShrinks());
      facts.put(StepTables.PARTITIONS, (long) config.partitions());
      return facts;
    }

    @Override
    public int accountPartitions() {
      if (accountPartitions == 0) {
        throw new IllegalStateException("It is known once the schema is migrated.");
      }
      return accountPartitions;
    }

    @Override
    public void runSaga(SagaDefinition saga) {
      serveDeadLetters(saga);
      if (sagas.isEmpty()) {
        new PartitionApi(config.partitions(), sagas).register(edge);
      }
      SagaConsumer consumer =
          new SagaConsumer(
              vertx,
              saga,
              kafka,
              stepOptions(),
              producer,
              saga.service().equals(service) ? health : health.of(saga.service()),
              config.partitions(),
              config.deadLettersPerMinute(),
              faults);
      sagas.add(consumer);
      measure(saga.service(), consumer);
    }

    private void measure(String step, SagaConsumer consumer) {
      for (int partition = 0; partition < config.partitions(); partition++) {
        int of = partition;
        metrics.gauge(
            "sagax_partition_stopped",
            "1 while a partition of this process is stopped and waits for a person.",
            () -> consumer.isStopped(of) ? 1 : 0,
            "service",
            step,
            "partition",
            Integer.toString(partition));
      }
    }

    /** Who writes a dead-letter topic also serves it. */
    private void serveDeadLetters(SagaDefinition saga) {
      if (saga.outputs().stream().anyMatch(Topic::isDeadLetters)) {
        DeadLetters letters =
            new DeadLetters(
                saga, ownDb(DEAD_LETTER_CONNECTIONS), new KafkaLogAppender(producer), faults);
        new DeadLetterApi(letters, InstantSource.system()).register(edge);
      }
    }

    @Override
    public Future<Map<Integer, Long>> lastPositions(Topic topic, StepPositions applied) {
      return vertx.executeBlocking(
          () -> new LogEnds(kafka, service, config.partitions()).lastPositions(topic, applied),
          false);
    }

    @Override
    public LogFollower follow(List<Topic> topics, Consumer<LogRecord> onRecord) {
      String clientId = service + "-follower-" + followers.size();
      LogFollower follower =
          new KafkaLogFollower(
              kafka, clientId, topics, config.partitions(), context, health, onRecord);
      followers.add(follower);
      return follower;
    }
  }

  private String read(String resource) {
    try (InputStream in = getClass().getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("There is no resource " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
