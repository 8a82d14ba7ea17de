package dev.sagax.platform.money;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MarketsTest {
  private static final String GOOD =
      """
      assets:
        - {name: BTC, scale: 8}
        - {name: USD, scale: 2}
      markets:
        - {name: BTC-USD, base: BTC, quote: USD, tick: 0.01, lot: 0.0001, min_notional: 5, partition: 1, maker_bps: 10, taker_bps: 20}
      """;

  @Test
  void aMarketIsReadInUnits() {
    Market market = Markets.parse(GOOD, 4).market("BTC-USD").orElseThrow();

    assertThat(market)
        .isEqualTo(
            new Market(
                "BTC-USD", new Asset("BTC", 8), new Asset("USD", 2), 1, 10_000, 500, 1, 10, 20));
  }

  @Test
  void aMarketNeedsNoMinimumNotional() {
    Market market =
        Markets.parse(GOOD.replace(", min_notional: 5", ""), 4).market("BTC-USD").orElseThrow();

    assertThat(market.minNotionalUnits()).isZero();
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        Arguments.of("scale: 8", "scale: 19", "scale must be 0 to 18"),
        Arguments.of("name: USD", "name: usd", "a name is 1 to 16 of A-Z"),
        Arguments.of("name: USD", "name: BTC", "listed twice"),
        Arguments.of("name: BTC-USD", "name: BTCUSD", "a name is BASE-QUOTE"),
        Arguments.of("base: BTC", "base: ETH", "there is no asset ETH"),
        Arguments.of("quote: USD", "quote: BTC", "base and quote must differ"),
        Arguments.of("tick: 0.01", "tick: 0.001", "does not fit the scale 2 of USD"),
        Arguments.of("tick: 0.01", "tick: 0", "tick must be above zero"),
        Arguments.of("lot: 0.0001", "lot: -1", "must not be negative"),
        Arguments.of("partition: 1", "partition: 4", "partition must be 0 to 3"),
        Arguments.of("maker_bps: 10", "maker_bps: 10001", "maker_bps must be 0 to 10000"),
        Arguments.of("taker_bps: 20", "taker_bbs: 20", "taker_b"),
        Arguments.of(", partition: 1", "", "partition"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aMistakeIsNamed(String good, String bad, String message) {
    assertThat(GOOD).contains(good);
    assertThatThrownBy(() -> Markets.parse(GOOD.replace(good, bad), 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
