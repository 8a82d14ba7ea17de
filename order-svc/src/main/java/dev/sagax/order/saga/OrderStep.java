package dev.sagax.order.saga;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.order.CancelNotice;
import dev.sagax.order.Decisions;
import dev.sagax.order.HoldPlan;
import dev.sagax.order.Instruction;
import dev.sagax.order.Instruction.AmendOrder;
import dev.sagax.order.Instruction.ArmCancelAll;
import dev.sagax.order.Instruction.CancelAll;
import dev.sagax.order.Instruction.CancelOrder;
import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.Ledger;
import dev.sagax.order.MarketDesk;
import dev.sagax.order.MarketStatus;
import dev.sagax.order.OpenOrder;
import dev.sagax.order.Order;
import dev.sagax.order.OrderDesk;
import dev.sagax.order.OrderReason;
import dev.sagax.order.Orders;
import dev.sagax.order.Orders.Place;
import dev.sagax.order.Orders.Switch;
import dev.sagax.order.Outcome;
import dev.sagax.order.saga.InstructionReader.Reading;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.platform.log.StepHandler;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.tracing.Fact;
import dev.sagax.proto.event.v1.OrderCancelRequested;
import dev.sagax.proto.event.v1.SettleCompleted;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * What order-svc does with a batch: reads it, loads the orders it is about, asks the ledger to hold
 * funds for what is new, decides everything in the order of the log, and leaves rows and records
 * behind. It asks the ledger once, unless it takes an answer to know whether an order is one too
 * many of its account. A batch ends after a cancel of very many orders.
 */
public final class OrderStep implements StepHandler {
  /** A batch that cancels all orders of accounts ends after the one that makes them so many. */
  private static final int MANY_CANCELS = 1_000;

  private final int partition;
  private final List<String> markets;
  private final int maxOpenOrders;
  private final InstructionReader reader;
  private final Ledger ledger;
  private final Function<SqlClient, Future<OptionalLong>> lastInstruction;
  private final Function<StepWrites, Orders> ordersOf;
  private final Function<SqlClient, Future<Map<String, MarketStatus>>> marketStatuses;
  private final OpenOrders openOrders;
  private final OpenCounts openCounts;
  private long heldTo;
  private Map<String, MarketStatus> statuses = Map.of();

  /**
   * @param rememberedOrders how many open orders are kept in memory, and counts of open orders
   * @param maxOpenOrders how many open orders an account may have in a market
   * @param lastInstruction reads the position of `order.requested` that this partition has applied
   * @param marketStatuses reads what the markets take
   * @param ordersOf the stored orders, as one batch reads and changes them
   */
  public OrderStep(
      int partition,
      Markets markets,
      Ledger ledger,
      int rememberedOrders,
      int maxOpenOrders,
      Function<SqlClient, Future<OptionalLong>> lastInstruction,
      Function<SqlClient, Future<Map<String, MarketStatus>>> marketStatuses,
      Function<StepWrites, Orders> ordersOf) {
    this.partition = partition;
    this.reader = new InstructionReader(markets);
    this.ledger = ledger;
    this.openOrders = new OpenOrders(rememberedOrders);
    this.openCounts = new OpenCounts(rememberedOrders);
    this.maxOpenOrders = maxOpenOrders;
    this.markets =
        markets.markets().stream()
            .filter(market -> market.partition() == partition)
            .map(Market::name)
            .toList();
    this.lastInstruction = lastInstruction;
    this.marketStatuses = marketStatuses;
    this.ordersOf = ordersOf;
  }

  /** An accepted record, read. */
  private sealed interface Read {
    LogRecord record();

    record Instructed(LogRecord record, Instruction instruction) implements Read {}

    record MarketSet(LogRecord record, MarketStatus status) implements Read {}

    record Poisoned(LogRecord record, Reading.Poison poison) implements Read {}

    record Concluded(LogRecord record, Outcome outcome) implements Read {}

    record Cancelling(LogRecord record, CancelNotice notice) implements Read {}
  }

