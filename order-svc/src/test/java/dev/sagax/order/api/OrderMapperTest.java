package dev.sagax.order.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.MarketRules;
import dev.sagax.order.MarketState;
import dev.sagax.order.Order;
import dev.sagax.order.OrderReason;
import dev.sagax.order.OrderStatus;
import dev.sagax.order.OrderType;
import dev.sagax.order.Outcome.Settled;
import dev.sagax.order.SelfTrade;
import dev.sagax.order.Side;
import dev.sagax.order.TestMarkets;
import dev.sagax.order.TimeInForce;
import org.junit.jupiter.api.Test;

class OrderMapperTest {

  @Test
  void aFreshLimitBuyShowsWhatWasOrdered() {
    var shown = OrderMapper.toProto(Order.accepted(request(limit(Side.BUY))));

    assertThat(shown.getStatus().name()).isEqualTo("ORDER_STATUS_ACCEPTED");
    assertThat(shown.getLimit().getPrice()).isEqualTo("50000.5");
    assertThat(shown.getLimit().getQuantity()).isEqualTo("0.03");
    assertThat(shown.getLimit().getTimeInForce().name()).isEqualTo("TIME_IN_FORCE_POST_ONLY");
    assertThat(shown.getRemaining()).isEqualTo("0.03");
    assertThat(shown.getFilledQuantity()).isEqualTo("0");
    assertThat(shown.getFilledQuote()).isEqualTo("0");
    assertThat(shown.getAveragePrice()).isEmpty();
    assertThat(shown.getFee()).isEqualTo("0");
    assertThat(shown.getFeeAsset()).isEqualTo("BTC");
    assertThat(shown.getVersion()).isZero();
    assertThat(shown.getCreateTime().getSeconds()).isEqualTo(1);
    assertThat(shown.getCreateTime().getNanos()).isEqualTo(500_001_000);
  }

  @Test
  void theAveragePriceIsRoundedDownToTheQuoteScale() {
    Order filled =
        Order.open(request(limit(Side.SELL)), 0, 1)
            .settled(settled(3_000_000, 20_000_000, 2_000, 0), 0, 2_000_000);

    var shown = OrderMapper.toProto(filled);

    assertThat(shown.getFilledQuantity()).isEqualTo("0.03");
    assertThat(shown.getFilledQuote()).isEqualTo("20");
    assertThat(shown.getAveragePrice()).isEqualTo("666.666666");
    assertThat(shown.getFee()).isEqualTo("0.002");
    assertThat(shown.getFeeAsset()).isEqualTo("USD");
    assertThat(shown.getRemaining()).isEqualTo("0");
    assertThat(shown.getUpdateTime().getSeconds()).isEqualTo(2);
  }

  @Test
  void aMarketBuyCountsWhatRemainsInQuote() {
    var shown = OrderMapper.toProto(Order.open(request(new OrderType.MarketBuy(7_500_000)), 0, 1));

    assertThat(shown.getMarketBuy().getQuoteAmount()).isEqualTo("7.5");
    assertThat(shown.getRemaining()).isEqualTo("7.5");
    assertThat(shown.getFeeAsset()).isEqualTo("BTC");
  }

  @Test
  void whatWasPreventedIsCountedAsItWasOrdered() {
    var shown =
        OrderMapper.toProto(
            Order.open(request(new OrderType.MarketBuy(7_500_000)), 0, 1)
                .settled(
                    new Settled(
                        "0".repeat(32),
                        1_000,
                        500_000,
                        1,
                        0,
                        OrderStatus.EXPIRED,
                        OrderReason.SELF_TRADE,
                        7_000_000,
                        0),
                    0,
                    2_000_000));

    assertThat(shown.getSelfTradePrevention().name())
        .isEqualTo("SELF_TRADE_PREVENTION_CANCEL_TAKER");
    assertThat(shown.getPreventedQuantity()).isEqualTo("7");
    assertThat(shown.getFilledQuote()).isEqualTo("0.5");
    assertThat(shown.getRemaining()).isEqualTo("0");
  }

  @Test
  void everyStatusReasonSideAndTimeInForceHasItsNameInTheContract() {
    for (OrderStatus status : OrderStatus.values()) {
      assertThat(dev.sagax.proto.order.v1.OrderStatus.forNumber(status.code).name())
          .isEqualTo("ORDER_STATUS_" + status);
    }
    for (OrderReason reason : OrderReason.values()) {
      String name = reason == OrderReason.NONE ? "UNSPECIFIED" : reason.name();
      assertThat(dev.sagax.proto.order.v1.OrderReason.forNumber(reason.code).name())
          .isEqualTo("ORDER_REASON_" + name);
    }
    for (Side side : Side.values()) {
      assertThat(dev.sagax.proto.order.v1.Side.forNumber(side.code).name())
          .isEqualTo("SIDE_" + side);
    }
    for (TimeInForce each : TimeInForce.values()) {
      assertThat(dev.sagax.proto.order.v1.TimeInForce.forNumber(each.code).name())
          .isEqualTo("TIME_IN_FORCE_" + each);
    }
    for (SelfTrade each : SelfTrade.values()) {
      assertThat(dev.sagax.proto.order.v1.SelfTradePrevention.forNumber(each.code).name())
          .isEqualTo("SELF_TRADE_PREVENTION_" + each);
    }
    for (MarketState each : MarketState.values()) {
      assertThat(dev.sagax.proto.market.v1.MarketState.forNumber(each.code).name())
          .isEqualTo("MARKET_STATE_" + each);
    }
    assertThat(MarketState.values()).hasSize(count(dev.sagax.proto.market.v1.MarketState.values()));
    assertThat(TimeInForce.values()).hasSize(count(dev.sagax.proto.order.v1.TimeInForce.values()));
    assertThat(SelfTrade.values())
        .hasSize(count(dev.sagax.proto.order.v1.SelfTradePrevention.values()));
    assertThat(OrderStatus.values()).hasSize(count(dev.sagax.proto.order.v1.OrderStatus.values()));
    assertThat(OrderReason.values())
        .hasSize(count(dev.sagax.proto.order.v1.OrderReason.values()) + 1);
  }

  /** Without the unspecified and the unrecognized one. */
  private static int count(Object[] protoValues) {
    return protoValues.length - 2;
  }

  private static OrderType limit(Side side) {
    return new OrderType.Limit(side, 50_000_500_000L, 3_000_000, TimeInForce.POST_ONLY);
  }

  private static PlaceOrder request(OrderType type) {
    return new PlaceOrder(
        "0".repeat(32),
        "alice",
        "BTC-USD",
        "c1",
        1_500_001,
        type,
        MarketRules.of(TestMarkets.BTC_USD),
        SelfTrade.CANCEL_TAKER);
  }

  private static Settled settled(long filled, long quote, long fee, long left) {
    return new Settled(
        "0".repeat(32), filled, quote, fee, left, OrderStatus.FILLED, OrderReason.NONE, 0, 0);
  }
}
