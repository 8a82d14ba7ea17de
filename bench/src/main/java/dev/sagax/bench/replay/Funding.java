package dev.sagax.bench.replay;

import dev.sagax.bench.replay.Instruction.Place;
import dev.sagax.bench.replay.Instruction.Side;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the owners need so that every order of a file can be held, even if none were ever cancelled:
 * buys need price x quantity of the quote asset, sells the quantity of the base asset.
 */
final class Funding {

  private Funding() {}

  /** Funds of one owner in one asset. */
  record Need(Owner owner, String asset) implements Comparable<Need> {
    @Override
    public int compareTo(Need other) {
      int byOwner = owner.compareTo(other.owner);
      return byOwner != 0 ? byOwner : asset.compareTo(other.asset);
    }
  }

  /** The sums, exact; each order rounded up to the scale of its asset, as the ledger holds it. */
  static Map<Need, BigDecimal> of(List<Place> places, Map<String, MarketRules> markets) {
    Map<Need, BigDecimal> needs = new TreeMap<>();
    for (Place place : places) {
      MarketRules market = markets.get(place.market());
      boolean buy = place.side() == Side.BUY;
      BigDecimal amount =
          buy
              ? place.notional().setScale(market.quoteScale(), RoundingMode.UP)
              : new BigDecimal(place.quantity());
      needs.merge(
          new Need(place.owner(), buy ? market.quoteAsset() : market.baseAsset()),
          amount,
          BigDecimal::add);
    }
    needs.replaceAll((need, amount) -> amount.stripTrailingZeros());
    return needs;
  }
}
