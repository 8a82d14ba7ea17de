package dev.sagax.bench.load;

import dev.sagax.platform.money.Asset;
import dev.sagax.platform.money.Markets;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What every account gets of each asset, so that no order lacks funds. */
final class Funds {
  private static final BigInteger ENOUGH_ORDERS = BigInteger.valueOf(100_000);
  private static final BigInteger TOO_FEW_ORDERS = BigInteger.valueOf(1_000);

  /** Half of what the ledger counts of an asset. */
  private static final BigInteger SUPPLY = BigInteger.ONE.shiftLeft(61);

  private Funds() {}

  /**
   * Decimals by asset: enough to hold 100,000 of the largest orders in every market of the asset.
   *
   * @throws IllegalArgumentException with a sentence that names the asset whose supply, counted in
   *     its smallest units, does not suffice for so many accounts
   */
  static Map<String, String> perAccount(Markets markets, List<FlowMarket> used, int accounts) {
    Map<String, BigInteger> mostUnits = new TreeMap<>();
    for (FlowMarket market : used) {
      mostUnits.merge(market.base(), market.mostBaseUnits(), BigInteger::add);
      mostUnits.merge(market.quote(), market.mostQuoteUnits(), BigInteger::add);
    }
    Map<String, String> funds = new TreeMap<>();
    mostUnits.forEach((name, units) ->
        funds.put(name, funds(markets.asset(name).orElseThrow(), units, accounts)));
    return funds;
  }

  private static String funds(Asset asset, BigInteger units, int accounts) {
    BigInteger orders =
        SUPPLY.divide(units.multiply(BigInteger.valueOf(accounts))).min(ENOUGH_ORDERS);
    if (orders.compareTo(TOO_FEW_ORDERS) < 0) {
      throw new IllegalArgumentException(
          "%,d accounts cannot all have enough %s: the ledger counts it to %d decimal places and so has no room for their sum."
              .formatted(accounts, asset.name(), asset.scale()));
    }
    return asset.format(units.multiply(orders).longValueExact());
  }
}
