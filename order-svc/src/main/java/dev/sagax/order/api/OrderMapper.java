package dev.sagax.order.api;

import dev.sagax.order.Instruction;
import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.MarketRules;
import dev.sagax.order.MarketStatus;
import dev.sagax.order.OrderChange;
import dev.sagax.order.OrderType;
import dev.sagax.platform.money.Asset;
import dev.sagax.platform.money.Money;
import dev.sagax.proto.order.v1.LimitOrder;
import dev.sagax.proto.order.v1.Liquidity;
import dev.sagax.proto.order.v1.MarketBuyOrder;
import dev.sagax.proto.order.v1.MarketSellOrder;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderFill;

/** Orders as their owners see them: decimals instead of units. */
final class OrderMapper {
  private OrderMapper() {}

  static Order toProto(dev.sagax.order.Order order) {
    PlaceOrder request = order.request();
    MarketRules rules = request.rules();
    Asset received = request.type().receivedAsset(rules);
    Order.Builder proto =
        ids(request)
            .setStatusValue(order.status().code)
            .setReasonValue(order.reason().code)
            .setFilledQuantity(rules.base().format(order.filledUnits()))
            .setFilledQuote(rules.quote().format(order.filledQuoteUnits()))
            .setAveragePrice(averagePrice(order.filledQuoteUnits(), order.filledUnits(), rules))
            .setFee(received.format(order.feeUnits()))
            .setFeeAsset(received.name())
            .setRemaining(request.type().orderedAsset(rules).format(remainingUnits(order)))
            .setCreateTime(Times.toTimestamp(request.timeMicros()))
            .setUpdateTime(Times.toTimestamp(order.updateMicros()))
            .setVersion(order.version())
            .setSelfTradePreventionValue(request.selfTrade().code)
            .setPreventedQuantity(request.type().orderedAsset(rules).format(order.preventedUnits()))
            .setReducedQuantity(rules.base().format(order.reducedUnits()))
            .setReplacesOrderId(request.replaces().map(PlaceOrder.Replaces::orderId).orElse(""));
    setType(proto, request.type(), rules);
    return proto.build();
  }

  /** What an order would look like that is not placed. */
  static Order unplaced(PlaceOrder request) {
    return toProto(dev.sagax.order.Order.accepted(request)).toBuilder()
        .clearStatus()
        .clearCreateTime()
        .clearUpdateTime()
        .build();
  }

  static dev.sagax.proto.market.v1.MarketStatus toProto(MarketStatus status) {
    var proto =
        dev.sagax.proto.market.v1.MarketStatus.newBuilder()
            .setMarket(status.market())
            .setStateValue(status.state().code)
            .setReason(status.reason())
            .setSetBy(status.setBy());
    return status.setMicros() == 0
        ? proto.build()
        : proto.setSetTime(Times.toTimestamp(status.setMicros())).build();
  }

  static OrderFill toProto(OrderChange.Filled filled, dev.sagax.order.Order order) {
    MarketRules rules = order.request().rules();
    return OrderFill.newBuilder()
        .setQuantity(rules.base().format(filled.quantityUnits()))
        .setQuote(rules.quote().format(filled.quoteUnits()))
        .setAveragePrice(averagePrice(filled.quoteUnits(), filled.quantityUnits(), rules))
        .setFee(order.request().type().receivedAsset(rules).format(filled.feeUnits()))
        .setLiquidity(filled.maker() ? Liquidity.LIQUIDITY_MAKER : Liquidity.LIQUIDITY_TAKER)
        .build();
  }

  /** What is known of an order whose instruction was only recorded. */
  static Order idsOnly(Instruction instruction) {
    return ids(instruction).build();
  }

  private static Order.Builder ids(Instruction instruction) {
    return Order.newBuilder()
        .setOrderId(instruction.orderId())
        .setMarket(instruction.market())
        .setClientOrderId(instruction.clientOrderId());
  }

  private static long remainingUnits(dev.sagax.order.Order order) {
    return order.closed() ? 0 : order.leftUnits();
  }

  private static String averagePrice(long quoteUnits, long quantityUnits, MarketRules rules) {
    if (quantityUnits == 0) {
      return "";
    }
    return rules
        .quote()
        .format(Money.averagePrice(quoteUnits, quantityUnits, rules.base().unitsPerWhole()));
  }

  private static void setType(Order.Builder proto, OrderType type, MarketRules rules) {
    switch (type) {
      case OrderType.Limit limit ->
          proto.setLimit(
              LimitOrder.newBuilder()
                  .setSideValue(limit.side().code)
                  .setPrice(rules.quote().format(limit.priceUnits()))
                  .setQuantity(rules.base().format(limit.quantityUnits()))
                  .setTimeInForceValue(limit.timeInForce().code));
      case OrderType.MarketBuy buy ->
          proto.setMarketBuy(
              MarketBuyOrder.newBuilder().setQuoteAmount(rules.quote().format(buy.quoteUnits())));
      case OrderType.MarketSell sell ->
          proto.setMarketSell(
              MarketSellOrder.newBuilder().setQuantity(rules.base().format(sell.quantityUnits())));
    }
  }
}
