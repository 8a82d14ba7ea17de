package dev.sagax.settle;

/**
 * All that one outcome does to one order.
 *
 * @param payUnits leaves the hold
 * @param receiveUnits becomes available, after the fee
 * @param feeUnits goes to the exchange, in the received asset
 * @param settledLeftUnits what fills take off what is left, in the unit that the hold counts
 * @param releasedLeftUnits what ends without a fill, in the same unit
 * @param filledUnits base units filled
 * @param filledQuoteUnits quote units paid, or received before the fee
 */
public record Leg(
    String orderId,
    String account,
    String payAsset,
    long payUnits,
    String receiveAsset,
    long receiveUnits,
    long feeUnits,
    long settledLeftUnits,
    long releasedLeftUnits,
    long filledUnits,
    long filledQuoteUnits) {

  /** All that is taken off what is left of the order. */
  public long takenLeftUnits() {
    return Math.addExact(settledLeftUnits, releasedLeftUnits);
  }

  /** This leg and more of the same order. */
  Leg plus(Leg more) {
    return new Leg(
        orderId,
        account,
        payAsset,
        Math.addExact(payUnits, more.payUnits),
        receiveAsset,
        Math.addExact(receiveUnits, more.receiveUnits),
        Math.addExact(feeUnits, more.feeUnits),
        Math.addExact(settledLeftUnits, more.settledLeftUnits),
        Math.addExact(releasedLeftUnits, more.releasedLeftUnits),
        Math.addExact(filledUnits, more.filledUnits),
        Math.addExact(filledQuoteUnits, more.filledQuoteUnits));
  }
}
