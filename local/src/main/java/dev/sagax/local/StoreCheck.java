package dev.sagax.local;

import dev.sagax.local.infra.Infrastructure;
import dev.sagax.platform.log.KafkaSettings;
import dev.sagax.platform.log.LogAgreement;
import dev.sagax.platform.tls.StoreAddress;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.TopicPartition;

/**
 * Whether PostgreSQL and Kafka belong together, of a running exchange or of a stopped one, whose
 * servers are started for it and stopped after it. It only reads. All calls block.
 */
public final class StoreCheck implements AutoCloseable {
  private static final long SECONDS = 60;
  private static final String NO_RIGHT = "42501";

  private final Vertx vertx = Vertx.vertx();
  private final Pool db;
  private final LogAgreement log;
  private final Runnable stop;

  private StoreCheck(String postgresUri, KafkaSettings kafka, Runnable stop) {
    this.db =
        PgBuilder.pool()
            .connectingTo(StoreAddress.postgres(postgresUri))
            .with(new PoolOptions().setMaxSize(1))
            .using(vertx)
            .build();
    this.log = new LogAgreement(kafka, "stores-check");
    this.stop = stop;
  }

  /**
   * Stores that run, wherever they are.
   *
   * @param postgresUri as {@code postgres.uri} is, of somebody who may read the tables of all
   *     services
   * @param kafka how to reach the brokers, as somebody who may read all topics
   */
  public static StoreCheck at(String postgresUri, KafkaSettings kafka) {
    return new StoreCheck(postgresUri, kafka, () -> {});
  }

  /**
   * The stores of a data directory. If an exchange runs over it, they are that one's; if not, the
   * directory is held until they are closed.
   *
   * @throws IllegalStateException if there is no such directory
   */
  public static StoreCheck of(Path data) {
    if (Files.notExists(data)) {
      throw new IllegalStateException("There is no data directory %s.".formatted(data));
    }
    if (LedgerStores.isRunning(data)) {
      Endpoints endpoints = Endpoints.read(data);
      return at(endpoints.postgresUri(), new KafkaSettings(endpoints.kafkaBootstrap()));
    }
    DataDirectory held = DataDirectory.open(data, false);
    try {
      Infrastructure servers = Infrastructure.start(held.path(), line -> {});
      return new StoreCheck(
          servers.postgresUri(),
          new KafkaSettings(servers.kafkaBootstrap()),
          () -> {
            servers.close();
            held.close();
          });
    } catch (RuntimeException e) {
      held.close();
      throw e;
    }
  }

  /**
   * What does not fit, a sentence each; empty if the services may be started.
   *
   * <p>PostgreSQL is read before the log for what it has applied and what has arrived there, and
   * after it for what it has given out: so a running exchange is no contradiction.
   *
   * @throws IllegalStateException if there is nothing to compare, or not all of it may be read
   */
  public List<String> findings() {
    List<String> schemas = schemas();
    List<LogAgreement.Applied> applied = new ArrayList<>();
    schemas.forEach(schema -> applied.addAll(await(LogAgreement.applied(db, schema))));
    Map<TopicPartition, Long> acknowledged = new HashMap<>();
    schemas.forEach(schema -> acknowledged.putAll(await(LogAgreement.acknowledged(db, schema))));
    List<String> findings = new ArrayList<>(log.lost(applied));
    LogAgreement.Numbers numbers = log.numbers();
    Map<TopicPartition, Long> given = new HashMap<>();
    schemas.forEach(schema -> given.putAll(await(LogAgreement.given(db, schema))));
    findings.addAll(log.missing(numbers, acknowledged));
    findings.addAll(log.ahead(numbers, given));
    return findings;
  }

  /** Also those that we may not read: to leave one out would call unlike stores alike. */
  private List<String> schemas() {
    List<String> schemas = new ArrayList<>();
    await(
            db.query(
                    """
                    select n.nspname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
                    where c.relname = 'step_output' and c.relkind = 'r' order by 1\
                    """)
                .execute())
        .forEach(row -> schemas.add(row.getString(0)));
    if (schemas.isEmpty()) {
      throw new IllegalStateException("No service has ever used this PostgreSQL.");
    }
    return schemas;
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(sentence(e.getCause()), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("PostgreSQL did not answer within " + SECONDS + " s.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String sentence(Throwable failure) {
    return failure instanceof PgException refused && NO_RIGHT.equals(refused.getSqlState())
        ? "The role may not read the tables of every service (%s): ask as their owner."
            .formatted(refused.getErrorMessage())
        : failure.getMessage();
  }

  @Override
  public void close() {
    try {
      await(db.close());
      await(vertx.close());
    } finally {
      stop.run();
    }
  }
}