  @Override
  public Future<Void> load(SqlClient snapshot) {
    return lastInstruction
        .apply(snapshot)
        .map(position -> position.orElse(Topic.ORDER_REQUESTED.beforeFirst()))
        .onSuccess(position -> heldTo = position)
        .compose(v -> marketStatuses.apply(snapshot))
        .onSuccess(stored -> statuses = stored)
        .mapEmpty();
  }

  /**
   * A batch, ready to be decided.
   *
   * @param stored for each cancel of all that has an effect, by position, the open orders before
   *     the batch
   */
  private record Batch(
      List<LogRecord> records,
      List<Read> reads,
      OrderDesk desk,
      Map<Place, Integer> counted,
      Map<Long, List<OpenOrder>> stored,
      MarketDesk markets) {}

  @Override
  public Future<Void> handle(List<LogRecord> records, StepWrites step) {
    List<Read> reads = records.stream().map(this::read).toList();
    Orders orders = ordersOf.apply(step);
    return deadlines(reads, orders)
        .compose(deadlines -> open(records, reads, deadlines, orders, step))
        .compose(batch -> decideFrom(0, batch, step).map(batch))
        .map(batch -> leave(batch, orders));
  }

  /** The batch may end before the records do. */
  private Future<Batch> open(
      List<LogRecord> records,
      List<Read> reads,
      Map<Switch, Long> deadlines,
      Orders orders,
      StepWrites step) {
    Map<Long, List<OpenOrder>> stored = new HashMap<>();
    return findOpen(reads, withoutEffect(reads, deadlines), 0, 0, new HashMap<>(), stored, orders)
        .compose(end -> {
          if (end < records.size()) {
            step.leave(records.size() - end);
          }
          return open(records.subList(0, end), reads.subList(0, end), deadlines, stored, orders);
        });
  }

  /**
   * The cancels of all, by position, that come of a deadline to which their switch is not set
   * there. Any number of replicas may record a deadline, so nothing is looked up for those.
   */
  private static Set<Long> withoutEffect(List<Read> reads, Map<Switch, Long> deadlines) {
    Map<Switch, Long> set = new HashMap<>(deadlines);
    Set<Long> without = new HashSet<>();
    for (Read read : reads) {
      if (read instanceof Read.Instructed(LogRecord record, ArmCancelAll arm)) {
        set.put(new Switch(arm.account(), arm.market()), arm.deadlineMicros());
      } else if (read instanceof Read.Instructed(LogRecord record, CancelAll all)
          && all.deadlineMicros() > 0) {
        Switch of = Switch.of(all);
        if (set.getOrDefault(of, 0L) != all.deadlineMicros()) {
          without.add(record.position());
        } else if (!all.partOfAll()) {
          set.remove(of);
        }
      }
    }
    return without;
  }

  /** Which orders their market does not take: by its state where the log names the order. */
  private static Map<Long, OrderReason> rejectedByMarket(List<Read> batch, MarketDesk markets) {
    Map<Long, OrderReason> rejected = new HashMap<>();
    for (Read read : batch) {
      if (read instanceof Read.MarketSet set) {
        markets.set(set.status());
      } else if (read instanceof Read.Instructed(LogRecord record, PlaceOrder place)) {
        markets.rejects(place).ifPresent(reason -> rejected.put(record.position(), reason));
      }
    }
    return rejected;
  }

  private Read read(LogRecord record) {
    return switch (record.topic()) {
      case ORDER_REQUESTED ->
          switch (reader.read(record)) {
            case Reading.Sound sound -> new Read.Instructed(record, sound.instruction());
            case Reading.OfMarket ofMarket -> new Read.MarketSet(record, ofMarket.status());
            case Reading.Poison poison -> new Read.Poisoned(record, poison);
          };
      case SETTLE_COMPLETED -> new Read.Concluded(record, readOutcome(record));
      case ORDER_CANCEL_REQUESTED -> new Read.Cancelling(record, readNotice(record));
      case MATCH_REQUESTED,
          SETTLE_REQUESTED,
          MATCH_CANCEL_REQUESTED,
          BOOK_UPDATED,
          ORDER_UPDATED,
          TRANSFER_REQUESTED,
          TRANSFER_COMPLETED,
          TRANSFER_REJECTED,
          ORDER_DLQ,
          MATCH_DLQ,
          SETTLE_DLQ,
          TRANSFER_DLQ ->
          throw stopped(record, "is of a topic that order-svc does not read", null);
    };
  }

