package dev.sagax.settle.store;

import dev.sagax.settle.Bucket;
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
import java.util.UUID;

/** Folds the whole journal within one snapshot. Sums are exact: PostgreSQL's numeric. */
final class JournalFold {
  private static final int PAGE = 5_000;

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

  private final SqlConnection db;
  private final Map<String, Map<String, JournalImage.Folded>> accounts = new TreeMap<>();
  private final Map<String, Map<Bucket, BigInteger>> sums = new TreeMap<>();
  private final List<OpenHold> holds = new ArrayList<>();
  private long entries;

  JournalFold(SqlConnection db) {
    this.db = db;
  }

  Future<JournalImage> read() {
    return PgJournal.positions(db)
        .compose(positions ->
            db.query(SELECT_SUMS)
                .execute()
                .onSuccess(rows -> rows.forEach(this::add))
                .compose(v -> readHolds(null))
                .compose(v -> db.query(COUNT_UNBALANCED).execute())
                .map(unbalanced ->
                    new JournalImage(
                        positions,
                        accounts,
                        sums,
                        holds,
                        unbalanced.iterator().next().getLong(0),
                        entries)));
  }

  private Future<Void> foldThenHolds(RowSet<Row> rows) {
    rows.forEach(this::add);
    return readHolds(null);
  }

  private void add(Row row) {
    String asset = row.getString("asset");
    Bucket bucket = Bucket.ofCode(row.getShort("bucket"));
    BigInteger units = new BigInteger(row.getString("units"));
    entries += row.getLong("entries");
    sums.computeIfAbsent(asset, a -> new EnumMap<>(Bucket.class))
        .merge(bucket, units, BigInteger::add);
    if (bucket == Bucket.AVAILABLE || bucket == Bucket.HELD) {
      accounts
          .computeIfAbsent(row.getString("account"), a -> new TreeMap<>())
          .merge(asset, folded(bucket, units), JournalFold::plus);
    }
  }

  private static JournalImage.Folded folded(Bucket bucket, BigInteger units) {
    return bucket == Bucket.AVAILABLE
        ? new JournalImage.Folded(units, BigInteger.ZERO)
        : new JournalImage.Folded(BigInteger.ZERO, units);
  }

  private static JournalImage.Folded plus(JournalImage.Folded a, JournalImage.Folded b) {
    return new JournalImage.Folded(a.available().add(b.available()), a.held().add(b.held()));
  }

  private Future<Void> readHolds(UUID after) {
    return PgJournal.openHolds(db, "", after, PAGE)
        .compose(page -> {
          holds.addAll(page);
          return page.size() < PAGE
              ? Future.succeededFuture()
              : readHolds(Ids.uuid(page.getLast().orderId()));
        });
  }
}
