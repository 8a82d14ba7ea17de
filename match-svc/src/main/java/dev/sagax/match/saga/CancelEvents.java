package dev.sagax.match.saga;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.match.Party;
import dev.sagax.match.Release;
import dev.sagax.match.Release.Ending;
import dev.sagax.match.Reversal;
import dev.sagax.match.Trade;
import dev.sagax.match.book.BookEvent.CancelReason;
import dev.sagax.match.book.Side;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.proto.event.v1.Fill;
import dev.sagax.proto.event.v1.MatchCancelRequested;
import dev.sagax.proto.event.v1.OrderAtFault;
import dev.sagax.proto.event.v1.OrderCancelRequested;
import dev.sagax.proto.event.v1.OrderRef;
import dev.sagax.proto.event.v1.SettleRequested;
import dev.sagax.proto.order.v1.OrderReason;
import java.util.stream.Collectors;

/** Records of the compensation: {@code match.cancel.requested}, {@code order.cancel.requested}. */
final class CancelEvents {

  private CancelEvents() {}

  /**
   * @param instruction its position in {@code order.requested}
   */
  static OrderCancelRequested encode(
      String orderId, String market, long instruction, long timeMicros, OrderReason reason) {
    return OrderCancelRequested.newBuilder()
        .setOrderId(orderId)
        .setMarket(market)
        .setInstruction(instruction)
        .setTimeMicros(timeMicros)
        .setReason(reason)
        .build();
  }

  /**
   * @throws PartitionStoppedException if the record cannot be read
   */
  static Reversal decode(LogRecord record) {
    try {
      if (record.value() == null) {
        throw new IllegalArgumentException("It has no value.");
      }
      return reversal(MatchCancelRequested.parseFrom(record.value()));
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new PartitionStoppedException(
          "Record %d of %s-%d cannot be read: %s"
              .formatted(record.position(), record.topic(), record.partition(), e.getMessage()),
          e);
    }
  }

  private static Reversal reversal(MatchCancelRequested event) {
    SettleRequested outcome = event.getOutcome();
    expect(!outcome.getMarket().isEmpty(), "outcome.market");
    expect(outcome.getFillsCount() > 0, "outcome.fills");
    Party taker = party(outcome.getTaker());
    return new Reversal(
        outcome.getInstruction(),
        outcome.getTimeMicros(),
        outcome.getMarket(),
        taker,
        outcome.getFillsList().stream().map(fill -> trade(outcome, fill, taker)).toList(),
        outcome.getReleasesList().stream().map(CancelEvents::release).toList(),
        event.getOrdersAtFaultList().stream()
            .map(OrderAtFault::getOrderId)
            .collect(Collectors.toUnmodifiableSet()));
  }

  private static Trade trade(SettleRequested outcome, Fill fill, Party taker) {
    expect(fill.getTradeId() > 0, "fill.trade_id");
    expect(fill.getQuantityUnits() > 0 && fill.getQuoteUnits() > 0, "fill.quantity_units");
    return new Trade(
        outcome.getMarket(),
        fill.getTradeId(),
        party(fill.getMaker()),
        taker,
        fill.getPriceUnits(),
        fill.getQuantityUnits(),
        fill.getQuoteUnits(),
        outcome.getTimeMicros());
  }

  private static Release release(dev.sagax.proto.event.v1.Release release) {
    return new Release(
        party(release.getOrder()), release.getLeftUnits(), ending(release.getReason()));
  }

  /**
   * A maker that the book itself cancelled ends so, and an order that was replaced; of all others
   * only how much is released.
   */
  private static Ending ending(OrderReason reason) {
    if (reason == OrderReason.ORDER_REASON_REPLACED) {
      return new Ending.Replaced();
    }
    if (reason == OrderReason.ORDER_REASON_WORTH_NOTHING) {
      return new Ending.Cancelled(CancelReason.WORTH_NOTHING);
    }
    return reason == OrderReason.ORDER_REASON_SELF_TRADE
        ? new Ending.Cancelled(CancelReason.SELF_TRADE)
        : new Ending.SettlementFailed();
  }

  private static Party party(OrderRef order) {
    expect(DeterministicId.isWellFormed(order.getOrderId()), "order_id");
    expect(order.getNumber() > 0, "number");
    return new Party(
        order.getNumber(),
        order.getOrderId(),
        order.getAccount(),
        side(order.getSide()),
        order.getFeeBps(),
        order.getLeftInQuote());
  }

  private static Side side(dev.sagax.proto.order.v1.Side side) {
    return switch (side) {
      case SIDE_BUY -> Side.BUY;
      case SIDE_SELL -> Side.SELL;
      case SIDE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("The field side has no value that is known.");
    };
  }

  private static void expect(boolean holds, String field) {
    if (!holds) {
      throw new IllegalArgumentException("The field " + field + " has no value that is known.");
    }
  }
}
