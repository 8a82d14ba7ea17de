package dev.sagax.settle;

import dev.sagax.platform.money.Money;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An outcome in terms of money. Per fill the buyer pays the quote units and receives the quantity
 * less its fee, the seller pays the quantity and receives the quote units less its fee: whatever
 * one side pays is what the other receives plus the fee, to the last unit.
 *
 * @param legs one an order, in the order of first appearance
 */
public record Settlement(long position, long timeMicros, List<Leg> legs) {

  public static Settlement of(Outcome outcome) {
    Map<String, Leg> legs = new LinkedHashMap<>();
    for (Outcome.Fill fill : outcome.fills()) {
      add(legs, filled(outcome, outcome.taker(), fill));
      add(legs, filled(outcome, fill.maker(), fill));
    }
    for (Outcome.Release release : outcome.releases()) {
      if (release.leftUnits() > 0) {
        add(legs, released(outcome, release));
      }
    }
    return new Settlement(outcome.position(), outcome.timeMicros(), List.copyOf(legs.values()));
  }

  private static void add(Map<String, Leg> legs, Leg leg) {
    legs.merge(leg.orderId(), leg, Leg::plus);
  }

  private static Leg filled(Outcome outcome, Outcome.Party party, Outcome.Fill fill) {
    long taken = party.leftInQuote() ? fill.quoteUnits() : fill.quantityUnits();
    long paid = buys(party) ? fill.quoteUnits() : fill.quantityUnits();
    long proceeds = buys(party) ? fill.quantityUnits() : fill.quoteUnits();
    long fee = Money.fee(proceeds, party.feeBps());
    return leg(
        outcome,
        party,
        paid,
        proceeds - fee,
        fee,
        taken,
        0,
        fill.quantityUnits(),
        fill.quoteUnits());
  }

  private static Leg released(Outcome outcome, Outcome.Release release) {
    return leg(outcome, release.order(), 0, 0, 0, 0, release.leftUnits(), 0, 0);
  }

  private static Leg leg(
      Outcome outcome,
      Outcome.Party party,
      long pay,
      long receive,
      long fee,
      long settledLeft,
      long releasedLeft,
      long filled,
      long filledQuote) {
    String payAsset = buys(party) ? outcome.quoteAsset() : outcome.baseAsset();
    String receiveAsset = buys(party) ? outcome.baseAsset() : outcome.quoteAsset();
    return new Leg(
        party.orderId(),
        party.account(),
        payAsset,
        pay,
        receiveAsset,
        receive,
        fee,
        settledLeft,
        releasedLeft,
        filled,
        filledQuote);
  }

  private static boolean buys(Outcome.Party party) {
    return party.side() == Outcome.Side.BUY;
  }

  /** Whether it only releases: then the ledger cannot refuse it. */
  public boolean onlyReleases() {
    return legs.stream().allMatch(leg -> leg.payUnits() == 0);
  }

  /** The exchange's fees by asset, only those above zero. */
  public Map<String, Long> fees() {
    Map<String, Long> fees = new TreeMap<>();
    for (Leg leg : legs) {
      if (leg.feeUnits() > 0) {
        fees.merge(leg.receiveAsset(), leg.feeUnits(), Math::addExact);
      }
    }
    return fees;
  }
}
