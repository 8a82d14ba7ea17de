package dev.sagax.settle.store;

import dev.sagax.platform.log.StoredFacts;
import dev.sagax.settle.AuditJournal;
import dev.sagax.settle.Checkpoint;
import dev.sagax.settle.CheckpointMove;
import dev.sagax.settle.Flow;
import dev.sagax.settle.FlowPartition;
import dev.sagax.settle.JournalImage;
import dev.sagax.settle.JournalLine;
import dev.sagax.settle.JournalPage;
import dev.sagax.settle.Sums;
import dev.sagax.settle.Transfer;
import dev.sagax.settle.WithdrawalEnd;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The journal in pages, and the checkpoint, in PostgreSQL. */
public final class PgAuditJournal implements AuditJournal {
  /** A new row starts at a number that no pass ever had, so that nobody's old pass fits it. */
  private static final String TAKE_TURN =
      """
      insert into ledger.audit as a (epoch, pass, auditor, turn_micros, verified_micros)
      select epoch, now.micros, $1, now.micros, 0 from ledger.epoch,
        (select (extract(epoch from clock_timestamp()) * 1000000)::bigint as micros) as now
      on conflict (single) do update set auditor = $1, turn_micros = excluded.turn_micros
      where a.auditor = $1 or a.turn_micros < excluded.turn_micros - $2
      returning epoch, pass, (select epoch from ledger.epoch) as current, xmax = 0 as fresh\
      """;

  /** Not truncated: that would wait for whoever reads these tables, a backup for one. */
  private static final String FORGET =
      """
      delete from ledger.checkpoint; delete from ledger.checkpoint_sum;
      delete from ledger.checkpoint_position; delete from ledger.checkpoint_page\
      """;

  private static final String BEGIN_EPOCH =
      "update ledger.audit set epoch = $1, pass = pass + 1, verified_micros = 0";

  private static final String SELECT_LAST_PAGES =
      """
      select distinct on (flow, partition) * from ledger.checkpoint_page
      order by flow, partition, after_position desc\
      """;

  private static final String SELECT_HOLDS =
      """
      select position, order_id, account, asset, amount, verdict, time_micros from ledger.hold
      where partition = $1 and position > $2 and position <= $3 order by position limit $4\
      """;

  private static final String SELECT_LEGS =
      """
      select position, leg, order_id, account, pay_asset, pay, released, receive_asset, receive, fee,
        time_micros
      from ledger.leg where partition = $1 and (position, leg) > ($2, $3) and position <= $4
      order by position, leg limit $5\
      """;

  private static final String SELECT_TRANSFERS =
      """
      select * from (
        select position, transfer_id, account, asset, amount, direction, verdict, request_id,
          time_micros, external_id, 0::smallint as ending
        from ledger.transfer where partition = $1 and position > $2 and position <= $3
        union all
        select position, transfer_id, account, asset, amount, 0, 0, operator, time_micros, reason, ending
        from ledger.withdrawal_end where partition = $1 and position > $2 and position <= $3) as t
      order by position limit $4\
      """;

  private static final String MOVE =
      """
      update ledger.audit set pass = pass + 1,
        turn_micros = (extract(epoch from clock_timestamp()) * 1000000)::bigint
      where epoch = $1 and pass = $2\
      """;

  private static final String MOVE_BALANCES =
      """
      insert into ledger.checkpoint as c (account, asset, available, held)
      select * from unnest($1::text[], $2::text[], $3::numeric[], $4::numeric[])
      on conflict (account, asset) do update
      set available = c.available + excluded.available, held = c.held + excluded.held\
      """;

  private static final String MOVE_SUMS =
      """
      insert into ledger.checkpoint_sum as c (asset, fees, external)
      select * from unnest($1::text[], $2::numeric[], $3::numeric[])
      on conflict (asset) do update
      set fees = c.fees + excluded.fees, external = c.external + excluded.external\
      """;

  private static final String MOVE_MARKS =
      """
      insert into ledger.checkpoint_position(flow, partition, position, holds)
      select * from unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[])
      on conflict (flow, partition) do update
      set position = excluded.position, holds = excluded.holds\
      """;

