package dev.sagax.settle.store;

import dev.sagax.platform.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How old the oldest open holds are, in the journal that all replicas share. Open holds have no
 * index, since every update of a hold would write it. But what has ended stays so: the oldest one
 * is looked for from where the one before was, a bounded stretch of positions at a time, so that
 * each hold is passed over once in the life of a process.
 */
public final class PgHoldFigures {
  private static final int STRETCH = 20_000;

  private static final String OLDEST_OF_ORDERS =
      """
      select position, time_micros from ledger.hold
      where partition = $1 and position >= $2 and position < $2::bigint + $3
        and verdict = 1 and left_units > 0
      order by position limit 1\
      """;

  private static final String LAST =
      "select max(position) as last from ledger.hold where partition = $1";

  /** Withdrawals that a person has to confirm or return. Passes over all transfers. */
  private static final String OLDEST_WITHDRAWAL =
      """
      select count(*) as held, coalesce(min(time_micros), 0) as oldest from ledger.open_hold
      where withdrawal\
      """;

  private final Pool db;
  private final long[] from;
  private final long[] oldest;
  private volatile long oldestOrderMicros;
  private volatile long oldestWithdrawalMicros;
  private volatile long withdrawals;

  /**
   * @param db where a read of many rows makes nobody wait
   */
  public PgHoldFigures(Pool db, int partitions, Metrics metrics) {
    this.db = db;
    this.from = new long[partitions];
    this.oldest = new long[partitions];
    metrics
        .gauge(
            "sagax_holds_oldest_seconds",
            "How old the oldest open hold of an order is; 0 if there is none. Each replica looks at all.",
            () -> seconds(oldestOrderMicros))
        .gauge(
            "sagax_withdrawals_held",
            "Withdrawals that wait for a person to confirm or return them; each replica counts them all.",
            () -> withdrawals)
        .gauge(
            "sagax_withdrawals_oldest_held_seconds",
            "How old the oldest of these is; 0 if there is none.",
            () -> seconds(oldestWithdrawalMicros));
  }

  private static double seconds(long micros) {
    long nowMicros = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
    return micros == 0 ? 0 : Math.max(0, nowMicros - micros) / 1e6;
  }

  /** Looks anew. */
  public Future<Void> look() {
    List<Future<?>> all = new ArrayList<>();
    all.add(withdrawals());
    for (int partition = 0; partition < from.length; partition++) {
      all.add(orders(partition));
    }
    return Future.all(all).map(v -> told());
  }

  private Void told() {
    long first = 0;
    for (long micros : oldest) {
      first = micros == 0 || first != 0 && first < micros ? first : micros;
    }
    oldestOrderMicros = first;
    return null;
  }

  private Future<Void> withdrawals() {
    return db.query(OLDEST_WITHDRAWAL)
        .execute()
        .map(rows -> {
          Row row = rows.iterator().next();
          withdrawals = row.getLong("held");
          oldestWithdrawalMicros = row.getLong("oldest");
          return null;
        });
  }

  private Future<Void> orders(int partition) {
    return db.preparedQuery(LAST)
        .execute(Tuple.of(partition))
        .compose(rows -> {
          Long last = rows.iterator().next().getLong("last");
          return last == null ? Future.succeededFuture() : oldestUpTo(partition, last);
        });
  }

  /** What was placed after {@code last} is younger than all that is looked at. */
  private Future<Void> oldestUpTo(int partition, long last) {
    return db.preparedQuery(OLDEST_OF_ORDERS)
        .execute(Tuple.of(partition, from[partition], STRETCH))
        .compose(rows -> {
          if (found(partition, rows)) {
            return Future.succeededFuture();
          }
          from[partition] = Math.min(from[partition] + STRETCH, last + 1);
          oldest[partition] = 0;
          return from[partition] > last ? Future.succeededFuture() : oldestUpTo(partition, last);
        });
  }

  private boolean found(int partition, RowSet<Row> rows) {
    for (Row row : rows) {
      from[partition] = row.getLong("position");
      oldest[partition] = row.getLong("time_micros");
      return true;
    }
    return false;
  }
}
