package dev.sagax.settle.saga;

import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.tracing.Fact;
import dev.sagax.platform.tracing.Underway;
import dev.sagax.proto.event.v1.SettleRequested;
import dev.sagax.settle.Flow;
import dev.sagax.settle.HeldOrder;
import dev.sagax.settle.Ledger;
import dev.sagax.settle.Leg;
import dev.sagax.settle.Settlement;
import dev.sagax.settle.Stretch;
import dev.sagax.settle.Verdict;
import dev.sagax.settle.store.SettleRows;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Applies outcomes to the ledger, journals them and says what they made of the orders. */
final class SettleRequestedHandler {
  private static final Logger LOG = LoggerFactory.getLogger(SettleRequestedHandler.class);

  private final int partition;
  private final Ledger ledger;
  private long last = Flow.SETTLE.beforeFirst;

  SettleRequestedHandler(int partition, Ledger ledger) {
    this.partition = partition;
    this.ledger = ledger;
  }

  void continueAfter(long position) {
    last = position;
  }

  /** An outcome as it was read, and what it means in money. */
  private record Item(LogRecord record, SettleRequested event, Settlement settlement) {}

  Future<Void> handle(List<LogRecord> records, StepWrites step) {
    if (records.isEmpty()) {
      return Future.succeededFuture();
    }
    List<Item> items = records.stream().map(SettleRequestedHandler::decode).toList();
    Stretch stretch = new Stretch(partition, last, records.getLast().position());
    List<Settlement> settlements = items.stream().map(Item::settlement).toList();
    return SettleRows.orders(step.db(), orderIds(settlements))
        .compose(orders ->
            ledger
                .settle(stretch, settlements)
                .<Void>map(verdicts -> {
                  record(items, verdicts, orders, step);
                  return null;
                }))
        .onSuccess(v -> last = stretch.end());
  }

  private static Item decode(LogRecord record) {
    SettleRequested event = OutcomeMapper.parse(record);
    try {
      return new Item(
          record, event, Settlement.of(OutcomeMapper.outcome(record.position(), event)));
    } catch (ArithmeticException e) {
      throw new PartitionStoppedException(
          "%s %d of partition %d has amounts that a long cannot count."
              .formatted(record.topic(), record.position(), record.partition()),
          e);
    }
  }

  private static Set<String> orderIds(List<Settlement> settlements) {
    Set<String> ids = new HashSet<>();
    settlements.forEach(s -> s.legs().forEach(leg -> ids.add(leg.orderId())));
    return ids;
  }

  private void record(
      List<Item> items,
      List<Verdict.OfSettlement> verdicts,
      Map<String, HeldOrder> orders,
      StepWrites step) {
    Map<String, HeldOrder> changed = new LinkedHashMap<>();
    List<SettleRows.SettledLeg> legs = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      Item item = items.get(i);
      step.tell(item.record(), Fact.ORDER_ID, () -> item.event().getTaker().getOrderId());
      step.tell(item.record(), Fact.MARKET, () -> item.event().getMarket());
      switch (verdicts.get(i)) {
        case Verdict.Settled settled -> {
          legs.addAll(apply(item, settled, orders, changed));
          step.emit(
              item.record(),
              Topic.SETTLE_COMPLETED,
              item.event().getMarket(),
              OutcomeMapper.completed(item.event(), item.settlement(), orders));
        }
        case Verdict.Refused refused -> compensate(item, refused, step);
      }
    }
    SettleRows.record(step, partition, changed.values(), legs);
  }

  /**
   * Moves the orders on, so that {@code orders} always says how they stand after the last outcome.
   *
   * @return what the journal keeps of the outcome
   */
  private static List<SettleRows.SettledLeg> apply(
      Item item,
      Verdict.Settled verdict,
      Map<String, HeldOrder> orders,
      Map<String, HeldOrder> changed) {
    List<Leg> legs = item.settlement().legs();
    if (verdict.remainders().size() != legs.size()) {
      throw stopped(
          item,
          "the ledger has a verdict on %d orders, but it is about %d"
              .formatted(verdict.remainders().size(), legs.size()));
    }
    List<SettleRows.SettledLeg> journaled = new ArrayList<>();
    for (int i = 0; i < legs.size(); i++) {
      Leg leg = legs.get(i);
      HeldOrder order = orders.get(leg.orderId());
      if (order == null) {
        throw stopped(
            item,
            "the ledger has settled order %s, but the journal has no hold of it"
                .formatted(leg.orderId()));
      }
      HeldOrder next = after(item, order, leg, verdict.remainders().get(i));
      orders.put(leg.orderId(), next);
      changed.put(leg.orderId(), next);
      long released = order.heldUnits() - leg.payUnits() - next.heldUnits();
      journaled.add(
          new SettleRows.SettledLeg(
              item.settlement().position(),
              item.settlement().timeMicros(),
              i,
              leg,
              order.open() && !next.open() ? OptionalLong.of(released) : OptionalLong.empty()));
    }
    return journaled;
  }

  private static HeldOrder after(Item item, HeldOrder order, Leg leg, OptionalLong remainder) {
    try {
      return item.settlement().onlyReleases()
          ? released(order, leg, remainder)
          : order.after(leg, remainder);
    } catch (IllegalStateException | ArithmeticException e) {
      throw stopped(item, e.getMessage());
    }
  }

  private static HeldOrder released(HeldOrder order, Leg leg, OptionalLong remainder) {
    HeldOrder next = order.afterRelease(leg, remainder);
    long released = order.heldUnits() - next.heldUnits();
    boolean ends = order.open() && !next.open();
    if (remainder.isPresent() != ends || remainder.orElse(0) != released) {
      LOG.error(
          "The ledger's hold is not what the journal says; the order ends by the journal orderId={}"
              + " journaled={} released={}",
          order.orderId(),
          released,
          remainder);
    }
    return next;
  }

  /** Nothing of the outcome is applied; match-svc is asked to undo it. */
  private static void compensate(Item item, Verdict.Refused refused, StepWrites step) {
    String orders =
        refused.orders().stream()
            .map(order -> "order " + order.orderId() + ": " + order.fault().words)
            .collect(Collectors.joining("; "));
    String error =
        "Outcome %d of partition %d is refused by the ledger (%s)."
            .formatted(item.record().position(), item.record().partition(), orders);
    Underway.addTo(LOG.atError(), item.record().traceparent()).log(error);
    step.deadLetter(Topic.SETTLE_DLQ, item.record(), item.event().getTaker().getOrderId(), error);
    step.emit(
        item.record(),
        Topic.MATCH_CANCEL_REQUESTED,
        item.event().getMarket(),
        OutcomeMapper.cancelRequested(item.record().position(), item.event(), refused));
  }

  private static PartitionStoppedException stopped(Item item, String why) {
    LogRecord record = item.record();
    return new PartitionStoppedException(
        "Outcome %d of partition %d cannot be settled: %s."
            .formatted(record.position(), record.partition(), why),
        null);
  }
}