  private static final String MOVE_PAGES =
      """
      insert into ledger.checkpoint_page(flow, partition, after_position, to_position, row_count, digest)
      select * from unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
      on conflict (flow, partition, after_position) do update
      set to_position = excluded.to_position, row_count = excluded.row_count, digest = excluded.digest\
      """;

  private static final String SELECT_BALANCES =
      """
      select account, asset, available::text, held::text from ledger.checkpoint
      where account = any($1)\
      """;

  private static final String SELECT_ACCOUNTS =
      """
      select distinct account from ledger.checkpoint where account > $1 order by account limit $2\
      """;

  /** Without the audit's row nothing is believed of what it has kept. */
  private static final String SELECT_PAGES =
      """
      select * from ledger.checkpoint_page where (flow, partition, after_position) > ($1, $2, $3)
        and exists (select from ledger.audit)
      order by flow, partition, after_position limit $4\
      """;

  private static final String SELECT_JOURNALED =
      """
      select h.subject, h.flow, h.position, h.hold_left, h.left_units,
        (select position from ledger.step_input
         where service = $1 and partition = $2 and topic = 'settle.requested') as settled_to,
        (select position from ledger.step_input
         where service = $1 and partition = $2 and topic = 'transfer.requested') as transferred_to
      from (select) as always left join (
        select order_id as subject, 1 as flow, position, hold_left, left_units from ledger.hold
        where order_id = any($3) and verdict = 1
        union all
        select t.transfer_id, 3, t.position, e.left_units, e.left_units from ledger.transfer t
        cross join lateral (select case when exists (
          select from ledger.withdrawal_end w where w.transfer_id = t.transfer_id)
          then 0 else t.amount end as left_units) as e
        where t.transfer_id = any($3) and t.direction = 3 and t.verdict = 1) as h on true\
      """;

  private static final String SET_VERIFIED =
      "update ledger.audit set verified_micros = $3 where epoch = $1 and pass = $2";

  private static final short POSITIVE = 1;

  private final Pool pool;

  public PgAuditJournal(Pool pool) {
    this.pool = pool;
  }

  @Override
  public Future<Optional<Checkpoint>> takeTurn(String auditor, long turnMicros) {
    return pool.withTransaction(db ->
        db.preparedQuery(TAKE_TURN)
            .execute(Tuple.of(auditor, turnMicros))
            .compose(rows ->
                rows.size() == 0
                    ? Future.succeededFuture(Optional.empty())
                    : begin(db, rows.iterator().next()).map(Optional::of)));
  }

  private static Future<Checkpoint> begin(SqlConnection db, Row turn) {
    long current = turn.getLong("current");
    if (!turn.getBoolean("fresh") && turn.getLong("epoch") == current) {
      return read(db, current, turn.getLong("pass"));
    }
    return db.query(FORGET)
        .execute()
        .compose(v -> db.preparedQuery(BEGIN_EPOCH).execute(Tuple.of(current)))
        .map(v -> new Checkpoint(current, turn.getLong("pass") + 1, Map.of(), Map.of()));
  }

  private static Future<Checkpoint> read(SqlConnection db, long epoch, long pass) {
    return db.query("select * from ledger.checkpoint_position")
        .execute()
        .compose(marks ->
            db.query(SELECT_LAST_PAGES)
                .execute()
                .map(pages -> new Checkpoint(epoch, pass, marks(marks), lastPages(pages))));
  }

  private static Map<FlowPartition, Checkpoint.Mark> marks(RowSet<Row> rows) {
    Map<FlowPartition, Checkpoint.Mark> marks = new HashMap<>();
    rows.forEach(row ->
        marks.put(log(row), new Checkpoint.Mark(row.getLong("position"), row.getLong("holds"))));
    return marks;
  }

  private static Map<FlowPartition, JournalPage> lastPages(RowSet<Row> rows) {
    Map<FlowPartition, JournalPage> pages = new HashMap<>();
    rows.forEach(row -> pages.put(log(row), page(row)));
    return pages;
  }

  private static JournalPage page(Row row) {
    return new JournalPage(
        log(row),
        row.getLong("after_position"),
        row.getLong("to_position"),
        row.getLong("row_count"),
        row.getLong("digest"));
  }

