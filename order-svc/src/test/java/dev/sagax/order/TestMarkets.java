package dev.sagax.order;

import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;

/** Markets for tests: one with plain rules, one whose smallest price is worth less than a unit. */
public final class TestMarkets {
  public static final Markets MARKETS =
      Markets.parse(
          """
          assets:
            - {name: BTC, scale: 8}
            - {name: USD, scale: 6}
            - {name: KRW, scale: 0}
            - {name: PEPE, scale: 2}
          markets:
            - {name: BTC-USD, base: BTC, quote: USD, tick: 0.01, lot: 0.0001, min_notional: 5,
               partition: 0, maker_bps: 10, taker_bps: 20}
            - {name: PEPE-KRW, base: PEPE, quote: KRW, tick: 1, lot: 0.01, min_notional: 0,
               partition: 1, maker_bps: 0, taker_bps: 0}
          """,
          2);

  /** BTC-USD with a tick that 50000 is no multiple of; all else as before. */
  public static final Markets WITH_COARSER_TICK =
      Markets.parse(
          """
          assets:
            - {name: BTC, scale: 8}
            - {name: USD, scale: 6}
          markets:
            - {name: BTC-USD, base: BTC, quote: USD, tick: 7, lot: 0.0001, min_notional: 5,
               partition: 0, maker_bps: 10, taker_bps: 20}
          """,
          2);

  public static final Market BTC_USD = MARKETS.market("BTC-USD").orElseThrow();

  private TestMarkets() {}
}
