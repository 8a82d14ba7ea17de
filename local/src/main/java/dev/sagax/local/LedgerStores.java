package dev.sagax.local;

import dev.sagax.local.infra.PostgresServer;
import dev.sagax.local.infra.RedisServer;
import dev.sagax.platform.tls.StoreAddress;
import dev.sagax.settle.AuditReport;
import dev.sagax.settle.LedgerRebuild;
import dev.sagax.settle.LedgerRefusedException;
import dev.sagax.settle.LedgerVerification;
import dev.sagax.settle.redis.RedisSite;
import dev.sagax.settle.store.PgFrozenJournal;
import dev.sagax.settle.store.PgJournal;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * The two stores of one ledger, for who compares or rebuilds it: those of a running exchange, or of
 * a stopped one, which are started for it and stopped after it. All calls block.
 */
public final class LedgerStores implements AutoCloseable {
  private static final long LONGEST_MINUTES = 60;

  /** PostgreSQL's state for a table that is not there. */
  private static final String NO_TABLE = "42P01";

  private final Vertx vertx =
      Vertx.vertx(
          new VertxOptions()
              .setEventLoopPoolSize(1)
              .setFileSystemOptions(new FileSystemOptions().setClassPathResolvingEnabled(false)));
  private final String postgresUri;
  private final String redisUri;
  private final Runnable stop;

  private LedgerStores(String postgresUri, String redisUri, Runnable stop) {
    this.postgresUri = postgresUri;
    this.redisUri = redisUri;
    this.stop = stop;
  }

  /** Stores that run, wherever they are. */
  public static LedgerStores at(String postgresUri, String redisUri) {
    return new LedgerStores(postgresUri, redisUri, () -> {});
  }

  /**
   * The stores of a data directory. If an exchange runs over it, they are that one's; if not, the
   * directory is held until they are closed.
   *
   * @throws IllegalStateException if there is no such directory, or its exchange is just starting
   */
  public static LedgerStores of(Path data) {
    if (Files.notExists(data)) {
      throw new IllegalStateException("There is no data directory %s.".formatted(data));
    }
    if (isRunning(data)) {
      Endpoints endpoints = Endpoints.read(data);
      return at(endpoints.postgresUri(), endpoints.redisUri());
    }
    DataDirectory held = DataDirectory.open(data, false);
    try {
      return start(held);
    } catch (RuntimeException e) {
      held.close();
      throw e;
    }
  }

  /** Whether the exchange over a data directory runs and has said where it listens. */
  public static boolean isRunning(Path data) {
    return Endpoints.exist(data)
        && ProcessHandle.of(Endpoints.read(data).pid()).filter(ProcessHandle::isAlive).isPresent();
  }

  private static LedgerStores start(DataDirectory held) {
    PostgresServer postgres = new PostgresServer(held.path().resolve("postgres"), 0);
    RedisServer redis = new RedisServer(held.path().resolve("redis"), 0);
    Runnable stop =
        () -> {
          redis.stop();
          postgres.stop();
          held.close();
        };
    try {
      postgres.start();
      redis.start();
      return new LedgerStores(postgres.uri(), redis.uri(), stop);
    } catch (RuntimeException e) {
      redis.stop();
      postgres.stop();
      throw e;
    }
  }

  /** Compares Redis with the folded journal; exact only while no service works on them. */
  public AuditReport verify() {
    return look((journal, site) -> new LedgerVerification(journal, site).run());
  }

  /**
   * Why this ledger must not be used with its journal, if it must not: a whole sentence, with what
   * to do. There is nothing to say about stores that no service has used yet.
   */
  public Optional<String> doubt() {
    return look((journal, site) -> site.doubt(journal).recover(LedgerStores::unusedYet));
  }

  private static Future<Optional<String>> unusedYet(Throwable failure) {
    return failure instanceof PgException refused && NO_TABLE.equals(refused.getSqlState())
        ? Future.succeededFuture(Optional.empty())
        : Future.failedFuture(failure);
  }

  private <T> T look(BiFunction<PgJournal, RedisSite, Future<T>> look) {
    Pool pool =
        PgBuilder.pool()
            .connectingTo(StoreAddress.postgres(postgresUri).addProperty("jit", "off"))
            .with(new PoolOptions().setMaxSize(1))
            .using(vertx)
            .build();
    return await(
        RedisSite.connect(vertx, redisUri, "")
            .compose(site -> look.apply(new PgJournal(pool), site).onComplete(done -> site.close()))
            .eventually(pool::close));
  }

  /**
   * Rebuilds Redis from the journal under a new epoch.
   *
   * @param reason why; kept with the epoch
   * @param journalIsRight whether a person says so, though it is not what the audit has verified
   * @param reached is told of each stage when it is done, on another thread
   * @throws LedgerRefusedException if a person has to do something first
   */
  public LedgerRebuild.Rebuilt rebuild(
      String reason, boolean journalIsRight, Consumer<LedgerRebuild.Stage> reached) {
    return await(
        RedisSite.connect(vertx, redisUri, UUID.randomUUID().toString())
            .compose(site ->
                PgFrozenJournal.connect(vertx, postgresUri)
                    .compose(journal ->
                        new LedgerRebuild(journal, site, InstantSource.system(), reached)
                            .run(reason, journalIsRight)
                            .eventually(journal::close))
                    .onComplete(done -> site.close())));
  }

  private static <T> T await(Future<T> future) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(LONGEST_MINUTES, TimeUnit.MINUTES);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof LedgerRefusedException refused
          ? refused
          : new IllegalStateException(e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (TimeoutException e) {
      throw new IllegalStateException("Not done within an hour.", e);
    }
  }

  @Override
  public void close() {
    try {
      await(vertx.close());
    } finally {
      stop.run();
    }
  }
}
