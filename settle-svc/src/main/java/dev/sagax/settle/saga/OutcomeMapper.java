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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

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
    Map<String, List<Release>> releases =
        event.getReleasesList().stream()
            .collect(Collectors.groupingBy(release -> release.getOrder().getOrderId()));
    for (Leg leg : settlement.legs()) {
      completed.addOrders(
          settled(
              orders.get(leg.orderId()),
              leg.filledUnits() > 0,
              releases.getOrDefault(leg.orderId(), List.of())));
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

  private static long leftUnits(List<Release> releases, Predicate<Release> which) {
    return releases.stream()
        .filter(which)
        .mapToLong(Release::getLeftUnits)
        .reduce(0, Math::addExact);
  }

  /**
   * The release that ends an order: one that only reduced it does not, if it was filled as well.
   */
  private static Optional<Release> ending(List<Release> releases, boolean filled) {
    return releases.stream()
        .filter(release -> !release.getReduced())
        .findFirst()
        .or(() -> filled ? Optional.empty() : releases.stream().findFirst());
  }

  /**
   * @param filled whether it has fills in this outcome
   * @param releases what the outcome took off it otherwise
   */
  private static OrderSettled settled(HeldOrder order, boolean filled, List<Release> releases) {
    OrderSettled.Builder settled =
        OrderSettled.newBuilder()
            .setOrderId(order.orderId())
            .setFilledUnits(order.filledUnits())
            .setFilledQuoteUnits(order.filledQuoteUnits())
            .setFeeUnits(order.feeUnits())
            .setLeftUnits(order.leftUnits())
            .setPreventedUnits(
                leftUnits(
                    releases,
                    release -> release.getReason() == OrderReason.ORDER_REASON_SELF_TRADE))
            .setReducedUnits(leftUnits(releases, Release::getReduced));
    if (!order.open()) {
      Optional<Release> ending = ending(releases, filled);
      settled.setEndStatusValue(
          ending.map(Release::getStatusValue).orElse(OrderStatus.ORDER_STATUS_FILLED_VALUE));
      settled.setEndReasonValue(ending.map(Release::getReasonValue).orElse(0));
    }
    return settled.build();
  }
}
