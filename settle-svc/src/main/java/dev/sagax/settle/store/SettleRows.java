package dev.sagax.settle.store;

import dev.sagax.platform.log.StepWrites;
import dev.sagax.settle.AccountFreeze;
import dev.sagax.settle.DecidedTransfer;
import dev.sagax.settle.HeldOrder;
import dev.sagax.settle.Leg;
import dev.sagax.settle.Transfer;
import dev.sagax.settle.Verdict;
import dev.sagax.settle.WithdrawalEnd;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/** What the saga's steps read, and write within their transaction: one statement a kind a batch. */
public final class SettleRows {
  private static final String SELECT_ORDERS =
      """
      select order_id, account, asset, hold_left, left_units, filled, filled_quote, fee
      from ledger.hold where order_id = any($1) and verdict = 1\
      """;

  /** One statement, because a small batch costs a statement more than its rows. */
  private static final String RECORD_SETTLED =
      """
      with moved as (
        update ledger.hold h set hold_left = u.hold_left, left_units = u.left_units,
          filled = u.filled, filled_quote = u.filled_quote, fee = u.fee
        from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
          as u(order_id, hold_left, left_units, filled, filled_quote, fee)
        where h.order_id = u.order_id)
      insert into ledger.leg(partition, position, leg, order_id, account, pay_asset, pay, released,
        receive_asset, receive, fee, time_micros)
      select $7::int, l.* from unnest($8::bigint[], $9::int[], $10::uuid[], $11::text[], $12::text[],
        $13::bigint[], $14::bigint[], $15::text[], $16::bigint[], $17::bigint[], $18::bigint[]) as l\
      """;

  private static final String SELECT_TRANSFERS =
      """
      select t.transfer_id, t.position, t.account, t.request_id, t.direction, t.asset, t.amount,
        t.time_micros, t.external_id, t.verdict, w.position as end_position, w.ending, w.operator,
        w.reason, w.time_micros as end_micros
      from ledger.transfer t left join ledger.withdrawal_end w using (transfer_id)
      where t.transfer_id = any($1)\
      """;

  private static final String INSERT_TRANSFERS =
      """
      insert into ledger.transfer(partition, transfer_id, position, account, request_id, direction,
        asset, amount, time_micros, external_id, verdict)
      select $1::int, t.* from unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::smallint[],
        $7::text[], $8::bigint[], $9::bigint[], $10::text[], $11::smallint[]) as t\
      """;

  private static final String INSERT_ENDS =
      """
      insert into ledger.withdrawal_end(partition, transfer_id, position, account, asset, amount,
        ending, operator, reason, time_micros)
      select $1::int, w.* from unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::bigint[],
        $7::smallint[], $8::text[], $9::text[], $10::bigint[]) as w\
      """;

  private static final String INSERT_FREEZES =
      """
      insert into ledger.account_freeze(partition, account, position, frozen, operator, reason,
        time_micros)
      select $1::int, f.account, f.position, f.frozen = 1, f.operator, f.reason, f.time_micros
      from unnest($2::text[], $3::bigint[], $4::smallint[], $5::text[], $6::text[], $7::bigint[])
        as f(account, position, frozen, operator, reason, time_micros)\
      """;

  /** Who claimed an id before keeps it; the first statement sees no claim that it makes itself. */
  private static final String CLAIM_EXTERNAL_IDS =
      """
      insert into ledger.external_id(external_id, transfer_id)
      select * from unnest($1::text[], $2::uuid[]) on conflict do nothing\
      """;

  private static final String SELECT_EXTERNAL_IDS =
      "select external_id, transfer_id from ledger.external_id where external_id = any($1)";

