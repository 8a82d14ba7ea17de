package dev.sagax.settle.store;

import dev.sagax.settle.Bucket;
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
import java.util.TreeMap;

/** Folds the whole journal within one snapshot. Sums are exact: PostgreSQL's numeric. */
final class JournalFold {
  private static final String SELECT_SUMS =
      """
      select account, asset, bucket, sum(units)::text as units, count(*) as entries
      from ledger.entry group by account, asset, bucket\
      """;

  private static final String COUNT_UNBALANCED =
      """
      select count(*) from (
        select from ledger.entry group by flow, partition, position, asset
        having sum(units) <> 0) as unbalanced\
      """;

  private static final String SELECT_OPEN_HOLDS =
      """
      select order_id, partition, account, asset, hold_left, left_units, time_micros from ledger.hold
      where left_units > 0\
      """;

  /** So many rows come in one reply, between which the event loop does other work. */
  private static final int PAGE = 5_000;

  private final SqlConnection db;
  private final int pageSize;
  private final Map<String, Map<String, JournalImage.Folded>> accounts = new TreeMap<>();
  private final Map<String, Map<Bucket, BigInteger>> sums = new TreeMap<>();
  private final List<OpenHold> holds = new ArrayList<>();
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
                .compose(v -> db.query(COUNT_UNBALANCED).execute())
                .map(unbalanced -> image(positions, unbalanced)));
  }

  private Future<Void> addHolds(RowSet<Row> rows) {
    rows.forEach(row -> holds.add(PgJournal.openHold(row)));
    return Future.succeededFuture();
  }

  private JournalImage image(Map<FlowPartition, Long> positions, RowSet<Row> unbalanced) {
    return new JournalImage(
        positions, accounts, sums, holds, unbalanced.iterator().next().getLong(0), entries);
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
