package dev.sagax.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OrderTypeTest {
  private final MarketRules rules = MarketRules.of(TestMarkets.BTC_USD);

  @Test
  void aLimitBuyHoldsItsPriceTimesItsQuantityRoundedUp() {
    // 0.0001 BTC at 0.015 USD is 1.5 millionths of a USD: two units.
    var buy = new OrderType.Limit(Side.BUY, 15_000, 10_000, TimeInForce.GTC);

    assertThat(buy.holdUnits(rules)).isEqualTo(2);
    assertThat(buy.paidAsset(rules).name()).isEqualTo("USD");
    assertThat(buy.receivedAsset(rules).name()).isEqualTo("BTC");
    assertThat(buy.amountUnits()).isEqualTo(10_000);
  }

  @Test
  void aMarketBuyHoldsWhatItMaySpend() {
    var buy = new OrderType.MarketBuy(7_000_000);

    assertThat(buy.holdUnits(rules)).isEqualTo(7_000_000);
    assertThat(buy.paidAsset(rules).name()).isEqualTo("USD");
    assertThat(buy.orderedAsset(rules).name()).isEqualTo("USD");
  }

  @Test
  void sellsHoldTheirQuantity() {
    var limit = new OrderType.Limit(Side.SELL, 15_000, 10_000, TimeInForce.IOC);
    var market = new OrderType.MarketSell(20_000);

    assertThat(limit.holdUnits(rules)).isEqualTo(10_000);
    assertThat(market.holdUnits(rules)).isEqualTo(20_000);
    assertThat(limit.paidAsset(rules).name()).isEqualTo("BTC");
    assertThat(market.receivedAsset(rules).name()).isEqualTo("USD");
  }

  @Test
  void differencesNameTheFieldsOfTheRequest() {
    var limit = new OrderType.Limit(Side.BUY, 100, 10, TimeInForce.GTC);

    assertThat(limit.differences(new OrderType.Limit(Side.BUY, 100, 10, TimeInForce.GTC)))
        .isEmpty();
    assertThat(limit.differences(new OrderType.Limit(Side.SELL, 101, 11, TimeInForce.IOC)))
        .isEqualTo(List.of("limit.side", "limit.price", "limit.quantity", "limit.time_in_force"));
    assertThat(limit.differences(new OrderType.MarketBuy(10))).containsExactly("type");
    assertThat(new OrderType.MarketBuy(10).differences(new OrderType.MarketBuy(11)))
        .containsExactly("market_buy.quote_amount");
    assertThat(new OrderType.MarketSell(10).differences(new OrderType.MarketSell(11)))
        .containsExactly("market_sell.quantity");
    assertThat(new OrderType.MarketSell(10).differences(new OrderType.MarketSell(10))).isEmpty();
  }
}