  /**
   * Decides the claims that came later and are not decided yet: the next turn after a rejected
   * deposit, else none. Whoever loses a race for a turn is not decided by this and has to ask
   * again.
   */
  private static final String CLAIM_AGAIN =
      """
      insert into ledger.external_id_again(external_id, transfer_id, turn)
      select a.external_id, a.transfer_id,
        case when owner.verdict <> 1 then coalesce(l.turn, 1) + 1 else 0 end
      from unnest($1::text[], $2::uuid[]) with ordinality as a(external_id, transfer_id, nth)
      join ledger.external_id e on e.external_id = a.external_id
      left join lateral (
        select g.transfer_id, g.turn from ledger.external_id_again g
        where g.external_id = a.external_id and g.turn > 0 order by g.turn desc limit 1) l on true
      left join ledger.transfer owner on owner.transfer_id = coalesce(l.transfer_id, e.transfer_id)
      order by a.external_id, a.nth on conflict do nothing\
      """;

  private static final String SELECT_CLAIMED_AGAIN =
      "select transfer_id, turn from ledger.external_id_again where transfer_id = any($1)";

  private static final String SELECT_POSITIONS =
      "select topic, position from ledger.step_input where service = $1 and partition = $2";

  private SettleRows() {}

  /** Last positions of a service's partition, by topic name. */
  public static Future<Map<String, Long>> positions(SqlClient db, String service, int partition) {
    return db.preparedQuery(SELECT_POSITIONS)
        .execute(Tuple.of(service, partition))
        .map(rows -> {
          Map<String, Long> positions = new HashMap<>();
          rows.forEach(row -> positions.put(row.getString(0), row.getLong(1)));
          return positions;
        });
  }

  /** Orders that funds were held for, by id; unknown and refused ones are left out. */
  public static Future<Map<String, HeldOrder>> orders(SqlClient db, Collection<String> ids) {
    return db.preparedQuery(SELECT_ORDERS)
        .execute(Columns.of(ids).ids(id -> id).tuple())
        .map(rows -> {
          Map<String, HeldOrder> orders = new HashMap<>();
          for (Row row : rows) {
            HeldOrder order = order(row);
            orders.put(order.orderId(), order);
          }
          return orders;
        });
  }

  private static HeldOrder order(Row row) {
    return new HeldOrder(
        Ids.text(row.getUUID("order_id")),
        row.getString("account"),
        row.getString("asset"),
        row.getLong("hold_left"),
        row.getLong("left_units"),
        row.getLong("filled"),
        row.getLong("filled_quote"),
        row.getLong("fee"));
  }

  /**
   * A leg of a settled outcome.
   *
   * @param releasedUnits what was released because its hold ended; empty if the hold goes on
   */
  public record SettledLeg(
      long position, long timeMicros, int number, Leg leg, OptionalLong releasedUnits) {

    private Long releasedOrNull() {
      return releasedUnits.isPresent() ? releasedUnits.getAsLong() : null;
    }
  }

  /**
   * Journals settled outcomes.
   *
   * @param changed how their orders stand now
   */
  public static void record(
      StepWrites step, int partition, Collection<HeldOrder> changed, List<SettledLeg> legs) {
    if (!legs.isEmpty()) {
      step.write(
          RECORD_SETTLED,
          Columns.of(changed)
              .ids(HeldOrder::orderId)
              .longs(HeldOrder::heldUnits)
              .longs(HeldOrder::leftUnits)
              .longs(HeldOrder::filledUnits)
              .longs(HeldOrder::filledQuoteUnits)
              .longs(HeldOrder::feeUnits)
              .then(legs)
              .value(partition)
              .longs(SettledLeg::position)
              .ints(SettledLeg::number)
              .ids(row -> row.leg().orderId())
              .texts(row -> row.leg().account())
              .texts(row -> row.leg().payAsset())
              .longs(row -> row.leg().payUnits())
              .longsOrNulls(SettledLeg::releasedOrNull)
              .texts(row -> row.leg().receiveAsset())
              .longs(row -> row.leg().receiveUnits())
              .longs(row -> row.leg().feeUnits())
              .longs(SettledLeg::timeMicros)
              .tuple());
    }
  }

