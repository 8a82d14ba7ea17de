package dev.sagax.order;

import dev.sagax.platform.money.Asset;
import dev.sagax.platform.money.Fees;
import dev.sagax.platform.money.Market;

/**
 * The market rules an order was admitted under, frozen for its life.
 *
 * @param tickUnits prices are whole multiples of this, in quote units per one whole base unit
 * @param lotUnits quantities are whole multiples of this, in base units
 */
public record MarketRules(
    Asset base, Asset quote, long tickUnits, long lotUnits, int makerBps, int takerBps) {

  /** For who pays what everybody pays. */
  public static MarketRules of(Market market) {
    return of(market, new Fees(market.makerBps(), market.takerBps()));
  }

  public static MarketRules of(Market market, Fees fees) {
    return new MarketRules(
        market.base(),
        market.quote(),
        market.tickUnits(),
        market.lotUnits(),
        fees.makerBps(),
        fees.takerBps());
  }
}