  static FlowPartition log(Row row) {
    return new FlowPartition(flow(row.getInteger("flow")), row.getInteger("partition"));
  }

  /** As the view ledger.entry numbers them. */
  static int code(FlowPartition log) {
    return switch (log.flow()) {
      case HOLD -> 1;
      case SETTLE -> 2;
      case TRANSFER -> 3;
    };
  }

  static Flow flow(int code) {
    return Flow.values()[code - 1];
  }

  @Override
  public Future<Map<FlowPartition, Long>> positions() {
    return PgJournal.positions(pool);
  }

  @Override
  public Future<Integer> partitions() {
    return pool.preparedQuery(
            """
            select coalesce(max(value), 0)::int from (
              select name, value from ledger.never_shrinks
              union all select name, value::bigint from ledger.never_changes where name = $1) as f
            where name = $1\
            """)
        .execute(Tuple.of(StoredFacts.PARTITIONS))
        .map(rows -> rows.iterator().next().getInteger(0));
  }

  @Override
  public Future<List<JournalLine>> lines(
      FlowPartition log, long after, int afterLeg, long to, int limit) {
    Tuple range = Tuple.of(log.partition(), after, to, limit);
    return switch (log.flow()) {
      case HOLD -> select(SELECT_HOLDS, range, PgAuditJournal::hold);
      case SETTLE ->
          select(
              SELECT_LEGS,
              Tuple.of(log.partition(), after, afterLeg, to, limit),
              PgAuditJournal::leg);
      case TRANSFER -> select(SELECT_TRANSFERS, range, PgAuditJournal::transfer);
    };
  }

  private interface LineReader {
    JournalLine read(Row row);
  }

  private Future<List<JournalLine>> select(String sql, Tuple range, LineReader reader) {
    return pool.preparedQuery(sql)
        .execute(range)
        .map(rows -> {
          List<JournalLine> lines = new ArrayList<>(rows.size());
          rows.forEach(row -> lines.add(reader.read(row)));
          return lines;
        });
  }

  private static JournalLine hold(Row row) {
    String account = row.getString(2);
    String asset = row.getString(3);
    long amount = row.getLong(4);
    boolean held = row.getShort(5) == POSITIVE;
    return new JournalLine(
        row.getLong(0),
        0,
        account,
        Ids.text(row.getUUID(1)),
        held ? List.of(new JournalLine.Move(asset, -amount, amount, 0, 0)) : List.of(),
        held ? 1 : 0,
        digest(row, 1)
            .text(account)
            .text(asset)
            .number(amount)
            .number(row.getShort(5))
            .number(row.getLong(6))
            .value);
  }

  private static JournalLine leg(Row row) {
    String account = row.getString(3);
    String paid = row.getString(4);
    long pay = row.getLong(5);
    Long released = row.getLong(6);
    String received = row.getString(7);
    long receive = row.getLong(8);
    long fee = row.getLong(9);
    long remainder = released == null ? 0 : released;
    return new JournalLine(
        row.getLong(0),
        row.getInteger(1),
        account,
        Ids.text(row.getUUID(2)),
        List.of(
            new JournalLine.Move(
                paid, remainder, Math.negateExact(Math.addExact(pay, remainder)), 0, 0),
            new JournalLine.Move(received, receive, 0, fee, 0)),
        released == null ? 0 : 1,
        digest(row, 2)
            .number(row.getInteger(1))
            .text(account)
            .text(paid)
            .number(pay)
            .number(released == null ? -1 : released)
            .text(received)
            .number(receive)
            .number(fee)
            .number(row.getLong(10))
            .value);
  }

  private static JournalLine transfer(Row row) {
    return row.getShort(10) == 0 ? transferred(row) : ended(row);
  }