  /** Decided transfers, by id; undecided ones are left out. */
  public static Future<Map<String, DecidedTransfer>> transfers(
      SqlClient db, Collection<String> ids) {
    return db.preparedQuery(SELECT_TRANSFERS)
        .execute(Columns.of(ids).ids(id -> id).tuple())
        .map(rows -> {
          Map<String, DecidedTransfer> transfers = new HashMap<>();
          for (Row row : rows) {
            DecidedTransfer decided = transfer(row);
            transfers.put(decided.transfer().transferId(), decided);
          }
          return transfers;
        });
  }

  private static DecidedTransfer transfer(Row row) {
    return new DecidedTransfer(
        new Transfer(
            row.getLong("position"),
            Ids.text(row.getUUID("transfer_id")),
            Transfer.Direction.ofCode(row.getShort("direction")),
            row.getString("account"),
            row.getString("request_id"),
            row.getString("asset"),
            row.getLong("amount"),
            row.getLong("time_micros"),
            row.getString("external_id")),
        verdict(row.getShort("verdict")),
        end(row));
  }

  private static Optional<WithdrawalEnd> end(Row row) {
    return row.getLong("end_position") == null
        ? Optional.empty()
        : Optional.of(
            new WithdrawalEnd(
                row.getLong("end_position"),
                Ids.text(row.getUUID("transfer_id")),
                WithdrawalEnd.Ending.ofCode(row.getShort("ending")),
                row.getString("account"),
                row.getString("asset"),
                row.getLong("amount"),
                row.getString("operator"),
                row.getString("reason"),
                row.getLong("end_micros")));
  }

  /**
   * Claims the external ids of deposits, each for its deposit unless another one has it that the
   * ledger has not rejected. A claim is a transaction of its own, because deposits of all
   * partitions share the ids. It is decided once for ever, before the ledger is asked: a batch that
   * is read again asks for the same. So it does no harm who makes it, also one that has lost its
   * partition.
   *
   * @param deposits in the order of the log; the first that claims an id has it
   * @return the ids of those deposits that have their external id
   */
  public static Future<Set<String>> claim(SqlClient db, Collection<Transfer> deposits) {
    if (deposits.isEmpty()) {
      return Future.succeededFuture(Set.of());
    }
    return claimFirst(db, deposits)
        .compose(owners -> {
          Set<String> claimed = new HashSet<>();
          List<Transfer> late = new ArrayList<>();
          for (Transfer deposit : deposits) {
            if (deposit.transferId().equals(owners.get(deposit.externalId()))) {
              claimed.add(deposit.transferId());
            } else {
              late.add(deposit);
            }
          }
          return late.isEmpty()
              ? Future.succeededFuture(claimed)
              : claimAgain(db, late)
                  .map(turns -> {
                    turns.forEach((id, turn) -> {
                      if (turn > 0) {
                        claimed.add(id);
                      }
                    });
                    return claimed;
                  });
        });
  }

  /** The turn of each; each round decides at least one more. */
  private static Future<Map<String, Integer>> claimAgain(SqlClient db, List<Transfer> late) {
    return db.preparedQuery(CLAIM_AGAIN)
        .execute(Columns.of(late).texts(Transfer::externalId).ids(Transfer::transferId).tuple())
        .compose(v ->
            db.preparedQuery(SELECT_CLAIMED_AGAIN)
                .execute(Columns.of(late).ids(Transfer::transferId).tuple()))
        .compose(rows -> {
          Map<String, Integer> turns = new HashMap<>();
          rows.forEach(row -> turns.put(Ids.text(row.getUUID(0)), row.getInteger(1)));
          return turns.size() == late.size() ? Future.succeededFuture(turns) : claimAgain(db, late);
        });
  }

