package dev.sagax.platform.boot;

import dev.sagax.platform.metrics.Metrics;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.util.concurrent.TimeUnit;

/**
 * Asks PostgreSQL every five seconds whether it is there, for the metrics alone: readiness is told
 * by the steps, which need it.
 */
final class PostgresWatch {
  private static final long PAUSE_MILLIS = 5_000;
  private static final long ANSWER_SECONDS = 5;

  private final Vertx vertx;
  private final Pool pool;
  private volatile boolean up = true;

  private PostgresWatch(Vertx vertx, Pool pool) {
    this.vertx = vertx;
    this.pool = pool;
  }

  static void start(Vertx vertx, Pool pool, Metrics metrics) {
    PostgresWatch watch = new PostgresWatch(vertx, pool);
    metrics.gauge(
        "sagax_postgres_up", "1 while PostgreSQL answers within 5 s.", () -> watch.up ? 1 : 0);
    watch.look();
  }

  private void look() {
    pool.query("select 1")
        .execute()
        .timeout(ANSWER_SECONDS, TimeUnit.SECONDS)
        .onComplete(answer -> {
          up = answer.succeeded();
          vertx.setTimer(PAUSE_MILLIS, t -> look());
        });
  }
}
