package dev.sagax.settle.store;

import dev.sagax.platform.log.Topic;
import dev.sagax.settle.AccountFreeze;
import dev.sagax.settle.Flow;
import dev.sagax.settle.FlowPartition;
import dev.sagax.settle.Hold;
import dev.sagax.settle.Journal;
import dev.sagax.settle.JournalImage;
import dev.sagax.settle.JournalState;
import dev.sagax.settle.OpenHold;
import dev.sagax.settle.Stretch;
import dev.sagax.settle.Verdict;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The journal in PostgreSQL, schema {@code ledger}. */
public final class PgJournal implements Journal {
  public static final String SCHEMA = "ledger";

  /** Under this name the holds keep their positions. */
  public static final String HOLD_SERVICE = "settle-svc/hold";

  /** Under this name the saga's step keeps its positions. */
  public static final String STEP_SERVICE = "settle-svc";

  private static final short HELD = 1;
  private static final short INSUFFICIENT_FUNDS = 2;
  private static final short DECLINED = 3;
  private static final short ACCOUNT_FROZEN = 10;

  /**
   * Decisions and the position at once: a single statement is a transaction of its own. If the
   * position was moved by somebody else, nothing is written; neither if the epoch is another one.
   * Its row is locked, so that a rebuild that moves it waits for this statement, or this one for
   * the rebuild, after which it finds the new epoch.
   */
  private static final String RECORD_HOLDS =
      """
      with now as (select from ledger.epoch where epoch = $14 for share),
      moved as (
        update ledger.step_input set position = $4::bigint, next_offset = $4::bigint + 1
        where service = $1 and partition = $2 and topic = 'order.requested' and position = $3
          and exists (select from now)
        returning 1),
      held as (
        insert into ledger.hold(partition, filled, filled_quote, fee, order_id, position, account,
          asset, amount, hold_left, left_units, time_micros, verdict)
        select $2::int, 0, 0, 0, h.* from unnest($5::uuid[], $6::bigint[], $7::text[], $8::text[],
          $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::smallint[]) as h
        where exists (select from moved))
      select count(*) from moved\
      """;

  private static final String CREATE_HOLD_POSITION =
      """
      insert into ledger.step_input(service, partition, topic, position, next_offset)
      values ($1, $2, 'order.requested', -1, 0) on conflict do nothing\
      """;

  private static final String SELECT_HOLD_POSITION =
      """
      select position, coalesce(epoch, 0) as epoch, coalesce(state, '') = 'REPLAYING' as replaying
      from ledger.step_input left join ledger.epoch on true
      where service = $1 and partition = $2 and topic = 'order.requested'\
      """;

  private static final String SELECT_DECIDED =
      """
      select position, order_id, verdict from ledger.hold
      where partition = $1 and position = any($2)\
      """;

  /**
   * Passes over all holds there ever were up to the page's end: an index of the open ones would
   * make every update of a hold write it. So it runs where nothing else has to wait for it.
   */
  private static final String SELECT_OPEN_HOLDS =
      """
      select subject, partition, account, asset, hold_left, left_units, time_micros, withdrawal
      from ledger.open_hold
      where time_micros <= $1 and (time_micros, subject) > ($2, $3)
      order by time_micros, subject limit $4\
      """;

  /** Passes over the holds that one account ever had. */
  private static final String SELECT_OPEN_HOLDS_OF_ACCOUNT =
      SELECT_OPEN_HOLDS.replace("where", "where account = $5 and");

  private static final String SELECT_FROZEN =
      """
      select * from (
        select distinct on (account) account, position, frozen, operator, reason, time_micros
        from ledger.account_freeze where account > $1 order by account, position desc) as last
      where frozen order by account limit $2\
      """;

  static final String SELECT_POSITIONS =
      "select service, topic, partition, position from ledger.step_input";

  private final Pool pool;

  public PgJournal(Pool pool) {
    this.pool = pool;
  }

  @Override
  public Future<JournalState> state() {
    return pool.query("select epoch from ledger.epoch")
        .execute()
        .compose(epochs ->
            positions(pool)
                .compose(
                    positions -> isEmpty(positions).map(empty -> state(epochs, empty, positions))));
  }

  private static JournalState state(
      RowSet<Row> epochs, boolean empty, Map<FlowPartition, Long> positions) {
    OptionalLong epoch =
        epochs.size() == 0
            ? OptionalLong.empty()
            : OptionalLong.of(epochs.iterator().next().getLong(0));
    return new JournalState(epoch, empty, positions);
  }

  private Future<Boolean> isEmpty(Map<FlowPartition, Long> positions) {
    boolean unmoved =
        positions.entrySet().stream().allMatch(e -> e.getValue() == e.getKey().flow().beforeFirst);
    return pool.query("select exists (select from ledger.entry)")
        .execute()
        .map(rows -> unmoved && !rows.iterator().next().getBoolean(0));
  }

  static Future<Map<FlowPartition, Long>> positions(SqlClient db) {
    return db.query(SELECT_POSITIONS)
        .execute()
        .map(rows -> {
          Map<FlowPartition, Long> positions = new HashMap<>();
          for (Row row : rows) {
            positions.put(
                new FlowPartition(
                    flow(row.getString("service"), row.getString("topic")),
                    row.getInteger("partition")),
                row.getLong("position"));
          }
          return positions;
        });
  }

  private static Flow flow(String service, String topic) {
    if (service.equals(HOLD_SERVICE)) {
      return Flow.HOLD;
    }
    return topic.equals(Topic.SETTLE_REQUESTED.topicName) ? Flow.SETTLE : Flow.TRANSFER;
  }