  /** Which deposit was the first to claim each of these ids. */
  private static Future<Map<String, String>> claimFirst(
      SqlClient db, Collection<Transfer> deposits) {
    Map<String, String> claims = new TreeMap<>();
    deposits.forEach(deposit -> claims.putIfAbsent(deposit.externalId(), deposit.transferId()));
    return db.preparedQuery(CLAIM_EXTERNAL_IDS)
        .execute(
            Columns.of(claims.entrySet()).texts(Map.Entry::getKey).ids(Map.Entry::getValue).tuple())
        .compose(v ->
            db.preparedQuery(SELECT_EXTERNAL_IDS)
                .execute(Columns.of(claims.keySet()).texts(id -> id).tuple()))
        .map(rows -> {
          Map<String, String> owners = new HashMap<>();
          rows.forEach(row -> owners.put(row.getString(0), Ids.text(row.getUUID(1))));
          return owners;
        });
  }

  public static void insert(StepWrites step, int partition, List<DecidedTransfer> transfers) {
    if (!transfers.isEmpty()) {
      step.write(
          INSERT_TRANSFERS,
          Columns.of(transfers)
              .value(partition)
              .ids(decided -> decided.transfer().transferId())
              .longs(decided -> decided.transfer().position())
              .texts(decided -> decided.transfer().account())
              .texts(decided -> decided.transfer().requestId())
              .codes(decided -> decided.transfer().direction().code)
              .texts(decided -> decided.transfer().asset())
              .longs(decided -> decided.transfer().amountUnits())
              .longs(decided -> decided.transfer().timeMicros())
              .texts(decided -> decided.transfer().externalId())
              .codes(decided -> code(decided.verdict()))
              .tuple());
    }
  }

  /** Journals how withdrawals ended. */
  public static void insertEnds(StepWrites step, int partition, List<WithdrawalEnd> ends) {
    if (!ends.isEmpty()) {
      step.write(
          INSERT_ENDS,
          Columns.of(ends)
              .value(partition)
              .ids(WithdrawalEnd::transferId)
              .longs(WithdrawalEnd::position)
              .texts(WithdrawalEnd::account)
              .texts(WithdrawalEnd::asset)
              .longs(WithdrawalEnd::amountUnits)
              .codes(end -> end.ending().code)
              .texts(WithdrawalEnd::operator)
              .texts(WithdrawalEnd::reason)
              .longs(WithdrawalEnd::timeMicros)
              .tuple());
    }
  }

  /** Journals what was decided about accounts. */
  public static void insertFreezes(StepWrites step, int partition, List<AccountFreeze> freezes) {
    if (!freezes.isEmpty()) {
      step.write(
          INSERT_FREEZES,
          Columns.of(freezes)
              .value(partition)
              .texts(AccountFreeze::account)
              .longs(AccountFreeze::position)
              .codes(freeze -> freeze.frozen() ? 1 : 0)
              .texts(AccountFreeze::operator)
              .texts(AccountFreeze::reason)
              .longs(AccountFreeze::timeMicros)
              .tuple());
    }
  }

  private static int code(Verdict.OfTransfer verdict) {
    return switch (verdict) {
      case Verdict.Transferred completed -> 1;
      case Verdict.InsufficientFunds refused -> 2;
      case Verdict.SupplyLimit refused -> 3;
      case Verdict.AccountFrozen refused -> 10;
      case Verdict.ExternalIdUsed refused -> 11;
      case Verdict.NothingHeld refused ->
          throw new IllegalStateException("A transfer was decided as the end of a withdrawal.");
    };
  }

  private static Verdict.OfTransfer verdict(int code) {
    return switch (code) {
      case 1 -> new Verdict.Transferred();
      case 2 -> new Verdict.InsufficientFunds();
      case 3 -> new Verdict.SupplyLimit();
      case 10 -> new Verdict.AccountFrozen();
      case 11 -> new Verdict.ExternalIdUsed();
      default -> throw new IllegalStateException("No transfer has the verdict " + code + ".");
    };
  }
}
