package dev.sagax.bench.kill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.bench.client.ExchangeProcess;
import dev.sagax.local.infra.PostgresServer;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * SIGKILL for a whole exchange at once: the services, Kafka, Redis, PostgreSQL, and the shells that
 * would stop the servers gracefully.
 */
public final class Crash {
  private static final Duration DEATH = Duration.ofSeconds(30);
  private static final int PARTITIONS = 4;

  /**
   * A placement whose outcome has come back to order-svc, as its PostgreSQL says it. Every
   * instruction that goes to the book gets a number, the number of its match.requested, and every
   * one of them has one outcome, which comes back as settle.completed in the same order. Number 0
   * never went to the book.
   */
  private static final String SETTLED =
      """
      select o.market, o.client_order_id
      from orders.orders o
      join unnest($1::text[], $2::int[]) as m(name, partition) on m.name = o.market
      left join orders.step_input i
        on i.service = 'order-svc' and i.topic = $3 and i.partition = m.partition
      where o.number <= coalesce(i.position, 0)\
      """;

  private Crash() {}

  /**
   * Kills every process of the exchange, the services first, before any of them can react.
   *
   * @param acknowledged asked when all that is left to do is to send the signals
   * @return what it answered
   */
  public static <T> T killAll(ExchangeProcess exchange, Supplier<T> acknowledged) {
    List<ProcessHandle> all = processes(exchange);
    T last = acknowledged.get();
    all.forEach(ProcessHandle::destroyForcibly);
    exchange.kill();
    awaitGone(all);
    return last;
  }

  /** The services' process, and all that it started, in this order. */
  static List<ProcessHandle> processes(ExchangeProcess exchange) {
    List<ProcessHandle> all = new ArrayList<>();
    ProcessHandle.of(exchange.pid())
        .ifPresent(root -> {
          all.add(root);
          root.descendants().forEach(all::add);
        });
    return all;
  }

  static void awaitGone(List<ProcessHandle> processes) {
    long end = System.nanoTime() + DEATH.toNanos();
    while (processes.stream().anyMatch(Crash::isAlive) && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
    assertThat(processes).noneMatch(Crash::isAlive);
  }

  /** A process that has ended but was not yet collected by its parent is not alive. */
  private static boolean isAlive(ProcessHandle process) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      return process.isAlive() && !stat.substring(stat.lastIndexOf(')') + 2).startsWith("Z");
    } catch (IOException gone) {
      return false;
    }
  }

  /** How {@link #settled} names a placement. */
  public static String placement(String market, String clientOrderId) {
    return market + " " + clientOrderId;
  }

  /**
   * The placements that were settled when the exchange was killed. Nothing of it may run: a
   * PostgreSQL alone is started over its data to look, and killed again.
   */
  public static Set<String> settled(Path data, Path marketsFile) {
    Vertx vertx = Vertx.vertx();
    PostgresServer postgres = new PostgresServer(data.resolve("postgres"), 0);
    try {
      postgres.start();
      Pool pool =
          PgBuilder.pool()
              .connectingTo(PgConnectOptions.fromUri(postgres.uri()))
              .using(vertx)
              .build();
      Set<String> settled = new HashSet<>();
      for (Row row : await(pool.preparedQuery(SETTLED).execute(parameters(marketsFile)))) {
        settled.add(placement(row.getString(0), row.getString(1)));
      }
      return settled;
    } finally {
      await(vertx.close());
      postgres.kill();
    }
  }

  private static Tuple parameters(Path marketsFile) {
    Collection<Market> markets = Markets.load(marketsFile, PARTITIONS).markets();
    return Tuple.tuple()
        .addValue(markets.stream().map(Market::name).toArray(String[]::new))
        .addValue(markets.stream().map(Market::partition).toArray(Integer[]::new))
        .addValue(Topic.SETTLE_COMPLETED.topicName);
  }

  private static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }
}