  private static Outcome readOutcome(LogRecord record) {
    try {
      return OrderRecords.toOutcome(SettleCompleted.parseFrom(record.value()));
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      throw stopped(record, "cannot be read", e);
    }
  }

  private static CancelNotice readNotice(LogRecord record) {
    try {
      return OrderRecords.toCancelNotice(OrderCancelRequested.parseFrom(record.value()));
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      throw stopped(record, "cannot be read", e);
    }
  }

  /**
   * Finds what the cancels of all in a batch are about, one after the other, until there is much.
   *
   * @param without the positions of those that have no effect
   * @param found the open orders of a cancel of all, by account and markets
   * @return where the batch ends
   */
  private Future<Integer> findOpen(
      List<Read> reads,
      Set<Long> without,
      int from,
      int cancels,
      Map<List<Object>, List<OpenOrder>> found,
      Map<Long, List<OpenOrder>> stored,
      Orders orders) {
    for (int i = from; i < reads.size(); i++) {
      if (reads.get(i) instanceof Read.Instructed(LogRecord record, CancelAll all)
          && !without.contains(record.position())) {
        int next = i + 1;
        return findOpen(all, found, orders)
            .compose(open -> {
              stored.put(record.position(), open);
              int many = cancels + open.size();
              return many >= MANY_CANCELS
                  ? Future.succeededFuture(next)
                  : findOpen(reads, without, next, many, found, stored, orders);
            });
      }
    }
    return Future.succeededFuture(reads.size());
  }

  private Future<List<OpenOrder>> findOpen(
      CancelAll all, Map<List<Object>, List<OpenOrder>> found, Orders orders) {
    List<String> where = all.market().isEmpty() ? markets : List.of(all.market());
    List<Object> key = List.of(all.account(), where);
    List<OpenOrder> known = found.get(key);
    return known != null
        ? Future.succeededFuture(known)
        : orders.open(all.account(), where).onSuccess(open -> found.put(key, open));
  }

  private Future<Batch> open(
      List<LogRecord> records,
      List<Read> reads,
      Map<Switch, Long> deadlines,
      Map<Long, List<OpenOrder>> stored,
      Orders orders) {
    return Future.all(known(reads, orders), counted(reads, orders))
        .map(all -> {
          Orders.Known known = all.resultAt(0);
          Map<Place, Integer> counted = all.resultAt(1);
          OrderDesk desk =
              new OrderDesk(
                  known,
                  counted,
                  deadlines,
                  rejectedByMarket(reads, new MarketDesk(statuses)),
                  maxOpenOrders);
          return new Batch(records, reads, desk, counted, stored, new MarketDesk(statuses));
        });
  }

  private Future<Orders.Known> known(List<Read> reads, Orders orders) {
    Map<String, Order> known = new HashMap<>();
    Set<String> missing = new LinkedHashSet<>();
    for (String orderId : orderIds(reads)) {
      Order open = openOrders.get(orderId);
      if (open == null) {
        missing.add(orderId);
      } else {
        known.put(orderId, open);
      }
    }
    if (missing.isEmpty()) {
      return Future.succeededFuture(new Orders.Known(known, Set.of()));
    }
    return orders
        .load(missing)
        .map(stored -> {
          known.putAll(stored.orders());
          return new Orders.Known(known, stored.cancelledBefore());
        });
  }

