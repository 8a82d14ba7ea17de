package dev.sagax.platform.boot;

import dev.sagax.platform.dlq.DeadLetterApi;
import dev.sagax.platform.fault.FaultFile;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.log.BrokerWatch;
import dev.sagax.platform.log.DeadLetterFigures;
import dev.sagax.platform.log.DeadLetters;
import dev.sagax.platform.log.Faults;
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
import dev.sagax.platform.log.StepMetrics;
import dev.sagax.platform.log.StepPositions;
import dev.sagax.platform.log.StoredFacts;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.log.TopicAdmin;
import dev.sagax.platform.metrics.Looks;
import dev.sagax.platform.metrics.Metrics;
import dev.sagax.platform.metrics.MetricsEndpoint;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.partition.PartitionApi;
import dev.sagax.platform.rpc.Access;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.platform.rpc.Health;
import dev.sagax.platform.rpc.PeerAddress;
import dev.sagax.platform.rpc.RateLimits;
import dev.sagax.platform.rpc.RpcChannel;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.platform.rpc.ServiceHealth;
import dev.sagax.platform.rpc.Tokens;
import dev.sagax.platform.schema.Migrator;
import dev.sagax.platform.schema.SchemaVersions;
import dev.sagax.platform.schema.ServiceSchema;
import dev.sagax.platform.tls.PostgresHandshake;
import dev.sagax.platform.tls.StoreAddress;
import dev.sagax.platform.tls.TlsWatch;
import dev.sagax.platform.tracing.Tracing;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
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
  private static final int MAX_WAITING = 1_000;
  private static final Duration SERVICE_TOKEN_AGE = Duration.ofDays(365);

  private final String service;
  private final ServiceConfig config;
  private final FaultInjector faults;
  private final Barred barred;
  private FaultFile faultFile;
  private final List<SagaConsumer> sagas = new ArrayList<>();
  private final List<LogFollower> followers = new ArrayList<>();
  private final List<LogReader> readers = new ArrayList<>();
  private final List<Pool> ownPools = new ArrayList<>();
  private final Metrics metrics = new Metrics();
  private MetricsEndpoint metricsEndpoint;
  private final Tracing tracing;
  private KafkaSettings kafka;
  private SagaProducer producer;
  private BrokerWatch brokerWatch;
  private Pool pool;
  private Optional<TlsWatch> tls = Optional.empty();
  private GrpcEdge edge;
  private ServiceHealth health;
  private Runnable endWatch;
  private volatile int port;
  private int accountPartitions;

  protected ServiceVerticle(String service, ServiceConfig config) {
    this.service = service;
    this.config = config;
    this.faults = new FaultInjector(config.faults(), config.faultsLog());
    this.tracing = Tracing.ofEnvironment(service, Version.number(), config.instanceId());
    this.barred = new Barred(config);
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
    return Future.succeededFuture()
        .compose(v -> open())
        .recover(failure -> Future.failedFuture(explained(failure)));
  }

  private Future<Integer> open() {
    if (!config.faultsFile().isEmpty()) {
      faultFile = FaultFile.watch(Path.of(config.faultsFile()), faults);
    }
    LOG.info("{} traces={}", service, tracing.isOn() ? "on" : "off");
    Markets markets = Markets.load(config.marketsFile(), config.partitions());
    Tokens tokens = loadTokens();
    health = new ServiceHealth(vertx, metrics.ofTheProcess());
    metrics.info("sagax_build_info", "1, with the version.", "version", Version.number());
    endWatch = health.watchLoop(context);
    kafka =
        new KafkaSettings(config.kafkaBootstrap(), config.instanceId(), config.security().kafka());
    pool = newPool(connectOptions(), READ_CONNECTIONS);
    String token = tokens.issue(service, EnumSet.of(Scope.SERVICE), SERVICE_TOKEN_AGE);
    return vertx
        .executeBlocking(this::readCertificates)
        .compose(v -> access(tokens))
        .map(this::newEdge)
        .compose(v -> showMetrics())
        .compose(v -> untilReached(this::prepareTopics))
        .compose(v -> assemble(new Lent(markets, token)))
        .compose(v -> answerProbes())
        .compose(v -> edge.listen(config.grpcHost(), config.grpcPort()))
        .onSuccess(this::listening);
  }

  private Optional<TlsWatch> readCertificates() {
    tls = config.security().tls().map(files -> TlsWatch.start(vertx, files));
    tls.ifPresent(
        watch -> LOG.info("{} speaks TLS with the certificate of {}", service, watch.current()));
    metrics.gauge(
        "sagax_certificate_expiry_seconds",
        "Until the certificate in use ends, below 0 once it has; infinite without TLS.",
        () -> tls.map(TlsWatch::secondsLeft).orElse(Double.POSITIVE_INFINITY));
    return tls;
  }

  /** Waits for a store that is away, but not for one that turns us away. */
  private <T> Future<T> untilReached(Supplier<Future<T>> attempt) {
    return Patience.until(
        vertx, service, this::mayPass, () -> attempt.get().recover(this::hearWhy));
  }

  private boolean mayPass(Throwable failure) {
    return Faults.isInfrastructure(failure) && barred.advice(failure).isEmpty();
  }

  private Optional<SSLException> handshakeFailure() {
    String owner = config.security().ownerUri();
    return PostgresHandshake.failure(config.postgresUri())
        .or(() -> owner.isEmpty() ? Optional.empty() : PostgresHandshake.failure(owner));
  }

  private <T> Future<T> hearWhy(Throwable failure) {
    return PostgresHandshake.isUnexplained(failure)
        ? vertx
            .executeBlocking(this::handshakeFailure)
            .compose(why -> Future.failedFuture(why.<Throwable>map(w -> w).orElse(failure)))
        : Future.failedFuture(failure);
  }

  private Throwable explained(Throwable failure) {
    return barred
        .advice(failure)
        .<Throwable>map(advice -> new StartRefusedException(advice, failure))
        .orElse(failure);
  }

  private Future<Void> answerProbes() {
    int wanted = config.security().healthPort();
    return wanted == 0
        ? Future.succeededFuture()
        : edge.listenForProbes(config.grpcHost(), wanted).mapEmpty();
  }

  private GrpcEdge newEdge(Access access) {
    edge = new GrpcEdge(vertx, access, limits(), health, config.edge(), metrics).trace(tracing);
    tls.ifPresent(edge::over);
    metrics
        .gauge(
            "sagax_streams_open", "Server streams that clients have open here.", edge::openStreams)
        .counter(
            "sagax_spans_lost_total",
            "Spans that no collector took, or not soon enough.",
            tracing::lost);
    return edge;
  }

  private Pool newPool(PgConnectOptions options, int connections) {
    return PgBuilder.pool()
        .connectingTo(options)
        .with(poolOptions(connections))
        .using(vertx)
        .build();
  }

  /** While PostgreSQL is away or behind, what asks for more than this fails at once. */
  static PoolOptions poolOptions(int connections) {
    return new PoolOptions().setMaxSize(connections).setMaxWaitQueueSize(MAX_WAITING);
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
    StoreAddress.redis(uri); // fails if it names a file that is not there
    RateLimits limits = RateLimits.inRedis(vertx, uri, config.edge().limits());
    metrics
        .counter(
            "sagax_rate_limited_calls_total", "Calls refused by a rate limit.", limits::refused)
        .counter(
            "sagax_rate_uncounted_calls_total",
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

  /** From before the first store is needed, so that one sees what a start waits for. */
  private Future<Void> showMetrics() {
    PostgresWatch.start(vertx, pool, metrics);
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
    tls.ifPresent(TlsWatch::close);
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
        .eventually(() -> vertx.executeBlocking(tracing::close, false))
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
    return StoreAddress.postgres(config.postgresUri())
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
      return new KafkaLogAppender(producer, tracing);
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
    public RpcChannel channel(List<PeerAddress> replicas) {
      return new RpcChannel(vertx, replicas, () -> token, tls);
    }

    @Override
    public Future<Void> migrate(ServiceSchema schema) {
      return untilReached(() -> bringToVersion(schema))
          .compose(v ->
              untilReached(() ->
                  StoredFacts.check(pool, schema.name(), markets.neverChanges(), neverShrinks())
                      .compose(w -> StoredFacts.accountPartitions(pool, schema.name()))
                      .map(number -> {
                        accountPartitions = number;
                        return null;
                      })));
    }

    private Future<Void> bringToVersion(ServiceSchema schema) {
      String owner = config.security().ownerUri();
      if (config.migrationsRun() && !owner.isEmpty()) {
        return vertx
            .executeBlocking(() -> migrateAndGrant(new Migrator(owner), schema), false)
            .recover(failure -> withoutOwner(schema, new OwnerException(failure)));
      }
      SchemaVersions versions = versions();
      return config.migrationsRun() ? versions.migrate(schema) : versions.require(schema);
    }

    private SchemaVersions versions() {
      return new SchemaVersions(vertx, pool, () -> new Migrator(config.postgresUri()));
    }

    /** Nobody needs the owner for tables that are there, and he may have a new password. */
    private Future<Void> withoutOwner(ServiceSchema schema, OwnerException failure) {
      return mayPass(failure)
          ? Future.failedFuture(failure)
          : versions()
              .require(schema)
              .recover(needed -> Future.failedFuture(failure))
              .onSuccess(v ->
                  LOG.warn(
                      "The schema {} has its version, but postgres.owner.uri cannot be used: {}",
                      schema.name(),
                      failure.getMessage()));
    }

    private Void migrateAndGrant(Migrator owner, ServiceSchema schema) {
      owner.migrate(schema);
      owner.grant(schema, StoreAddress.postgres(config.postgresUri()).getUser());
      return null;
    }

    private Map<String, Long> neverShrinks() {
      Map<String, Long> facts = new TreeMap<>(markets.neverShrinks());
      facts.put(StoredFacts.PARTITIONS, (long) config.partitions());
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
              faults,
              tracing,
              new StepMetrics(metrics, saga, config.partitions()));
      sagas.add(consumer);
    }

    /** Who writes a dead-letter topic also serves it. */
    private void serveDeadLetters(SagaDefinition saga) {
      if (saga.outputs().stream().anyMatch(Topic::isDeadLetters)) {
        DeadLetters letters =
            new DeadLetters(
                saga,
                ownDb(DEAD_LETTER_CONNECTIONS),
                new KafkaLogAppender(producer, tracing),
                faults);
        new DeadLetterApi(letters, InstantSource.system()).register(edge);
        DeadLetterFigures figures = new DeadLetterFigures(saga, pool, metrics);
        Looks.start(vertx, metrics, "dead letters", figures::look);
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
}
