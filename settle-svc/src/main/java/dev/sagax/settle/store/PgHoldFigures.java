package dev.sagax.settle.store;

import dev.sagax.platform.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How old the oldest open holds are, in the journal that all replicas share. Open holds have no
 * index, since every update of a hold would write it; so they are looked for as {@link OldestOpen}
 * does. Nothing is told before a look has come to its end, which takes several of them after a
 * start over a long history.
 */
public final class PgHoldFigures {
  private static final int STRETCHES = 200;

  private static final String FIRST_OF_ORDERS =
      """
      select position, time_micros from ledger.hold
      where partition = $1 and position >= $2 and position < $2::bigint + $3
        and verdict = 1 and left_units > 0
      order by position limit 1\
      """;

  private static final String LAST_OF_ORDERS =
      "select max(position) as last from ledger.hold where partition = $1";

  /** Withdrawals that a person has to confirm or return. An index has those that ever were. */
  private static final String HELD =
      """
      ledger.transfer t where direction = 3 and verdict = 1 and partition = $1 and position >= $2
        and not exists (select from ledger.withdrawal_end w where w.transfer_id = t.transfer_id)\
      """;

  private static final String FIRST_WITHDRAWAL =
      "select position, time_micros from %s and position < $2::bigint + $3 order by position limit 1"
          .formatted(HELD);

  private static final String LAST_WITHDRAWAL =
      """
      select max(position) as last from ledger.transfer
      where direction = 3 and verdict = 1 and partition = $1\
      """;

  private static final String COUNT_WITHDRAWALS = "select count(*) as held from " + HELD;

  private record Figures(long oldestOrderMicros, long oldestWithdrawalMicros, long withdrawals) {}

  private final Pool db;
  private final List<OldestOpen> orders;
  private final List<OldestOpen> withdrawals;

  /** Null while they are not known. */
  private volatile Figures figures;

  /**
   * @param db where a read of many rows makes nobody wait
   */
  public PgHoldFigures(Pool db, int partitions, Metrics metrics) {
    this(db, partitions, metrics, STRETCHES);
  }

  PgHoldFigures(Pool db, int partitions, Metrics metrics, int stretches) {
    this.db = db;
    this.orders =
        IntStream.range(0, partitions)
            .mapToObj(p -> new OldestOpen(db, p, LAST_OF_ORDERS, FIRST_OF_ORDERS, stretches))
            .toList();
    this.withdrawals =
        IntStream.range(0, partitions)
            .mapToObj(p -> new OldestOpen(db, p, LAST_WITHDRAWAL, FIRST_WITHDRAWAL, stretches))
            .toList();
    metrics
        .gauge(
            "sagax_holds_oldest_seconds",
            "How old the oldest open hold of an order is; 0 if there is none. Each replica looks at all.",
            () -> tell(now -> seconds(now.oldestOrderMicros())))
        .gauge(
            "sagax_withdrawals_held",
            "Withdrawals that wait for a person to confirm or return them; each replica counts them all.",
            () -> tell(Figures::withdrawals))
        .gauge(
            "sagax_withdrawals_oldest_held_seconds",
            "How old the oldest of these is; 0 if there is none.",
            () -> tell(now -> seconds(now.oldestWithdrawalMicros())));
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
    return Future.all(all().map(OldestOpen::look).toList())
        .compose(v -> all().allMatch(OldestOpen::isKnown) ? countWithdrawals() : unknown());
  }

  private Stream<OldestOpen> all() {
    return Stream.concat(orders.stream(), withdrawals.stream());
  }

  private Future<Void> unknown() {
    figures = null;
    return Future.succeededFuture();
  }

  /** From the oldest one on, in each partition. */
  private Future<Void> countWithdrawals() {
    List<Future<Long>> counts = new ArrayList<>();
    for (int partition = 0; partition < withdrawals.size(); partition++) {
      counts.add(
          db.preparedQuery(COUNT_WITHDRAWALS)
              .execute(Tuple.of(partition, withdrawals.get(partition).position()))
              .map(rows -> rows.iterator().next().getLong("held")));
    }
    return Future.all(counts)
        .map(v -> {
          long held = counts.stream().mapToLong(Future::result).sum();
          figures = new Figures(oldest(orders), oldest(withdrawals), held);
          return null;
        });
  }

  private static long oldest(List<OldestOpen> partitions) {
    return partitions.stream()
        .mapToLong(OldestOpen::micros)
        .filter(micros -> micros > 0)
        .min()
        .orElse(0);
  }
}
