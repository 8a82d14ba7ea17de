package dev.sagax.local.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

/** The markets of the end-to-end tests: many of a kind, so that every test has its own. */
final class TestMarkets {
  /** tick 0.01, lot 0.0001, minimum 1 USD, maker 10, taker 20 basis points. */
  static final int COARSE = 72;

  /** tick 0.000001, lot 0.00000001, no minimum, maker 7, taker 13 basis points. */
  static final int FINE = 40;

  /** As coarse ones, with a price band of 10 %. The first is for {@link #ACCOUNT_WITH_OWN_FEES}. */
  static final int BANDED = 8;

  /** Pays 3 basis points as a maker and 5 as a taker in the first banded market. */
  static final String ACCOUNT_WITH_OWN_FEES = "market-maker";

  private static final int PARTITIONS = 4;

  private static final String ASSETS =
      """
      fee_overrides:
        - {account: market-maker, market: B00-USD, maker_bps: 3, taker_bps: 5}
      assets:
        - {name: BTC, scale: 8}
        - {name: ETH, scale: 8}
        - {name: KRW, scale: 4}
        - {name: USD, scale: 6}
        - {name: XRP, scale: 6}
      markets:
      """;

  private TestMarkets() {}

  static String coarse(int number) {
    return "C%02d-USD".formatted(number);
  }

  static String fine(int number) {
    return "F%02d-USD".formatted(number);
  }

  static String banded(int number) {
    return "B%02d-USD".formatted(number);
  }

  static int partition(String market) {
    return Integer.parseInt(market.substring(1, 3)) % PARTITIONS;
  }

  static Path write(Path file) {
    StringBuilder yaml = new StringBuilder(ASSETS);
    IntStream.range(0, COARSE)
        .forEach(
            n -> yaml.append(row(coarse(n), "tick: 0.01, lot: 0.0001, min_notional: 1", 10, 20)));
    IntStream.range(0, FINE)
        .forEach(n ->
            yaml.append(row(fine(n), "tick: 0.000001, lot: 0.00000001, min_notional: 0", 7, 13)));
    IntStream.range(0, BANDED)
        .forEach(n ->
            yaml.append(
                row(
                    banded(n),
                    "tick: 0.01, lot: 0.0001, min_notional: 1, band_bps: 1000",
                    10,
                    20)));
    try {
      return Files.writeString(file, yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String row(String name, String rules, int makerBps, int takerBps) {
    return "  - {name: %s, base: BTC, quote: USD, %s, partition: %d, maker_bps: %d, taker_bps: %d}\n"
        .formatted(name, rules, partition(name), makerBps, takerBps);
  }
}
