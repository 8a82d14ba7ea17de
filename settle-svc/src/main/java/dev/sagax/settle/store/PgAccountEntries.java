package dev.sagax.settle.store;

import dev.sagax.settle.AccountEntries;
import dev.sagax.settle.AccountEntry;
import dev.sagax.settle.Flow;
import dev.sagax.settle.FlowPartition;
import dev.sagax.settle.Transfer;
import dev.sagax.settle.WithdrawalEnd;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What moved the balances of an account, from the journal. All logs are read in one statement, so
 * at one moment; what it shows of a log is all that the log has up to there, because each log is
 * journaled in its order.
 */
public final class PgAccountEntries {
  private static final String SELECT =
      """
      with log as (
        select * from unnest($2::int[], $3::int[], $4::bigint[], $5::int[])
          as l(flow, partition, position, leg))
      select 1 as flow, e.partition, e.position, 0 as leg, e.order_id as subject, 0 as kind,
        e.time_micros, e.asset, -e.amount as available, e.amount as held,
        null::text as received, 0::bigint as receive, 0::bigint as fee
      from log cross join lateral (
        select * from ledger.hold h
        where h.account = $1 and h.partition = log.partition and h.position > log.position
          and h.verdict = 1
        order by h.position limit $6) as e
      where log.flow = 1
      union all
      select 2, e.partition, e.position, e.leg, e.order_id, 0, e.time_micros, e.pay_asset,
        coalesce(e.released, 0), -e.pay - coalesce(e.released, 0), e.receive_asset, e.receive, e.fee
      from log cross join lateral (
        select * from ledger.leg g
        where g.account = $1 and g.partition = log.partition
          and (g.position, g.leg) > (log.position, log.leg)
        order by g.position, g.leg limit $6) as e
      where log.flow = 2
      union all
      select 3, e.partition, e.position, 0, e.transfer_id, e.direction, e.time_micros, e.asset,
        case e.direction when 1 then e.amount else -e.amount end,
        case e.direction when 3 then e.amount else 0 end, null, 0, 0
      from log cross join lateral (
        select * from ledger.transfer t
        where t.account = $1 and t.partition = log.partition and t.position > log.position
          and t.verdict = 1
        order by t.position limit $6) as e
      where log.flow = 3
      union all
      select 3, e.partition, e.position, 0, e.transfer_id, e.ending + 10, e.time_micros, e.asset,
        case e.ending when 2 then e.amount else 0 end, -e.amount, null, 0, 0
      from log cross join lateral (
        select * from ledger.withdrawal_end w
        where w.account = $1 and w.partition = log.partition and w.position > log.position
        order by w.position limit $6) as e
      where log.flow = 3\
      """;

  /** The kind of a row that ends a withdrawal, less the code of its end. */
  private static final int ENDED = 10;

  private final SqlClient db;
  private final int partitions;

  public PgAccountEntries(SqlClient db, int partitions) {
    this.db = db;
    this.partitions = partitions;
  }

  private record Start(FlowPartition log, AccountEntry.Place place) {}

  /**
   * The account's entries in the order of {@link AccountEntries}.
   *
   * @param after behind which places; a log that is missing from its first record on
   */
  public Future<List<AccountEntry>> of(
      String account, Map<FlowPartition, AccountEntry.Place> after, int limit) {
    List<Start> starts = new ArrayList<>();
    for (Flow flow : Flow.values()) {
      for (int partition = 0; partition < partitions; partition++) {
        FlowPartition log = new FlowPartition(flow, partition);
        AccountEntry.Place first = new AccountEntry.Place(flow.beforeFirst, Integer.MAX_VALUE);
        starts.add(new Start(log, after.getOrDefault(log, first)));
      }
    }
    Tuple parameters =
        Columns.of(starts)
            .value(account)
            .ints(start -> PgAuditJournal.code(start.log()))
            .ints(start -> start.log().partition())
            .longs(start -> start.place().position())
            .ints(start -> start.place().leg())
            .value(limit)
            .tuple();
    return db.preparedQuery(SELECT)
        .execute(parameters)
        .map(rows -> {
          List<AccountEntry> entries = new ArrayList<>(rows.size());
          rows.forEach(row -> entries.add(entry(row)));
          return AccountEntries.merge(entries, limit);
        });
  }

  private static AccountEntry entry(Row row) {
    FlowPartition log = PgAuditJournal.log(row);
    List<AccountEntry.Change> changes = new ArrayList<>();
    changes.add(
        new AccountEntry.Change(
            row.getString("asset"), row.getLong("available"), row.getLong("held"), 0));
    if (row.getString("received") != null) {
      changes.add(
          new AccountEntry.Change(
              row.getString("received"), row.getLong("receive"), 0, row.getLong("fee")));
    }
    return new AccountEntry(
        log,
        row.getLong("position"),
        row.getInteger("leg"),
        kind(log.flow(), row.getInteger("kind")),
        Ids.text(row.getUUID("subject")),
        row.getLong("time_micros"),
        changes.stream()
            .filter(c -> c.availableUnits() != 0 || c.heldUnits() != 0 || c.feeUnits() != 0)
            .toList());
  }

  private static AccountEntry.Kind kind(Flow flow, int code) {
    return switch (flow) {
      case HOLD -> AccountEntry.Kind.HOLD;
      case SETTLE -> AccountEntry.Kind.LEG;
      case TRANSFER -> code > ENDED ? ended(code - ENDED) : transferred(code);
    };
  }

  private static AccountEntry.Kind transferred(int code) {
    return switch (Transfer.Direction.ofCode(code)) {
      case DEPOSIT -> AccountEntry.Kind.DEPOSIT;
      case WITHDRAWAL -> AccountEntry.Kind.WITHDRAWAL;
      case HELD_WITHDRAWAL -> AccountEntry.Kind.WITHDRAWAL_HELD;
    };
  }

  private static AccountEntry.Kind ended(int code) {
    return switch (WithdrawalEnd.Ending.ofCode(code)) {
      case CONFIRMED -> AccountEntry.Kind.WITHDRAWAL_CONFIRMED;
      case RETURNED -> AccountEntry.Kind.WITHDRAWAL_RETURNED;
    };
  }
}