  /** What the switches are set to of which the batch says that their deadline has passed. */
  private static Future<Map<Switch, Long>> deadlines(List<Read> reads, Orders orders) {
    Set<Switch> due = new LinkedHashSet<>();
    for (Read read : reads) {
      if (read instanceof Read.Instructed(LogRecord record, CancelAll all)
          && all.deadlineMicros() > 0) {
        due.add(Switch.of(all));
      }
    }
    return due.isEmpty() ? Future.succeededFuture(Map.of()) : orders.deadlines(due);
  }

  /** How many open orders there are wherever the batch places some. */
  private Future<Map<Place, Integer>> counted(List<Read> reads, Orders orders) {
    Map<Place, Integer> counted = new HashMap<>();
    Set<Place> missing = new LinkedHashSet<>();
    for (Read read : reads) {
      if (read instanceof Read.Instructed(LogRecord record, PlaceOrder order)) {
        Place place = new Place(order.account(), order.market());
        Integer count = openCounts.get(place);
        if (count == null) {
          missing.add(place);
        } else {
          counted.put(place, count);
        }
      }
    }
    if (missing.isEmpty()) {
      return Future.succeededFuture(counted);
    }
    return orders
        .countOpen(missing)
        .map(found -> {
          counted.putAll(found);
          return counted;
        });
  }

  private static Set<String> orderIds(List<Read> batch) {
    Set<String> ids = new LinkedHashSet<>();
    for (Read read : batch) {
      switch (read) {
        case Read.Instructed(LogRecord record, CancelAll all) -> {}
        case Read.Instructed(LogRecord record, ArmCancelAll arm) -> {}
        case Read.Instructed instructed -> {
          ids.add(instructed.instruction().orderId());
          if (instructed.instruction() instanceof PlaceOrder place) {
            place.replaces().ifPresent(replaces -> ids.add(replaces.orderId()));
          }
        }
        case Read.MarketSet set -> {}
        case Read.Poisoned poisoned -> {}
        case Read.Concluded concluded -> {
          ids.add(concluded.outcome().orderId());
          concluded.outcome().orders().forEach(settled -> ids.add(settled.orderId()));
        }
        case Read.Cancelling cancelling -> ids.add(cancelling.notice().orderId());
      }
    }
    return ids;
  }

  /** Plans holds as far as is possible, asks for them, decides so far, and goes on from there. */
  private Future<Void> decideFrom(int from, Batch batch, StepWrites step) {
    if (from == batch.reads().size()) {
      return Future.succeededFuture();
    }
    HoldPlan plan = batch.desk().planHolds();
    int to = from;
    while (to < batch.reads().size() && isPlanned(batch.reads().get(to), plan)) {
      to++;
    }
    int end = to;
    return hold(batch.records().subList(from, end), plan, step)
        .compose(verdicts -> {
          decide(batch.reads().subList(from, end), batch, verdicts, step);
          return decideFrom(end, batch, step);
        });
  }

  private static boolean isPlanned(Read read, HoldPlan plan) {
    return switch (read) {
      case Read.Instructed(LogRecord record, Instruction instruction) ->
          plan.add(record.position(), instruction);
      case Read.Concluded concluded -> {
        plan.settled();
        yield true;
      }
      case Read.MarketSet set -> true;
      case Read.Poisoned poisoned -> true;
      case Read.Cancelling cancelling -> true;
    };
  }

  /**
   * Asks for all holds of a plan in one call. Every batch with instructions asks, also for nothing,
   * so that each call begins where the one before ended.
   */
  private Future<Map<Long, Ledger.Verdict>> hold(
      List<LogRecord> records, HoldPlan plan, StepWrites step) {
    List<LogRecord> instructed =
        records.stream().filter(record -> record.topic() == Topic.ORDER_REQUESTED).toList();
    long end = instructed.stream().mapToLong(LogRecord::position).max().orElse(heldTo);
    if (end == heldTo) {
      return Future.succeededFuture(Map.of());
    }
    step.worksFor(instructed);
    return ledger.hold(partition, heldTo, end, plan.holds()).onSuccess(verdicts -> heldTo = end);
  }

