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
                "BTC-USD",
                new Asset("BTC", 8),
                new Asset("USD", 2),
                1,
                10_000,
                500,
                1,
                10,
                20,
                0,
                0));
  }

  @Test
  void aMarketMayHaveABandAndAPriceToBeginWith() {
    Market market =
        Markets.parse(
                GOOD.replace(
                    "taker_bps: 20", "taker_bps: 20, band_bps: 500, reference_price: 99.5"),
                4)
            .market("BTC-USD")
            .orElseThrow();

    assertThat(market.bandBps()).isEqualTo(500);
    assertThat(market.referenceUnits()).isEqualTo(9_950);
  }

  @Test
  void aMarketNeedsNoMinimumNotional() {
    Market market =
        Markets.parse(GOOD.replace(", min_notional: 5", ""), 4).market("BTC-USD").orElseThrow();

    assertThat(market.minNotionalUnits()).isZero();
  }

  @Test
  void anAccountMayHaveFeesOfItsOwnInAMarket() {
    Markets markets =
        Markets.parse(
            GOOD
                + """
                fee_overrides:
                  - {account: mm-1, market: BTC-USD, maker_bps: 0, taker_bps: 5}
                """,
            4);
    Market market = markets.market("BTC-USD").orElseThrow();

    assertThat(markets.fees("mm-1", market)).isEqualTo(new Fees(0, 5));
    assertThat(markets.fees("mm-2", market)).isEqualTo(new Fees(10, 20));
  }

  static Stream<Arguments> feeMistakes() {
    return Stream.of(
        Arguments.of("market: BTC-USD", "market: ETH-USD", "there is no market ETH-USD"),
        Arguments.of("account: mm-1", "account: 'm m'", "an account is"),
        Arguments.of("maker_bps: 0", "maker_bps: -1", "maker_bps of mm-1 must be 0 to 10000"),
        Arguments.of("taker_bps: 5", "taker_bps: 10001", "taker_bps of mm-1 must be 0 to 10000"),
        Arguments.of(", taker_bps: 5", "", "taker_bps"),
        Arguments.of("account: mm-2", "account: mm-1", "mm-1 is listed twice for BTC-USD"));
  }

  @ParameterizedTest
  @MethodSource("feeMistakes")
  void aMistakeInTheFeesIsNamed(String good, String bad, String message) {
    String fees =
        """
        fee_overrides:
          - {account: mm-1, market: BTC-USD, maker_bps: 0, taker_bps: 5}
          - {account: mm-2, market: BTC-USD, maker_bps: 1, taker_bps: 6}
        """;
    assertThat(fees).contains(good);
    String spoilt = GOOD + fees.replaceFirst(java.util.regex.Pattern.quote(good), bad);

    assertThatThrownBy(() -> Markets.parse(spoilt, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
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
        Arguments.of("taker_bps: 20", "taker_bps: 20, band_bps: -1", "band_bps must be 0 to 10000"),
        Arguments.of("taker_bps: 20", "taker_bps: 20, reference_price: 9", "needs a band_bps"),
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
