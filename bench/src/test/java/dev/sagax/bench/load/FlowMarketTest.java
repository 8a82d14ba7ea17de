package dev.sagax.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.order.Admission;
import dev.sagax.order.MarketRules;
import dev.sagax.order.Side;
import dev.sagax.order.TimeInForce;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowMarketTest {
  private static final int ACCOUNTS = 1_000;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/markets.yaml",
        "/bench-markets.yaml",
        "/dev/sagax/bench/replay/recorded-markets.yaml"
      })
  void everyOrderOfTheLoadIsAdmittedByTheMarket(String file) throws IOException {
    Markets markets = markets(file);
    assertThat(markets.markets()).isNotEmpty();
    for (Market market : markets.markets()) {
      FlowMarket load = FlowMarket.of(market);
      assertThat(load.prices()).hasSize(2 * FlowMarket.SPREAD_TICKS + 1).doesNotHaveDuplicates();
      for (String price : load.prices()) {
        for (String quantity : load.quantities()) {
          assertThatCode(() ->
                  Admission.limit(
                      MarketRules.of(market), Side.BUY, price, quantity, TimeInForce.GTC))
              .as("%s %s @ %s", market.name(), quantity, price)
              .doesNotThrowAnyException();
        }
      }
    }
  }

  @Test
  void theOwnMarketsTradeAroundAHundred() throws IOException {
    FlowMarket market = load(markets("/bench-markets.yaml")).getFirst();

    assertThat(market.prices()).startsWith("99.95", "99.96").endsWith("100.04", "100.05");
    assertThat(market.quantities()).hasSize(20).startsWith("0.01").endsWith("0.2");
  }

  @Test
  void everyAccountCanHoldManyOrdersOfEveryMarketOfAnAsset() throws IOException {
    Markets markets = markets("/bench-markets.yaml");

    Map<String, String> funds = Funds.perAccount(markets, load(markets), ACCOUNTS);

    assertThat(funds).containsEntry("AAA", "20000").containsEntry("USD", "8004000");
  }

  @Test
  void anAssetTooFineForSoManyAccountsIsRefusedByName() {
    Markets markets =
        Markets.parse(
            """
            assets: [{name: WEI, scale: 18}, {name: USD, scale: 6}]
            markets:
              - {name: WEI-USD, base: WEI, quote: USD, tick: 0.01, lot: 0.01, partition: 0, maker_bps: 0, taker_bps: 0}
            """,
            1);

    assertThatThrownBy(() -> Funds.perAccount(markets, load(markets), ACCOUNTS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("enough WEI")
        .hasMessageContaining("18 decimal places");
  }

  private static List<FlowMarket> load(Markets markets) {
    return markets.markets().stream().map(FlowMarket::of).toList();
  }

  private static Markets markets(String resource) throws IOException {
    try (InputStream in = FlowMarketTest.class.getResourceAsStream(resource)) {
      return Markets.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), 4);
    }
  }
}
