package dev.sagax.settle.store;

import dev.sagax.settle.Bucket;
import dev.sagax.settle.Flow;
import dev.sagax.settle.FlowPartition;
import dev.sagax.settle.JournalImage;
import dev.sagax.settle.OpenHold;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** Folds the whole journal within one snapshot. Sums are exact: PostgreSQL's numeric. */
final class JournalFold {
  private static final String SELECT_SUMS =
      """
      select account, asset, bucket, sum(units)::text as units, count(*) as entries
      from ledger.entry group by account, asset, bucket\
      """;

  /** Only outcomes have several rows a position; a row of any other kind sums to zero by itself. */
  private static final String SELECT_UNBALANCED =
      """
      select partition, position, asset, sum(units)::text as units from ledger.entry
      where flow = 2 group by partition, position, asset having sum(units) <> 0
      order by partition, position, asset limit 1\
      """;

  /**
   * An order pays base for quote or quote for base, which of them the ledger does not know: so what
   * it was filled for is compared either way round. What is left to be filled is not the sum of
   * anything that the journal keeps, but nothing is left once a leg has ended the hold, and only
   * then.
   */
  private static final String SELECT_UNLIKE_ITS_LEGS =
      """
      with settled as (
        select order_id, sum(pay) as paid, sum(receive + fee::numeric) as got, sum(fee) as fee,
          sum(released) as released, count(released) as ends
        from ledger.leg group by order_id),
      both_sides as (
        select order_id, h.position, h.amount, h.verdict, h.hold_left, h.left_units, h.filled,
          h.filled_quote, h.fee, coalesce(s.paid, 0) as paid, coalesce(s.got, 0) as got,
          coalesce(s.fee, 0) as legs_fee, coalesce(s.released, 0) as released,
          coalesce(s.ends, 0) as ends
        from ledger.hold h full join settled s using (order_id))
      select order_id, amount, hold_left, left_units, filled, filled_quote, fee, paid::text,
        got::text, legs_fee::text, released::text, ends
      from both_sides
      where verdict is distinct from 1 and (verdict is null or hold_left <> 0 or left_units <> 0
          or paid <> 0 or got <> 0 or released <> 0)
        or hold_left <> case verdict when 1 then amount else 0 end - paid - released
        or ends <> case when verdict = 1 and left_units = 0 then 1 else 0 end
        or fee <> legs_fee
        or not (filled = paid and filled_quote = got or filled = got and filled_quote = paid)
      order by order_id limit 1\
      """;

  private static final String SELECT_OPEN_HOLDS =
      """
      select subject, partition, account, asset, hold_left, left_units, time_micros, withdrawal
      from ledger.open_hold\
      """;

  /** A withdrawal ends only if it is held, and with all that is held for it. */
  private static final String SELECT_UNLIKE_ITS_WITHDRAWAL =
      """
      select w.transfer_id, w.amount, w.asset, t.amount as held, t.asset as held_asset
      from ledger.withdrawal_end w left join ledger.transfer t
        on t.transfer_id = w.transfer_id and t.direction = 3 and t.verdict = 1
      where t.transfer_id is null or w.amount <> t.amount or w.asset <> t.asset
        or w.account <> t.account or w.partition <> t.partition or w.position <= t.position
      order by w.transfer_id limit 1\
      """;

  /** So many rows come in one reply, between which the event loop does other work. */
  private static final int PAGE = 5_000;

  private final SqlConnection db;
  private final int pageSize;
  private final Map<String, Map<String, JournalImage.Folded>> accounts = new TreeMap<>();
  private final Map<String, Map<Bucket, BigInteger>> sums = new TreeMap<>();
  private final List<OpenHold> holds = new ArrayList<>();
  private final List<String> found = new ArrayList<>();
  private final Set<String> frozen = new TreeSet<>();
  private long entries;

  JournalFold(SqlConnection db) {
    this(db, PAGE);
  }

  JournalFold(SqlConnection db, int pageSize) {
    this.db = db;
    this.pageSize = pageSize;
  }