  private static JournalLine transferred(Row row) {
    String account = row.getString(2);
    String asset = row.getString(3);
    long amount = row.getLong(4);
    Transfer.Direction direction = Transfer.Direction.ofCode(row.getShort(5));
    boolean done = row.getShort(6) == POSITIVE;
    Digest digest =
        digest(row, 1)
            .text(account)
            .text(asset)
            .number(amount)
            .number(row.getShort(5))
            .number(row.getShort(6))
            .text(row.getString(7))
            .number(row.getLong(8));
    String externalId = row.getString(9);
    return new JournalLine(
        row.getLong(0),
        0,
        account,
        Ids.text(row.getUUID(1)),
        done
            ? List.of(
                switch (direction) {
                  case DEPOSIT -> new JournalLine.Move(asset, amount, 0, 0, -amount);
                  case WITHDRAWAL -> new JournalLine.Move(asset, -amount, 0, 0, amount);
                  case HELD_WITHDRAWAL -> new JournalLine.Move(asset, -amount, amount, 0, 0);
                })
            : List.of(),
        done && direction == Transfer.Direction.HELD_WITHDRAWAL ? 1 : 0,
        externalId.isEmpty() ? digest.value : digest.text(externalId).value);
  }

  /** How a withdrawal ended. */
  private static JournalLine ended(Row row) {
    String account = row.getString(2);
    String asset = row.getString(3);
    long amount = row.getLong(4);
    return new JournalLine(
        row.getLong(0),
        0,
        account,
        Ids.text(row.getUUID(1)),
        List.of(
            switch (WithdrawalEnd.Ending.ofCode(row.getShort(10))) {
              case CONFIRMED -> new JournalLine.Move(asset, 0, -amount, 0, amount);
              case RETURNED -> new JournalLine.Move(asset, amount, -amount, 0, 0);
            }),
        -1,
        digest(row, 1)
            .text(account)
            .text(asset)
            .number(amount)
            .number(row.getShort(10))
            .text(row.getString(7))
            .text(row.getString(9))
            .number(row.getLong(8))
            .value);
  }

  /** Begins with position and subject. */
  private static Digest digest(Row row, int subject) {
    var id = row.getUUID(subject);
    return new Digest()
        .number(row.getLong(0))
        .number(id.getMostSignificantBits())
        .number(id.getLeastSignificantBits());
  }

  /** Values mixed into one number. */
  private static final class Digest {
    private long value;

    Digest number(long number) {
      value = JournalPage.mix(value, number);
      return this;
    }

    Digest text(String text) {
      return number(text.length()).number(text.hashCode());
    }
  }

  @Override
  public Future<Boolean> move(CheckpointMove move) {
    return pool.withTransaction(db ->
        db.preparedQuery(MOVE)
            .execute(Tuple.of(move.from().epoch(), move.from().pass()))
            .compose(moved ->
                moved.rowCount() == 1 ? write(db, move).map(true) : Future.succeededFuture(false)));
  }

  private static Future<?> write(SqlConnection db, CheckpointMove move) {
    return Future.all(
        List.of(
            write(db, MOVE_BALANCES, balances(move)),
            write(db, MOVE_SUMS, sums(move)),
            write(db, MOVE_MARKS, marks(move)),
            write(db, MOVE_PAGES, pages(move))));
  }

  private static Future<RowSet<Row>> write(SqlClient db, String sql, Tuple columns) {
    return db.preparedQuery(sql).execute(columns);
  }

  private record AccountBalance(String account, String asset, JournalImage.Folded balance) {}

  private static Tuple balances(CheckpointMove move) {
    List<AccountBalance> rows = new ArrayList<>();
    move.accounts()
        .forEach((account, balances) ->
            balances.forEach(
                (asset, balance) -> rows.add(new AccountBalance(account, asset, balance))));
    return Columns.of(rows)
        .texts(AccountBalance::account)
        .texts(AccountBalance::asset)
        .numbers(row -> row.balance().available())
        .numbers(row -> row.balance().held())
        .tuple();
  }

  private static Tuple sums(CheckpointMove move) {
    return Columns.of(move.sums().entrySet())
        .texts(Map.Entry::getKey)
        .numbers(row -> row.getValue().fees())
        .numbers(row -> row.getValue().external())
        .tuple();
  }

  private static Tuple marks(CheckpointMove move) {
    return Columns.of(move.marks().entrySet())
        .ints(row -> code(row.getKey()))
        .ints(row -> row.getKey().partition())
        .longs(row -> row.getValue().position())
        .longs(row -> row.getValue().holds())
        .tuple();
  }

