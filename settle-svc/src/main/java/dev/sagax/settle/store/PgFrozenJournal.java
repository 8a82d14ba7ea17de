package dev.sagax.settle.store;

import dev.sagax.platform.tls.StoreAddress;
import dev.sagax.settle.AuditJournal;
import dev.sagax.settle.Balance;
import dev.sagax.settle.Bucket;
import dev.sagax.settle.FlowPartition;
import dev.sagax.settle.FrozenJournal;
import dev.sagax.settle.JournalImage;
import dev.sagax.settle.LedgerPiece;
import dev.sagax.settle.LedgerRefusedException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The journal in PostgreSQL during a rebuild: one connection, which also holds the claim. */
public final class PgFrozenJournal implements FrozenJournal {
  /** The key of the advisory lock that one rebuild at a time holds. */
  private static final long CLAIM = 0x5a6b;

  private static final int PAGE = 5_000;

  private static final String NEW_EPOCH =
      """
      insert into ledger.epoch as e(epoch, state, reason, since_micros)
      values (1, 'REPLAYING', $1, $2)
      on conflict (single) do update
      set epoch = e.epoch + 1, state = excluded.state, reason = excluded.reason,
        since_micros = excluded.since_micros
      returning epoch\
      """;

  /** A step that has decided by the old ledger finds its version moved, as by another owner. */
  private static final String FENCE_STEPS = "update ledger.step set version = version + 1";

  private static final String FORGET_AUDIT = "delete from ledger.audit";

  private static final String SELECT_BALANCES =
      """
      select account, asset,
        coalesce(sum(units) filter (where bucket = 1), 0)::text as available,
        coalesce(sum(units) filter (where bucket = 2), 0)::text as held
      from ledger.entry where bucket in (1, 2) group by account, asset\
      """;

  private static final String SELECT_HOLDS =
      "select partition, subject, hold_left, left_units from ledger.open_hold";

  /** Accounts that are frozen now. */
  static final String SELECT_FROZEN =
      """
      select account from (
        select distinct on (account) account, frozen from ledger.account_freeze
        order by account, position desc) as last
      where frozen\
      """;

  private static final String SELECT_SUMS =
      """
      select asset, bucket, sum(units)::text as units from ledger.entry
      where bucket in (3, 4) group by asset, bucket\
      """;

  private static final String SELECT_EXTENTS =
      """
      select 1 as flow, partition, min(position) as lowest, max(position) as highest
      from ledger.hold group by partition
      union all
      select 2, partition, min(position), max(position) from ledger.leg group by partition
      union all
      select 3, partition, min(position), max(position) from (
        select partition, position from ledger.transfer
        union all select partition, position from ledger.withdrawal_end
        union all select partition, position from ledger.account_freeze) as t
      group by partition\
      """;

  private final PgConnection db;
  private final Pool audited;

  private PgFrozenJournal(PgConnection db, Pool audited) {
    this.db = db;
    this.audited = audited;
  }

  public static Future<PgFrozenJournal> connect(Vertx vertx, String uri) {
    PgConnectOptions options =
        StoreAddress.postgres(uri)
            .addProperty("jit", "off")
            .addProperty("lock_timeout", "30s")
            .addProperty("application_name", "sagax ledger");
    return PgConnection.connect(vertx, options)
        .map(db -> new PgFrozenJournal(db, pageReader(vertx, uri)));
  }

  /** Finds stretches of the journal by position, in tables of which nothing may be known yet. */
  private static Pool pageReader(Vertx vertx, String uri) {
    return PgBuilder.pool()
        .connectingTo(
            StoreAddress.postgres(uri)
                .setCachePreparedStatements(true)
                .addProperty("jit", "off")
                .addProperty("enable_seqscan", "off")
                .addProperty("application_name", "sagax ledger"))
        .with(new PoolOptions().setMaxSize(1))
        .using(vertx)
        .build();
  }

  @Override
  public Future<Void> claim() {
    return db.preparedQuery("select pg_try_advisory_lock($1)")
        .execute(Tuple.of(CLAIM))
        .compose(rows ->
            rows.iterator().next().getBoolean(0)
                ? Future.succeededFuture()
                : Future.failedFuture(
                    new LedgerRefusedException(
                        "Another rebuild of this ledger is under way; wait for its end.")));
  }

  @Override
  public AuditJournal audited() {
    return new PgAuditJournal(audited);
  }

  @Override
  public Future<List<String>> misplaced() {
    return Snapshots.read(
        db,
        () ->
            PgJournal.positions(db)
                .compose(positions ->
                    db.query(SELECT_EXTENTS).execute().map(rows -> outside(rows, positions))));
  }

