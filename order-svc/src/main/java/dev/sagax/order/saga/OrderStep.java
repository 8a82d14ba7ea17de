package dev.sagax.order.saga;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.order.CancelNotice;
import dev.sagax.order.Decisions;
import dev.sagax.order.Instruction;
import dev.sagax.order.Instruction.AmendOrder;
import dev.sagax.order.Instruction.CancelOrder;
import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.Ledger;
import dev.sagax.order.MarketDesk;
import dev.sagax.order.MarketStatus;
import dev.sagax.order.Order;
import dev.sagax.order.OrderDesk;
import dev.sagax.order.OrderReason;
import dev.sagax.order.Orders;
import dev.sagax.order.Outcome;
import dev.sagax.order.saga.InstructionReader.Reading;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.platform.log.StepHandler;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Markets;
import dev.sagax.proto.event.v1.OrderCancelRequested;
import dev.sagax.proto.event.v1.SettleCompleted;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * What order-svc does with a batch: reads it, loads the orders it is about, asks the ledger once to
 * hold funds for what is new, decides everything in the order of the log, and leaves rows and
 * records behind.
 */
public final class OrderStep implements StepHandler {
  private final int partition;
  private final InstructionReader reader;
  private final Ledger ledger;
  private final Function<SqlClient, Future<OptionalLong>> lastInstruction;
  private final Function<StepWrites, Orders> ordersOf;
  private final Function<SqlClient, Future<Map<String, MarketStatus>>> marketStatuses;
  private final OpenOrders openOrders;
  private long heldTo;
  private Map<String, MarketStatus> statuses = Map.of();

  /**
   * @param rememberedOrders how many open orders are kept in memory
   * @param lastInstruction reads the position of `order.requested` that this partition has applied
   * @param marketStatuses reads what the markets take
   * @param ordersOf the stored orders, as one batch reads and changes them
   */
  public OrderStep(
      int partition,
      Markets markets,
      Ledger ledger,
      int rememberedOrders,
      Function<SqlClient, Future<OptionalLong>> lastInstruction,
      Function<SqlClient, Future<Map<String, MarketStatus>>> marketStatuses,
      Function<StepWrites, Orders> ordersOf) {
    this.partition = partition;
    this.reader = new InstructionReader(markets);
    this.ledger = ledger;
    this.openOrders = new OpenOrders(rememberedOrders);
    this.lastInstruction = lastInstruction;
    this.marketStatuses = marketStatuses;
    this.ordersOf = ordersOf;
  }

  /** An accepted record, read. */
  private sealed interface Read {
    record Instructed(LogRecord record, Instruction instruction) implements Read {}

    record MarketSet(LogRecord record, MarketStatus status) implements Read {}

    record Poisoned(LogRecord record, Reading.Poison poison) implements Read {}

    record Concluded(Outcome outcome) implements Read {}

    record Cancelling(CancelNotice notice) implements Read {}
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

  @Override
  public Future<Void> handle(List<LogRecord> records, StepWrites step) {
    List<Read> batch = records.stream().map(this::read).toList();
    Orders orders = ordersOf.apply(step);
    MarketDesk markets = new MarketDesk(statuses);
    return openDesk(batch, rejectedByMarket(batch, new MarketDesk(statuses)), orders)
        .compose(desk ->
            hold(records, batch, desk)
                .map(verdicts -> decide(batch, desk, markets, verdicts, step))
                .map(decided -> leave(decided, markets, orders)));
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
      case SETTLE_COMPLETED -> new Read.Concluded(readOutcome(record));
      case ORDER_CANCEL_REQUESTED -> new Read.Cancelling(readNotice(record));
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

  private Future<OrderDesk> openDesk(
      List<Read> batch, Map<Long, OrderReason> rejectedByMarket, Orders orders) {
    Map<String, Order> known = new HashMap<>();
    Set<String> missing = new LinkedHashSet<>();
    for (String orderId : orderIds(batch)) {
      Order open = openOrders.get(orderId);
      if (open == null) {
        missing.add(orderId);
      } else {
        known.put(orderId, open);
      }
    }
    if (missing.isEmpty()) {
      return Future.succeededFuture(new OrderDesk(known, Set.of(), rejectedByMarket));
    }
    return orders
        .load(missing)
        .map(stored -> {
          known.putAll(stored.orders());
          return new OrderDesk(known, stored.cancelledBefore(), rejectedByMarket);
        });
  }

  private static Set<String> orderIds(List<Read> batch) {
    Set<String> ids = new LinkedHashSet<>();
    for (Read read : batch) {
      switch (read) {
        case Read.Instructed instructed -> {
          ids.add(instructed.instruction().orderId());
          if (instructed.instruction() instanceof PlaceOrder place && !place.replaces().isEmpty()) {
            ids.add(place.replaces());
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

  /**
   * Asks for all holds of the batch in one call. Every batch with instructions asks, also for
   * nothing, so that each call begins where the one before ended.
   */
  private Future<Map<Long, Ledger.Verdict>> hold(
      List<LogRecord> records, List<Read> batch, OrderDesk desk) {
    long end =
        records.stream()
            .filter(record -> record.topic() == Topic.ORDER_REQUESTED)
            .mapToLong(LogRecord::position)
            .max()
            .orElse(heldTo);
    if (end == heldTo) {
      return Future.succeededFuture(Map.of());
    }
    return ledger
        .hold(partition, heldTo, end, desk.holdsFor(instructions(batch)))
        .onSuccess(verdicts -> heldTo = end);
  }

  private static Map<Long, Instruction> instructions(List<Read> batch) {
    Map<Long, Instruction> instructions = new LinkedHashMap<>();
    for (Read read : batch) {
      if (read instanceof Read.Instructed instructed) {
        instructions.put(instructed.record().position(), instructed.instruction());
      }
    }
    return instructions;
  }

  private static OrderDesk decide(
      List<Read> batch,
      OrderDesk desk,
      MarketDesk markets,
      Map<Long, Ledger.Verdict> verdicts,
      StepWrites step) {
    try {
      Decisions decisions = new EmittedDecisions(step);
      for (Read read : batch) {
        switch (read) {
          case Read.Instructed instructed -> decide(instructed, desk, verdicts, step, decisions);
          case Read.MarketSet set -> {
            if (markets.set(set.status())) {
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
      return desk;
    } catch (RuntimeException bug) {
      throw new PartitionStoppedException("The batch cannot be decided: " + bug.getMessage(), bug);
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
    }
  }

  private Void leave(OrderDesk desk, MarketDesk markets, Orders orders) {
    orders.save(desk.changes());
    orders.saveStatuses(markets.changes());
    statuses = markets.statuses();
    desk.orders().forEach(openOrders::keep);
    return null;
  }

  private static PartitionStoppedException stopped(LogRecord record, String what, Throwable cause) {
    return new PartitionStoppedException(
        "Record %d of %s partition %d %s."
            .formatted(record.position(), record.topic(), record.partition(), what),
        cause);
  }
}
