package dev.sagax.match.saga;

import dev.sagax.match.Outcome;
import dev.sagax.match.Party;
import dev.sagax.match.Release;
import dev.sagax.match.Release.Ending;
import dev.sagax.match.Trade;
import dev.sagax.match.book.BookEvent.CancelReason;
import dev.sagax.match.book.BookEvent.ExpireReason;
import dev.sagax.match.book.Side;
import dev.sagax.platform.money.Market;
import dev.sagax.proto.event.v1.Fill;
import dev.sagax.proto.event.v1.OrderRef;
import dev.sagax.proto.event.v1.SettleRequested;
import dev.sagax.proto.order.v1.OrderReason;
import dev.sagax.proto.order.v1.OrderStatus;

/** Outcomes as records of {@code settle.requested}. */
final class SettleEvents {

  private SettleEvents() {}

  /**
   * @param instruction its position in {@code order.requested}
   */
  static SettleRequested encode(long instruction, long timeMicros, Market market, Outcome outcome) {
    SettleRequested.Builder event =
        SettleRequested.newBuilder()
            .setInstruction(instruction)
            .setTimeMicros(timeMicros)
            .setMarket(market.name())
            .setBaseAsset(market.base().name())
            .setQuoteAsset(market.quote().name());
    switch (outcome) {
      case Outcome.Placed placed -> {
        event.setTaker(ref(placed.taker()));
        placed.trades().forEach(trade -> event.addFills(fill(trade)));
        placed.releases().forEach(release -> event.addReleases(release(release)));
      }
      case Outcome.Cancelled cancelled ->
          event
              .setTaker(ref(cancelled.release().order()))
              .addReleases(release(cancelled.release()));
      case Outcome.Reduced reduced ->
          event.setTaker(ref(reduced.release().order())).addReleases(release(reduced.release()));
      case Outcome.Undone undone -> {
        event.setTaker(ref(undone.taker()));
        undone.releases().forEach(release -> event.addReleases(release(release)));
      }
      case Outcome.NothingLeft nothing ->
          event.setTaker(
              OrderRef.newBuilder().setOrderId(nothing.orderId()).setAccount(nothing.account()));
    }
    return event.build();
  }

  private static OrderRef ref(Party party) {
    return OrderRef.newBuilder()
        .setOrderId(party.orderId())
        .setAccount(party.account())
        .setSide(side(party.side()))
        .setFeeBps(party.feeBps())
        .setLeftInQuote(party.leftInQuote())
        .setNumber(party.number())
        .build();
  }

  private static dev.sagax.proto.order.v1.Side side(Side side) {
    return switch (side) {
      case BUY -> dev.sagax.proto.order.v1.Side.SIDE_BUY;
      case SELL -> dev.sagax.proto.order.v1.Side.SIDE_SELL;
    };
  }

  private static Fill fill(Trade trade) {
    return Fill.newBuilder()
        .setTradeId(trade.id())
        .setMaker(ref(trade.maker()))
        .setPriceUnits(trade.price())
        .setQuantityUnits(trade.quantity())
        .setQuoteUnits(trade.quote())
        .build();
  }

  private static dev.sagax.proto.event.v1.Release release(Release release) {
    return dev.sagax.proto.event.v1.Release.newBuilder()
        .setOrder(ref(release.order()))
        .setLeftUnits(release.left())
        .setStatus(status(release.ending()))
        .setReason(reason(release.ending()))
        .setReduced(release.ending() instanceof Ending.Reduced)
        .build();
  }

  /** Of an order that was reduced and goes on: how it would end if nothing were left after all. */
  private static OrderStatus status(Ending ending) {
    return switch (ending) {
      case Ending.Filled filled -> OrderStatus.ORDER_STATUS_FILLED;
      case Ending.Cancelled cancelled -> OrderStatus.ORDER_STATUS_CANCELLED;
      case Ending.Expired expired -> OrderStatus.ORDER_STATUS_EXPIRED;
      case Ending.Reduced reduced -> OrderStatus.ORDER_STATUS_CANCELLED;
      case Ending.Replaced replaced -> OrderStatus.ORDER_STATUS_CANCELLED;
      case Ending.NothingToReplace nothing -> OrderStatus.ORDER_STATUS_CANCELLED;
      case Ending.MatchFailed failed -> OrderStatus.ORDER_STATUS_CANCELLED;
      case Ending.SettlementFailed failed -> OrderStatus.ORDER_STATUS_CANCELLED;
    };
  }

  private static OrderReason reason(Ending ending) {
    return switch (ending) {
      case Ending.Filled filled -> OrderReason.ORDER_REASON_UNSPECIFIED;
      case Ending.Cancelled cancelled -> reason(cancelled.reason());
      case Ending.Expired expired -> reason(expired.reason());
      case Ending.Reduced reduced -> OrderReason.ORDER_REASON_CANCELLED_BY_OWNER;
      case Ending.Replaced replaced -> OrderReason.ORDER_REASON_REPLACED;
      case Ending.NothingToReplace nothing -> OrderReason.ORDER_REASON_NOTHING_TO_REPLACE;
      case Ending.MatchFailed failed -> OrderReason.ORDER_REASON_MATCH_FAILED;
      case Ending.SettlementFailed failed -> OrderReason.ORDER_REASON_SETTLEMENT_FAILED;
    };
  }

  private static OrderReason reason(CancelReason reason) {
    return switch (reason) {
      case BY_OWNER -> OrderReason.ORDER_REASON_CANCELLED_BY_OWNER;
      case SELF_TRADE -> OrderReason.ORDER_REASON_SELF_TRADE;
      case WORTH_NOTHING -> OrderReason.ORDER_REASON_WORTH_NOTHING;
    };
  }

  private static OrderReason reason(ExpireReason reason) {
    return switch (reason) {
      case WOULD_CROSS -> OrderReason.ORDER_REASON_WOULD_CROSS;
      case IMMEDIATE_OR_CANCEL -> OrderReason.ORDER_REASON_IMMEDIATE_OR_CANCEL;
      case FILL_OR_KILL -> OrderReason.ORDER_REASON_FILL_OR_KILL;
      case INSUFFICIENT_LIQUIDITY -> OrderReason.ORDER_REASON_INSUFFICIENT_LIQUIDITY;
      case BUDGET_BELOW_ONE_LOT -> OrderReason.ORDER_REASON_BUDGET_BELOW_ONE_LOT;
      case SELF_TRADE -> OrderReason.ORDER_REASON_SELF_TRADE;
      case SWEEP_LIMIT -> OrderReason.ORDER_REASON_SWEEP_LIMIT;
      case WORTH_NOTHING -> OrderReason.ORDER_REASON_WORTH_NOTHING;
      case PRICE_OUT_OF_BAND -> OrderReason.ORDER_REASON_PRICE_OUT_OF_BAND;
    };
  }
}