  private static List<String> outside(RowSet<Row> extents, Map<FlowPartition, Long> positions) {
    List<String> findings = new ArrayList<>();
    for (Row row : extents) {
      FlowPartition log = PgAuditJournal.log(row);
      long end = positions.getOrDefault(log, log.flow().beforeFirst);
      if (row.getLong("lowest") <= log.flow().beforeFirst || row.getLong("highest") > end) {
        findings.add(
            "The journal has rows of %s at positions %d to %d, but is written up to %d."
                .formatted(log, row.getLong("lowest"), row.getLong("highest"), end));
      }
    }
    return findings;
  }

  /** The claim lives as long as its connection. */
  @Override
  public Future<Void> confirmClaim() {
    return db.query("select 1")
        .execute()
        .<Void>mapEmpty()
        .recover(failure ->
            Future.failedFuture(
                new LedgerRefusedException(
                    "The connection to PostgreSQL that kept other rebuilds out is gone; this one stops.")));
  }

  @Override
  public Future<Long> freeze(String reason, long sinceMicros, boolean forgetAudit) {
    return db.begin()
        .compose(transaction ->
            db.preparedQuery(NEW_EPOCH)
                .execute(Tuple.of(reason, sinceMicros))
                .map(rows -> rows.iterator().next().getLong(0))
                .compose(epoch -> db.query(FENCE_STEPS).execute().map(epoch))
                .compose(epoch ->
                    forgetAudit
                        ? db.query(FORGET_AUDIT).execute().map(epoch)
                        : Future.succeededFuture(epoch))
                .compose(epoch -> transaction.commit().map(epoch))
                .onFailure(failure -> transaction.rollback()));
  }

  @Override
  public Future<Void> pages(Function<List<LedgerPiece>, Future<Void>> reader) {
    return Snapshots.read(
        db,
        () ->
            page(SELECT_BALANCES, PgFrozenJournal::balance, reader)
                .compose(v -> page(SELECT_HOLDS, PgFrozenJournal::hold, reader))
                .compose(v -> page(SELECT_SUMS, PgFrozenJournal::sum, reader))
                .compose(v -> page(SELECT_FROZEN, PgFrozenJournal::frozen, reader))
                .compose(v -> marks())
                .compose(reader));
  }

  private Future<Void> page(
      String sql,
      Function<Row, LedgerPiece> piece,
      Function<List<LedgerPiece>, Future<Void>> reader) {
    return Snapshots.pages(db, sql, PAGE, rows -> reader.apply(pieces(rows, piece)));
  }

  private static List<LedgerPiece> pieces(RowSet<Row> rows, Function<Row, LedgerPiece> piece) {
    List<LedgerPiece> pieces = new ArrayList<>(rows.size());
    rows.forEach(row -> pieces.add(piece.apply(row)));
    return pieces;
  }

  private static LedgerPiece balance(Row row) {
    String account = row.getString("account");
    String asset = row.getString("asset");
    String what = "Account %s in %s".formatted(account, asset);
    return new LedgerPiece.OfAccount(
        account,
        new Balance(
            asset, units(what, row.getString("available")), units(what, row.getString("held"))));
  }

  private static LedgerPiece hold(Row row) {
    return new LedgerPiece.OfHold(
        row.getInteger("partition"),
        Ids.text(row.getUUID("subject")),
        row.getLong("hold_left"),
        row.getLong("left_units"));
  }

  private static LedgerPiece frozen(Row row) {
    return new LedgerPiece.OfFreeze(row.getString("account"));
  }

  private static LedgerPiece sum(Row row) {
    String asset = row.getString("asset");
    long units = units("The sum of " + asset, row.getString("units"));
    return Bucket.ofCode(row.getInteger("bucket")) == Bucket.FEES
        ? new LedgerPiece.OfFees(asset, units)
        : new LedgerPiece.OfSupply(asset, -units);
  }

  private static long units(String what, String exact) {
    try {
      return new BigInteger(exact).longValueExact();
    } catch (ArithmeticException e) {
      throw new LedgerRefusedException(
          "%s has %s units by the journal, more than a ledger can count: the journal is damaged."
              .formatted(what, exact));
    }
  }

  private Future<List<LedgerPiece>> marks() {
    return PgJournal.positions(db)
        .map(positions -> {
          List<LedgerPiece> marks = new ArrayList<>();
          positions.forEach((log, position) -> {
            if (position != log.flow().beforeFirst) {
              marks.add(new LedgerPiece.OfLog(log, position));
            }
          });
          return marks;
        });
  }

  @Override
  public Future<JournalImage> image() {
    return PgJournal.image(db);
  }

  @Override
  public Future<Void> close() {
    return audited.close().eventually(db::close);
  }
}
