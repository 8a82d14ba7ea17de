package dev.sagax.local.infra;

import dev.sagax.platform.tls.TlsFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Kafka, Redis and PostgreSQL together under one directory, {@code kafka/ redis/ postgres/}. A
 * start over the directory of an earlier run goes on with its data, on the same ports if they are
 * free.
 */
public final class Infrastructure implements AutoCloseable {
  private final KafkaServer kafka;
  private final RedisServer redis;
  private final PostgresServer postgres;

  /** What a person may fix beforehand; 0 stands for "as last time, or any free port". */
  public record PortPlan(int kafka, int redis, int postgres) {
    public static final PortPlan ANY = new PortPlan(0, 0, 0);
  }

  private Infrastructure(Path data, PortPlan ports) {
    kafka = new KafkaServer(data.resolve("kafka"), ports.kafka());
    redis = new RedisServer(data.resolve("redis"), ports.redis());
    postgres = new PostgresServer(data.resolve("postgres"), ports.postgres());
  }

  public static Infrastructure start(Path data, Consumer<String> progress) {
    return start(data, PortPlan.ANY, progress);
  }

  /**
   * Starts the three at the same time and returns once all answer.
   *
   * @param progress gets one line for each server that has started, possibly from other threads,
   *     one at a time
   * @throws InfrastructureException if one cannot start; the others are stopped then
   */
  public static Infrastructure start(Path data, PortPlan ports, Consumer<String> progress) {
    Infrastructure infrastructure = new Infrastructure(data, ports);
    try {
      infrastructure.startAll(progress);
    } catch (RuntimeException e) {
      infrastructure.close();
      throw e;
    }
    return infrastructure;
  }

  public KafkaServer kafka() {
    return kafka;
  }

  public RedisServer redis() {
    return redis;
  }

  public PostgresServer postgres() {
    return postgres;
  }

  public String kafkaBootstrap() {
    return kafka.bootstrap();
  }

  public String redisUri() {
    return redis.uri();
  }

  public String postgresUri() {
    return postgres.uri();
  }

  /**
   * As the other, with locks on all three: they speak TLS and ask who comes.
   *
   * @param redisUsers the file with the users of Redis and their ACLs
   */
  public static Infrastructure startLocked(
      Path data, TlsFiles tls, Path redisUsers, Consumer<String> progress) {
    Infrastructure infrastructure = new Infrastructure(data, PortPlan.ANY);
    infrastructure.kafka.lockedFor(tls);
    infrastructure.redis.lockedFor(tls, redisUsers);
    infrastructure.postgres.lockedFor(tls);
    try {
      infrastructure.startAll(progress);
    } catch (RuntimeException e) {
      infrastructure.close();
      throw e;
    }
    return infrastructure;
  }

  /** Stops all three gracefully. */
  @Override
  public void close() {
    inParallel(kafka::stop, redis::stop, postgres::stop);
  }

  private void startAll(Consumer<String> progress) {
    Consumer<String> oneAtATime =
        line -> {
          synchronized (this) {
            progress.accept(line);
          }
        };
    inParallel(
        () -> start("Kafka", kafka, oneAtATime),
        () -> start("PostgreSQL", postgres, oneAtATime),
        () -> start("Redis", redis, oneAtATime));
  }

  private static void start(String name, Server server, Consumer<String> progress) {
    long begin = System.nanoTime();
    server.start();
    long millis = (System.nanoTime() - begin) / 1_000_000;
    progress.accept("%s answers on port %d after %d ms".formatted(name, server.port(), millis));
  }

  /** Runs all to their end; then throws what a failed one threw. */
  private static void inParallel(Runnable... tasks) {
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread::new)) {
      List<CompletableFuture<Void>> running =
          Stream.of(tasks).map(task -> CompletableFuture.runAsync(task, threads)).toList();
      CompletableFuture.allOf(running.toArray(CompletableFuture<?>[]::new)).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof InfrastructureException ours) {
        throw ours;
      }
      throw e;
    }
  }
}