  @Override
  public Future<Long> beginEpoch(long epoch) {
    return pool.preparedQuery("insert into ledger.epoch(epoch) values ($1) on conflict do nothing")
        .execute(Tuple.of(epoch))
        .compose(v -> pool.query("select epoch from ledger.epoch").execute())
        .map(rows -> rows.iterator().next().getLong(0));
  }

  @Override
  public Future<HoldPosition> holdPosition(int partition) {
    Tuple key = Tuple.of(HOLD_SERVICE, partition);
    return pool.preparedQuery(CREATE_HOLD_POSITION)
        .execute(key)
        .compose(v -> pool.preparedQuery(SELECT_HOLD_POSITION).execute(key))
        .map(rows -> holdPosition(rows.iterator().next()));
  }

  private static HoldPosition holdPosition(Row row) {
    return new HoldPosition(
        row.getLong("position"), row.getLong("epoch"), row.getBoolean("replaying"));
  }

  /** A hold with its decision. */
  private record Decided(Hold hold, Verdict.OfHold verdict) {
    boolean held() {
      return code() == HELD;
    }

    short code() {
      return switch (verdict) {
        case Verdict.Held held -> HELD;
        case Verdict.InsufficientFunds refused -> INSUFFICIENT_FUNDS;
        case Verdict.Declined declined -> DECLINED;
        case Verdict.AccountFrozen refused -> ACCOUNT_FROZEN;
      };
    }
  }

  @Override
  public Future<Boolean> recordHolds(
      long epoch, Stretch stretch, List<Hold> holds, List<Verdict.OfHold> verdicts) {
    List<Decided> decided = new ArrayList<>();
    for (int i = 0; i < holds.size(); i++) {
      decided.add(new Decided(holds.get(i), verdicts.get(i)));
    }
    return pool.preparedQuery(RECORD_HOLDS)
        .execute(holdColumns(epoch, stretch, decided))
        .map(rows -> rows.iterator().next().getLong(0) == 1);
  }

  private static Tuple holdColumns(long epoch, Stretch stretch, List<Decided> decided) {
    return Columns.of(decided)
        .value(HOLD_SERVICE)
        .value(stretch.partition())
        .value(stretch.previous())
        .value(stretch.end())
        .ids(d -> d.hold().orderId())
        .longs(d -> d.hold().position())
        .texts(d -> d.hold().account())
        .texts(d -> d.hold().asset())
        .longs(d -> d.hold().amountUnits())
        .longs(d -> d.held() ? d.hold().amountUnits() : 0)
        .longs(d -> d.held() ? d.hold().leftUnits() : 0)
        .longs(d -> d.hold().timeMicros())
        .codes(Decided::code)
        .value(epoch)
        .tuple();
  }

  static Verdict.OfHold verdict(short code) {
    return switch (code) {
      case HELD -> new Verdict.Held();
      case INSUFFICIENT_FUNDS -> new Verdict.InsufficientFunds();
      case DECLINED -> new Verdict.Declined();
      case ACCOUNT_FROZEN -> new Verdict.AccountFrozen();
      default -> throw new IllegalStateException("No hold has the verdict " + code + ".");
    };
  }

  @Override
  public Future<Map<Long, DecidedHold>> decidedHolds(int partition, List<Long> positions) {
    return pool.preparedQuery(SELECT_DECIDED)
        .execute(Tuple.of(partition).addValue(positions.toArray(Long[]::new)))
        .map(rows -> {
          Map<Long, DecidedHold> decided = new HashMap<>();
          for (Row row : rows) {
            decided.put(
                row.getLong("position"),
                new DecidedHold(
                    Ids.text(row.getUUID("order_id")), verdict(row.getShort("verdict"))));
          }
          return decided;
        });
  }

  @Override
  public Future<List<OpenHold>> openHolds(
      String account, long placedToMicros, HoldPlace after, int limit) {
    Tuple place = Tuple.of(placedToMicros, after.timeMicros(), Ids.uuid(after.subject()), limit);
    Future<RowSet<Row>> found =
        account.isEmpty()
            ? pool.preparedQuery(SELECT_OPEN_HOLDS).execute(place)
            : pool.preparedQuery(SELECT_OPEN_HOLDS_OF_ACCOUNT).execute(place.addValue(account));
    return found.map(PgJournal::openHolds);
  }

  @Override
  public Future<List<AccountFreeze>> frozenAccounts(String after, int limit) {
    return pool.preparedQuery(SELECT_FROZEN)
        .execute(Tuple.of(after, limit))
        .map(rows -> {
          List<AccountFreeze> frozen = new ArrayList<>(rows.size());
          rows.forEach(row -> frozen.add(freeze(row)));
          return frozen;
        });
  }

  private static AccountFreeze freeze(Row row) {
    return new AccountFreeze(
        row.getLong("position"),
        row.getString("account"),
        row.getBoolean("frozen"),
        row.getString("operator"),
        row.getString("reason"),
        row.getLong("time_micros"));
  }

  private static List<OpenHold> openHolds(RowSet<Row> rows) {
    List<OpenHold> holds = new ArrayList<>(rows.size());
    rows.forEach(row -> holds.add(openHold(row)));
    return holds;
  }

  static OpenHold openHold(Row row) {
    return new OpenHold(
        Ids.text(row.getUUID("subject")),
        row.getInteger("partition"),
        row.getString("account"),
        row.getString("asset"),
        row.getLong("hold_left"),
        row.getLong("left_units"),
        row.getLong("time_micros"),
        row.getBoolean("withdrawal"));
  }

  @Override
  public Future<JournalImage> image() {
    return pool.withConnection(PgJournal::image);
  }

  static Future<JournalImage> image(SqlConnection db) {
    return Snapshots.read(db, () -> new JournalFold(db).read());
  }
}
