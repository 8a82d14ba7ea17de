package dev.sagax.settle.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;

/**
 * The oldest open one of a partition, in a table that has a row for each position of a topic. What
 * has ended stays so: it is looked for from where the one before was, a bounded stretch of
 * positions at a time, so that each row is passed over once in the life of a process.
 */
final class OldestOpen {
  private static final int STRETCH = 20_000;

  private final Pool db;
  private final int partition;
  private final String last;
  private final String first;
  private final int stretches;
  private volatile long from;
  private volatile long micros;
  private volatile boolean known;

  /**
   * @param last selects "last", the highest position of partition $1
   * @param first selects "position" and "time_micros" of the first open row of partition $1 from
   *     position $2 on, among as many positions as $3 says
   * @param stretches how many are passed over in one look, so that none takes long; the next look
   *     goes on
   */
  OldestOpen(Pool db, int partition, String last, String first, int stretches) {
    this.db = db;
    this.partition = partition;
    this.last = last;
    this.first = first;
    this.stretches = stretches;
  }

  /** Whether the last look came to the oldest one, or to the end. */
  boolean isKnown() {
    return known;
  }

  /** When it was made; 0 if there is none. */
  long micros() {
    return micros;
  }

  /** Where it is; without one, behind all that was looked at. */
  long position() {
    return from;
  }

  /** Looks anew. */
  Future<Void> look() {
    return db.preparedQuery(last)
        .execute(Tuple.of(partition))
        .compose(rows -> {
          Long end = rows.iterator().next().getLong("last");
          return end == null ? found(from, 0) : lookUpTo(end, stretches);
        });
  }

  /** What came after {@code end} is younger than all that is looked at. */
  private Future<Void> lookUpTo(long end, int left) {
    if (from > end) {
      return found(from, 0);
    }
    if (left == 0) {
      known = false;
      return Future.succeededFuture();
    }
    return db.preparedQuery(first)
        .execute(Tuple.of(partition, from, STRETCH))
        .compose(rows -> {
          for (Row row : rows) {
            return found(row.getLong("position"), row.getLong("time_micros"));
          }
          from = Math.min(from + STRETCH, end + 1);
          return lookUpTo(end, left - 1);
        });
  }

  private Future<Void> found(long position, long time) {
    from = position;
    micros = time;
    known = true;
    return Future.succeededFuture();
  }
}
