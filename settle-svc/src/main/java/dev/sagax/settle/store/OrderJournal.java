package dev.sagax.settle.store;

import dev.sagax.settle.Verdict;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the journal has about one order.
 *
 * @param hold empty if its hold was never decided
 * @param legs what settled outcomes did to it, oldest first
 * @param legsLeftOut how many older legs there are; {@link #MOST_COUNTED} also for more than these
 */
public record OrderJournal(Optional<Decision> hold, List<JournaledLeg> legs, long legsLeftOut) {
  /** Older legs are not counted any further: an order may have any number of them. */
  public static final int MOST_COUNTED = 1_000;

  private static final String HOLD =
      "select verdict, asset, amount from ledger.hold where order_id = $1";

  /** The newest legs first, along the index that has them in this order. */
  static final String LEGS =
      """
      select position, pay, coalesce(released, 0) as released, receive, fee, pay_asset, receive_asset,
        time_micros, (
          select count(*) from (
            select from ledger.leg where order_id = $1 and partition = $2
            order by position desc offset $3 limit $4) as counted) as older
      from ledger.leg where order_id = $1 and partition = $2 order by position desc limit $3\
      """;

  /** The decision on a hold. */
  public record Decision(Verdict.OfHold verdict, String asset, long amountUnits) {}

  /**
   * What a settled outcome did to the order.
   *
   * @param position of the outcome in {@code settle.requested}
   */
  public record JournaledLeg(
      long position,
      long payUnits,
      long releasedUnits,
      long receiveUnits,
      long feeUnits,
      String payAsset,
      String receiveAsset,
      long timeMicros) {}

  /**
   * @param most at most so many legs, the newest
   */
  public static Future<OrderJournal> read(SqlClient db, int partition, String orderId, int most) {
    return db.preparedQuery(HOLD)
        .execute(Tuple.of(Ids.uuid(orderId)))
        .compose(hold ->
            db.preparedQuery(LEGS)
                .execute(range(partition, orderId, most))
                .map(legs -> of(hold, legs)));
  }

  static Tuple range(int partition, String orderId, int most) {
    return Tuple.of(Ids.uuid(orderId), partition, (long) most, (long) MOST_COUNTED);
  }

  private static OrderJournal of(RowSet<Row> holds, RowSet<Row> newestFirst) {
    Optional<Decision> hold = Optional.empty();
    for (Row row : holds) {
      hold =
          Optional.of(
              new Decision(
                  PgJournal.verdict(row.getShort("verdict")),
                  row.getString("asset"),
                  row.getLong("amount")));
    }
    List<JournaledLeg> legs = new ArrayList<>();
    long older = 0;
    for (Row row : newestFirst) {
      older = row.getLong("older");
      legs.add(leg(row));
    }
    return new OrderJournal(hold, legs.reversed(), older);
  }

  private static JournaledLeg leg(Row row) {
    return new JournaledLeg(
        row.getLong("position"),
        row.getLong("pay"),
        row.getLong("released"),
        row.getLong("receive"),
        row.getLong("fee"),
        row.getString("pay_asset"),
        row.getString("receive_asset"),
        row.getLong("time_micros"));
  }
}
