package dev.sagax.match;

import dev.sagax.platform.money.Markets;

/** The markets of these tests: two in partition 1, one elsewhere. */
public final class Listings {
  public static final int PARTITION = 1;

  private static final int PARTITIONS = 4;
  private static final String YAML =
      """
      assets:
        - {name: BTC, scale: 2}
        - {name: ETH, scale: 0}
        - {name: USD, scale: 2}
      markets:
        - {name: BTC-USD, base: BTC, quote: USD, tick: 0.01, lot: 0.01, min_notional: 1,
           partition: 1, maker_bps: 10, taker_bps: 20}
        - {name: ETH-USD, base: ETH, quote: USD, tick: 0.01, lot: 1, min_notional: 0, partition: 1,
           maker_bps: 0, taker_bps: 0}
        - {name: ETH-BTC, base: ETH, quote: BTC, tick: 0.01, lot: 1, min_notional: 0, partition: 0,
           maker_bps: 0, taker_bps: 0}
      """;

  private Listings() {}

  public static Markets markets() {
    return Markets.parse(YAML, PARTITIONS);
  }

  /** As {@link #markets}, but ETH-USD has a price band. */
  static Markets banded() {
    return Markets.parse(YAML.replace("maker_bps: 0", "maker_bps: 0, band_bps: 300"), PARTITIONS);
  }

  /** An order id whose digits are a number. */
  public static String orderId(long number) {
    return "%032x".formatted(number);
  }
}
