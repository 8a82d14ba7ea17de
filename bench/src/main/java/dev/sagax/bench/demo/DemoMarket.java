package dev.sagax.bench.demo;

import dev.sagax.local.LocalExchange;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The one market of the demo: its figures hold for these rules and no others. */
final class DemoMarket {

  private DemoMarket() {}

  /**
   * Checks a markets file before anything is started. Only the partition may be another.
   *
   * @throws IllegalArgumentException with a sentence that says what is missing or different
   */
  static void check(Path file) {
    Market builtIn = builtIn();
    Market given =
        Markets.load(file, LocalExchange.PARTITIONS)
            .market(Demo.MARKET)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "The demo trades %s, and the markets file %s has no such market."
                        .formatted(Demo.MARKET, file)));
    if (!rules(given).equals(rules(builtIn))) {
      throw new IllegalArgumentException(
          "The demo's figures are computed by hand for %s with %s, but the markets file %s has it with %s."
              .formatted(Demo.MARKET, rules(builtIn), file, rules(given)));
    }
  }

  /**
   * The partition of the market.
   *
   * @param file null for the built-in markets
   */
  static int partition(Path file) {
    Market market =
        file == null
            ? builtIn()
            : Markets.load(file, LocalExchange.PARTITIONS).market(Demo.MARKET).orElseThrow();
    return market.partition();
  }

  private static Market builtIn() {
    try (InputStream in = LocalExchange.class.getResourceAsStream("/markets.yaml")) {
      String yaml = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Markets.parse(yaml, LocalExchange.PARTITIONS).market(Demo.MARKET).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String rules(Market market) {
    return "base %s (scale %d), quote %s (scale %d), tick %s, lot %s, min_notional %s, maker_bps %d, taker_bps %d"
        .formatted(
            market.base().name(),
            market.base().scale(),
            market.quote().name(),
            market.quote().scale(),
            market.quote().format(market.tickUnits()),
            market.base().format(market.lotUnits()),
            market.quote().format(market.minNotionalUnits()),
            market.makerBps(),
            market.takerBps());
  }
}
