package dev.sagax.settle.store;

import dev.sagax.settle.LedgerMode;
import dev.sagax.settle.LedgerState;
import dev.sagax.settle.LedgerStates;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;

/** The state of the ledger in PostgreSQL: a row that all replicas read. */
public final class PgLedgerStates implements LedgerStates {
  private static final String SELECT =
      """
      select e.epoch, e.state, e.reason, e.since_micros, coalesce(a.verified_micros, 0) as verified
      from ledger.epoch e left join ledger.audit a on a.epoch = e.epoch\
      """;

  /**
   * The row of the audit is locked, so that nobody moves the checkpoint that the breach was found
   * against.
   */
  private static final String CANCEL_ONLY =
      """
      with mine as (select from ledger.audit where epoch = $1 and pass = $2 for update)
      update ledger.epoch set state = 'CANCEL_ONLY', reason = $3, since_micros = $4
      where epoch = $1 and state = 'OPEN' and exists (select from mine)\
      """;

  /**
   * Without its row the audit begins anew: it believes nothing that it has folded before. The row
   * is locked before the epoch's, as a breach does it: else the two could wait for each other.
   */
  private static final String OPEN =
      """
      with audit as (select from ledger.audit for update),
      opened as (
        update ledger.epoch set state = 'OPEN', reason = '', since_micros = $2
        where epoch = $1 and state = 'CANCEL_ONLY' and (select count(*) from audit) >= 0 returning 1),
      forgotten as (delete from ledger.audit where exists (select from opened))
      select count(*) from opened\
      """;

  private static final String REPLAYED =
      """
      update ledger.epoch set state = $2, reason = $3, since_micros = $4
      where epoch = $1 and state = 'REPLAYING'\
      """;

  private final Pool pool;

  public PgLedgerStates(Pool pool) {
    this.pool = pool;
  }

  @Override
  public Future<LedgerState> current() {
    return pool.preparedQuery(SELECT).execute().map(PgLedgerStates::state);
  }

  private static LedgerState state(RowSet<Row> rows) {
    if (rows.size() == 0) {
      return new LedgerState(0, LedgerMode.OPEN, "", 0, 0);
    }
    Row row = rows.iterator().next();
    return new LedgerState(
        row.getLong("epoch"),
        LedgerMode.valueOf(row.getString("state")),
        row.getString("reason"),
        row.getLong("since_micros"),
        row.getLong("verified"));
  }

  @Override
  public Future<Boolean> cancelOnly(long epoch, long pass, String reason, long sinceMicros) {
    return pool.preparedQuery(CANCEL_ONLY)
        .execute(Tuple.of(epoch, pass, reason, sinceMicros))
        .map(done -> done.rowCount() == 1);
  }

  @Override
  public Future<Boolean> open(long epoch, long sinceMicros) {
    return pool.preparedQuery(OPEN)
        .execute(Tuple.of(epoch, sinceMicros))
        .map(rows -> rows.iterator().next().getLong(0) == 1);
  }

  @Override
  public Future<Boolean> replayed(long epoch, LedgerMode mode, String reason, long sinceMicros) {
    return pool.preparedQuery(REPLAYED)
        .execute(Tuple.of(epoch, mode.name(), reason, sinceMicros))
        .map(done -> done.rowCount() == 1);
  }
}
