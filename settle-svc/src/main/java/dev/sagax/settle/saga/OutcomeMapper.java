package dev.sagax.settle.saga;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.proto.event.v1.Fill;
import dev.sagax.proto.event.v1.MatchCancelRequested;
import dev.sagax.proto.event.v1.OrderAtFault;
import dev.sagax.proto.event.v1.OrderRef;
import dev.sagax.proto.event.v1.OrderSettled;
import dev.sagax.proto.event.v1.Release;
import dev.sagax.proto.event.v1.SettleCompleted;
import dev.sagax.proto.event.v1.SettleRequested;
import dev.sagax.proto.event.v1.SettledTrade;
import dev.sagax.proto.event.v1.SettlementFault;
import dev.sagax.proto.order.v1.OrderReason;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.settle.HeldOrder;
import dev.sagax.settle.Leg;
import dev.sagax.settle.Outcome;
import dev.sagax.settle.Settlement;
import dev.sagax.settle.Verdict;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Between {@code settle.requested}, {@code settle.completed} and the ledger's own words. */
final class OutcomeMapper {

  private OutcomeMapper() {}

  /** A record after matching is never skipped: what cannot be read stops its partition. */
  static SettleRequested parse(LogRecord record) {
    try {
      SettleRequested event =
          SettleRequested.parseFrom(record.value() == null ? new byte[0] : record.value());
      check(event);
      return event;
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new PartitionStoppedException(
          "%s %d of partition %d cannot be read: %s"
              .formatted(record.topic(), record.position(), record.partition(), e.getMessage()),
          e);
    }
  }

  private static void check(SettleRequested event) {
    expect(!event.getMarket().isEmpty(), "it names no market");
    expect(
        !event.getBaseAsset().isEmpty() && !event.getQuoteAsset().isEmpty(), "it lacks an asset");
    expect(event.hasTaker() || event.getFillsCount() == 0, "it has fills, but no taker");
    if (event.getFillsCount() > 0) {
      check(event.getTaker());
    }
    event
        .getFillsList()
        .forEach(fill -> {
          check(fill.getMaker());
          expect(
              fill.getMaker().getSide() != event.getTaker().getSide(),
              "a maker is on the taker's side");
          expect(
              fill.getQuantityUnits() > 0 && fill.getQuoteUnits() > 0, "a fill is worth nothing");
        });
    event
        .getReleasesList()
        .forEach(release -> {
          check(release.getOrder());
          expect(release.getLeftUnits() >= 0, "a release is negative");
        });
  }

  private static void check(OrderRef order) {
    expect(DeterministicId.isWellFormed(order.getOrderId()), "an order id is malformed");
    expect(!order.getAccount().isEmpty(), "an order has no account");
    expect(
        order.getSide() == Side.SIDE_BUY || order.getSide() == Side.SIDE_SELL,
        "an order has no side");
    expect(order.getFeeBps() >= 0 && order.getFeeBps() <= 10_000, "a fee is out of range");
  }

  private static void expect(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise + ".");
    }
  }

  static Outcome outcome(long position, SettleRequested event) {
    return new Outcome(
        position,
        event.getTimeMicros(),
        event.getBaseAsset(),
        event.getQuoteAsset(),
        party(event.getTaker()),
        event.getFillsList().stream()
            .map(fill ->
                new Outcome.Fill(
                    party(fill.getMaker()), fill.getQuantityUnits(), fill.getQuoteUnits()))
            .toList(),
        event.getReleasesList().stream()
            .map(release -> new Outcome.Release(party(release.getOrder()), release.getLeftUnits()))
            .toList());
  }

  private static Outcome.Party party(OrderRef order) {
    return new Outcome.Party(
        order.getOrderId(),
        order.getAccount(),
        order.getSide() == Side.SIDE_SELL ? Outcome.Side.SELL : Outcome.Side.BUY,
        order.getFeeBps(),
        order.getLeftInQuote());
  }

  /**
   * @param orders how they stand after this outcome
   */
  static SettleCompleted completed(
      SettleRequested event, Settlement settlement, Map<String, HeldOrder> orders) {
    SettleCompleted.Builder completed =
        SettleCompleted.newBuilder()
            .setInstruction(event.getInstruction())
            .setTimeMicros(event.getTimeMicros())
            .setMarket(event.getMarket())
            .setOrderId(event.getTaker().getOrderId());
    Map<String, Release> releases = byOrder(event.getReleasesList());
    for (Leg leg : settlement.legs()) {
      completed.addOrders(settled(orders.get(leg.orderId()), releases.get(leg.orderId())));
    }
    if (event.getFillsCount() > 0) {
      completed.setTakerSide(event.getTaker().getSide());
      event.getFillsList().forEach(fill -> completed.addTrades(trade(fill)));
    }
    return completed.build();
  }

  private static SettledTrade trade(Fill fill) {
    return SettledTrade.newBuilder()
        .setTradeId(fill.getTradeId())
        .setPriceUnits(fill.getPriceUnits())
        .setQuantityUnits(fill.getQuantityUnits())
        .setQuoteUnits(fill.getQuoteUnits())
        .build();
  }

  static MatchCancelRequested cancelRequested(
      long outcomeNumber, SettleRequested outcome, Verdict.Refused refused) {
    MatchCancelRequested.Builder event =
        MatchCancelRequested.newBuilder().setOutcomeNumber(outcomeNumber).setOutcome(outcome);
    refused
        .orders()
        .forEach(order ->
            event.addOrdersAtFault(
                OrderAtFault.newBuilder()
                    .setOrderId(order.orderId())
                    .setFault(fault(order.fault()))));
    return event.build();
  }

  private static SettlementFault fault(Verdict.Fault fault) {
    return switch (fault) {
      case MISSING -> SettlementFault.SETTLEMENT_FAULT_HOLD_MISSING;
      case HELD_TOO_LITTLE -> SettlementFault.SETTLEMENT_FAULT_HELD_TOO_LITTLE;
      case LEFT_TOO_LITTLE -> SettlementFault.SETTLEMENT_FAULT_LEFT_TOO_LITTLE;
    };
  }

  private static Map<String, Release> byOrder(List<Release> releases) {
    Map<String, Release> byOrder = new HashMap<>();
    releases.forEach(release -> byOrder.put(release.getOrder().getOrderId(), release));
    return byOrder;
  }

  private static long preventedUnits(Release release) {
    boolean prevented =
        release != null && release.getReason() == OrderReason.ORDER_REASON_SELF_TRADE;
    return prevented ? release.getLeftUnits() : 0;
  }

  private static long reducedUnits(Release release) {
    return release != null && release.getReduced() ? release.getLeftUnits() : 0;
  }

  private static OrderSettled settled(HeldOrder order, Release release) {
    OrderSettled.Builder settled =
        OrderSettled.newBuilder()
            .setOrderId(order.orderId())
            .setFilledUnits(order.filledUnits())
            .setFilledQuoteUnits(order.filledQuoteUnits())
            .setFeeUnits(order.feeUnits())
            .setLeftUnits(order.leftUnits())
            .setPreventedUnits(preventedUnits(release))
            .setReducedUnits(reducedUnits(release));
    if (!order.open()) {
      settled.setEndStatusValue(
          release == null ? OrderStatus.ORDER_STATUS_FILLED_VALUE : release.getStatusValue());
      settled.setEndReasonValue(release == null ? 0 : release.getReasonValue());
    }
    return settled.build();
  }
}