  private static Tuple pages(CheckpointMove move) {
    return Columns.of(move.pages())
        .ints(page -> code(page.log()))
        .ints(page -> page.log().partition())
        .longs(JournalPage::after)
        .longs(JournalPage::to)
        .longs(JournalPage::rows)
        .longs(JournalPage::digest)
        .tuple();
  }

  @Override
  public Future<Map<String, Map<String, JournalImage.Folded>>> balances(
      Collection<String> accounts) {
    return pool.preparedQuery(SELECT_BALANCES)
        .execute(Tuple.tuple().addValue(accounts.toArray(String[]::new)))
        .map(rows -> {
          Map<String, Map<String, JournalImage.Folded>> balances = new HashMap<>();
          for (Row row : rows) {
            balances
                .computeIfAbsent(row.getString(0), a -> new TreeMap<>())
                .put(row.getString(1), new JournalImage.Folded(number(row, 2), number(row, 3)));
          }
          return balances;
        });
  }

  @Override
  public Future<Map<String, Sums>> sums() {
    return pool.query("select asset, fees::text, external::text from ledger.checkpoint_sum")
        .execute()
        .map(rows -> {
          Map<String, Sums> sums = new TreeMap<>();
          rows.forEach(row -> sums.put(row.getString(0), new Sums(number(row, 1), number(row, 2))));
          return sums;
        });
  }

  private static BigInteger number(Row row, int column) {
    return new BigInteger(row.getString(column));
  }

  @Override
  public Future<Long> count() {
    return pool.query("select count(*) from ledger.checkpoint")
        .execute()
        .map(rows -> rows.iterator().next().getLong(0));
  }

  @Override
  public Future<List<String>> accountsAfter(String account, int limit) {
    return pool.preparedQuery(SELECT_ACCOUNTS)
        .execute(Tuple.of(account, limit))
        .map(rows -> {
          List<String> accounts = new ArrayList<>();
          rows.forEach(row -> accounts.add(row.getString(0)));
          return accounts;
        });
  }

  @Override
  public Future<List<JournalPage>> pagesAfter(JournalPage page, int limit) {
    Tuple start =
        page == null
            ? Tuple.of(0, 0, 0L, limit)
            : Tuple.of(code(page.log()), page.log().partition(), page.after(), limit);
    return pool.preparedQuery(SELECT_PAGES)
        .execute(start)
        .map(rows -> {
          List<JournalPage> pages = new ArrayList<>();
          rows.forEach(row -> pages.add(page(row)));
          return pages;
        });
  }

  @Override
  public Future<JournaledHolds> holds(int partition, Collection<String> orderIds) {
    return pool.preparedQuery(SELECT_JOURNALED)
        .execute(
            Columns.of(orderIds)
                .value(PgJournal.STEP_SERVICE)
                .value(partition)
                .ids(id -> id)
                .tuple())
        .map(PgAuditJournal::journaledHolds);
  }

  private static JournaledHolds journaledHolds(RowSet<Row> rows) {
    Map<String, JournaledHold> holds = new HashMap<>();
    long settledTo = Flow.SETTLE.beforeFirst;
    long transferredTo = Flow.TRANSFER.beforeFirst;
    for (Row row : rows) {
      settledTo = Optional.ofNullable(row.getLong(5)).orElse(settledTo);
      transferredTo = Optional.ofNullable(row.getLong(6)).orElse(transferredTo);
      if (row.getUUID(0) != null) {
        holds.put(
            Ids.text(row.getUUID(0)),
            new JournaledHold(
                flow(row.getInteger(1)), row.getLong(2), row.getLong(3), row.getLong(4)));
      }
    }
    return new JournaledHolds(settledTo, transferredTo, holds);
  }

  @Override
  public Future<Boolean> verified(Checkpoint checkpoint, long micros) {
    return pool.preparedQuery(SET_VERIFIED)
        .execute(Tuple.of(checkpoint.epoch(), checkpoint.pass(), micros))
        .map(done -> done.rowCount() == 1);
  }
}
