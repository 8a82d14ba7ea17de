package dev.sagax.order.store;

import dev.sagax.platform.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * How many orders are open, and how long the oldest of them has waited for a step, in the table
 * that all replicas share. Nothing is told before the first look.
 */
public final class PgOrderFigures {
  /**
   * An order waits for a step until its own outcome is settled; after that it rests or is closed.
   * Reads the index of the open orders and their rows: 200,000 that lie scattered among a million
   * took 1 to 3 s on a busy machine, and so would be read once or twice a minute. An index of those
   * that wait would make every order that begins to rest write it.
   */
  private static final String SELECT =
      """
      select count(*) as open, count(*) filter (where not placed) as waiting,
        coalesce(min(create_micros) filter (where not placed), 0) as oldest_waiting,
        coalesce(min(create_micros), 0) as oldest
      from orders.orders where status <= 3\
      """;

  private record Figures(long open, long waiting, long oldestMicros, long oldestWaitingMicros) {}

  private final Pool db;

  /** Null before the first look. */
  private volatile Figures figures;

  /**
   * @param db where a read of many rows makes nobody wait
   */
  public PgOrderFigures(Pool db, Metrics metrics) {
    this.db = db;
    metrics
        .gauge(
            "sagax_orders_open",
            "Orders that are not closed; each replica counts them all.",
            () -> tell(Figures::open))
        .gauge(
            "sagax_orders_unfinished",
            "Orders that neither rest nor are closed, so that a step has to come; each replica counts them all.",
            () -> tell(Figures::waiting))
        .gauge(
            "sagax_orders_oldest_unfinished_seconds",
            "How old the oldest of these is; 0 if there is none.",
            () -> tell(now -> seconds(now.oldestWaitingMicros())))
        .gauge(
            "sagax_orders_oldest_open_seconds",
            "How old the oldest open order is; 0 if there is none.",
            () -> tell(now -> seconds(now.oldestMicros())));
  }

  private double tell(ToDoubleFunction<Figures> figure) {
    Figures now = figures;
    return now == null ? Double.NaN : figure.applyAsDouble(now);
  }

  private static double seconds(long micros) {
    long nowMicros = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
    return micros == 0 ? 0 : Math.max(0, nowMicros - micros) / 1e6;
  }

  /** Looks anew. */
  public Future<Void> look() {
    return db.query(SELECT)
        .execute()
        .map(rows -> {
          Row row = rows.iterator().next();
          figures =
              new Figures(
                  row.getLong("open"),
                  row.getLong("waiting"),
                  row.getLong("oldest"),
                  row.getLong("oldest_waiting"));
          return null;
        });
  }
}