  /** Within a transaction, which is the snapshot, and without which there is no cursor. */
  Future<JournalImage> read() {
    return PgJournal.positions(db)
        .compose(positions ->
            Snapshots.pages(db, SELECT_SUMS, pageSize, this::fold)
                .compose(v -> Snapshots.pages(db, SELECT_OPEN_HOLDS, pageSize, this::addHolds))
                .compose(v -> find(SELECT_UNBALANCED, JournalFold::unbalanced))
                .compose(v -> find(SELECT_UNLIKE_ITS_LEGS, JournalFold::unlikeItsLegs))
                .compose(v -> find(SELECT_UNLIKE_ITS_WITHDRAWAL, JournalFold::unlikeItsWithdrawal))
                .compose(
                    v -> Snapshots.pages(db, PgFrozenJournal.SELECT_FROZEN, pageSize, this::freeze))
                .map(v ->
                    new JournalImage(positions, accounts, sums, holds, found, entries, frozen)));
  }

  private Future<Void> find(String sql, Function<Row, String> sentence) {
    return db.query(sql)
        .execute()
        .map(rows -> {
          rows.forEach(row -> found.add(sentence.apply(row)));
          return null;
        });
  }

  private static String unbalanced(Row row) {
    return "The journal's entries at %s position %d sum to %s %s, not to zero."
        .formatted(
            new FlowPartition(Flow.SETTLE, row.getInteger("partition")),
            row.getLong("position"),
            row.getString("units"),
            row.getString("asset"));
  }

  private static String unlikeItsLegs(Row row) {
    String order = Ids.text(row.getUUID("order_id"));
    if (row.getLong("amount") == null) {
      return "The journal has settled order %s, but has no hold of it.".formatted(order);
    }
    return ("The journal's figures of order %s are not the sum of its legs: of %d held %d are left, %d can be"
            + " filled, %d filled for %d, fee %d; its legs paid %s for %s, fee %s, released %s, and ended it %d times.")
        .formatted(
            order,
            row.getLong("amount"),
            row.getLong("hold_left"),
            row.getLong("left_units"),
            row.getLong("filled"),
            row.getLong("filled_quote"),
            row.getLong("fee"),
            row.getString("paid"),
            row.getString("got"),
            row.getString("legs_fee"),
            row.getString("released"),
            row.getLong("ends"));
  }

  private static String unlikeItsWithdrawal(Row row) {
    return "The journal has ended withdrawal %s with %d %s, but %s were held for it."
        .formatted(
            Ids.text(row.getUUID("transfer_id")),
            row.getLong("amount"),
            row.getString("asset"),
            row.getLong("held") == null
                ? "none"
                : row.getLong("held") + " " + row.getString("held_asset"));
  }

  private Future<Void> addHolds(RowSet<Row> rows) {
    rows.forEach(row -> holds.add(PgJournal.openHold(row)));
    return Future.succeededFuture();
  }

  private Future<Void> freeze(RowSet<Row> rows) {
    rows.forEach(row -> frozen.add(row.getString("account")));
    return Future.succeededFuture();
  }

  private Future<Void> fold(RowSet<Row> rows) {
    rows.forEach(this::add);
    return Future.succeededFuture();
  }

  private void add(Row row) {
    String asset = row.getString("asset");
    Bucket bucket = Bucket.ofCode(row.getInteger("bucket"));
    BigInteger units = new BigInteger(row.getString("units"));
    entries += row.getLong("entries");
    sums.computeIfAbsent(asset, a -> new EnumMap<>(Bucket.class))
        .merge(bucket, units, BigInteger::add);
    if (bucket == Bucket.AVAILABLE || bucket == Bucket.HELD) {
      accounts
          .computeIfAbsent(row.getString("account"), a -> new TreeMap<>())
          .merge(asset, folded(bucket, units), JournalImage.Folded::plus);
    }
  }

  private static JournalImage.Folded folded(Bucket bucket, BigInteger units) {
    return bucket == Bucket.AVAILABLE
        ? new JournalImage.Folded(units, BigInteger.ZERO)
        : new JournalImage.Folded(BigInteger.ZERO, units);
  }
}