  private static void decide(
      List<Read> reads, Batch batch, Map<Long, Ledger.Verdict> verdicts, StepWrites step) {
    OrderDesk desk = batch.desk();
    try {
      for (Read read : reads) {
        tell(read, step);
        Decisions decisions = new EmittedDecisions(step, read.record());
        switch (read) {
          case Read.Instructed(LogRecord record, CancelAll all) ->
              desk.cancelAll(
                  record.position(),
                  all,
                  batch.stored().getOrDefault(record.position(), List.of()),
                  decisions);
          case Read.Instructed instructed -> decide(instructed, desk, verdicts, step, decisions);
          case Read.MarketSet set -> {
            if (batch.markets().set(set.status())) {
              decisions.marketSet(set.record().position(), set.status());
            }
          }
          case Read.Poisoned poisoned ->
              step.deadLetter(
                  Topic.ORDER_DLQ,
                  poisoned.record(),
                  poisoned.poison().orderId(),
                  poisoned.poison().error());
          case Read.Concluded concluded -> desk.settle(concluded.outcome(), decisions);
          case Read.Cancelling cancelling -> desk.cancelling(cancelling.notice(), decisions);
        }
      }
    } catch (RuntimeException bug) {
      throw new PartitionStoppedException("The batch cannot be decided: " + bug.getMessage(), bug);
    }
  }

  /** What the record is about, for its trace. */
  private static void tell(Read read, StepWrites step) {
    switch (read) {
      case Read.Instructed(LogRecord record, Instruction instruction) -> {
        step.tell(record, Fact.ORDER_ID, instruction::orderId);
        step.tell(record, Fact.MARKET, instruction::market);
      }
      case Read.MarketSet(LogRecord record, MarketStatus status) ->
          step.tell(record, Fact.MARKET, status::market);
      case Read.Poisoned(LogRecord record, Reading.Poison poison) ->
          step.tell(record, Fact.ORDER_ID, poison::orderId);
      case Read.Concluded(LogRecord record, Outcome outcome) -> {
        step.tell(record, Fact.ORDER_ID, outcome::orderId);
        step.tell(record, Fact.MARKET, outcome::market);
      }
      case Read.Cancelling(LogRecord record, CancelNotice notice) ->
          step.tell(record, Fact.ORDER_ID, notice::orderId);
    }
  }

  private static void decide(
      Read.Instructed instructed,
      OrderDesk desk,
      Map<Long, Ledger.Verdict> verdicts,
      StepWrites step,
      Decisions decisions) {
    LogRecord record = instructed.record();
    if (desk.ownedByAnother(instructed.instruction())) {
      step.deadLetter(
          Topic.ORDER_DLQ,
          record,
          instructed.instruction().orderId(),
          "The order belongs to another account than the instruction.");
      return;
    }
    switch (instructed.instruction()) {
      case PlaceOrder place -> desk.place(record.position(), place, verdicts, decisions);
      case CancelOrder cancel -> desk.cancel(record.position(), cancel, decisions);
      case AmendOrder amend ->
          desk.misfit(amend)
              .ifPresentOrElse(
                  error -> step.deadLetter(Topic.ORDER_DLQ, record, amend.orderId(), error),
                  () -> desk.amend(record.position(), amend, decisions));
      case ArmCancelAll arm -> desk.arm(record.position(), arm, decisions);
      case CancelAll all ->
          throw new IllegalStateException("A cancel of all is about no order of its own.");
    }
  }

  private Void leave(Batch batch, Orders orders) {
    OrderDesk desk = batch.desk();
    MarketDesk markets = batch.markets();
    orders.save(desk.changes());
    orders.saveStatuses(markets.changes());
    statuses = markets.statuses();
    desk.orders().forEach(openOrders::keep);
    openCounts.keep(batch.counted(), desk.opened());
    return null;
  }

  private static PartitionStoppedException stopped(LogRecord record, String what, Throwable cause) {
    return new PartitionStoppedException(
        "Record %d of %s partition %d %s."
            .formatted(record.position(), record.topic(), record.partition(), what),
        cause);
  }
}
