package dev.sagax.settle;

import java.util.OptionalLong;

/**
 * An order that funds were held for, in the ledger's cumulative figures.
 *
 * @param heldUnits what is still held
 * @param leftUnits what can still be filled; 0 = the hold has ended
 * @param filledUnits base units filled so far
 * @param filledQuoteUnits quote units paid, or received before the fee, so far
 * @param feeUnits fees so far, in the received asset
 */
public record HeldOrder(
    String orderId,
    String account,
    String asset,
    long heldUnits,
    long leftUnits,
    long filledUnits,
    long filledQuoteUnits,
    long feeUnits) {

  public boolean open() {
    return leftUnits > 0;
  }

  /**
   * This order after a leg of an outcome that only releases. The ledger cannot refuse it, also when
   * its hold is damaged or gone; so these figures count. Where the ledger had less to release, it
   * differs from the journal by what it lost, and the audit says so.
   *
   * @param remainder what the ledger released; empty if it had nothing
   * @throws IllegalStateException if the ledger released more than the journal holds: money from
   *     nowhere must not be spent
   */
  public HeldOrder afterRelease(Leg leg, OptionalLong remainder) {
    if (remainder.orElse(0) > heldUnits) {
      throw new IllegalStateException(
          "the ledger has released %d units of order %s, but the journal holds %d"
              .formatted(remainder.getAsLong(), orderId, heldUnits));
    }
    long left = Math.max(0, leftUnits - leg.takenLeftUnits());
    return new HeldOrder(
        orderId,
        account,
        asset,
        left == 0 ? 0 : heldUnits,
        left,
        filledUnits,
        filledQuoteUnits,
        feeUnits);
  }

  /**
   * This order after a leg.
   *
   * @param remainder what the ledger released because the hold ended
   * @throws IllegalStateException if the ledger's verdict and these figures disagree: a bug, or a
   *     store that went back in time
   * @throws ArithmeticException if a long cannot count the figures any more
   */
  public HeldOrder after(Leg leg, OptionalLong remainder) {
    HeldOrder next =
        new HeldOrder(
            orderId,
            account,
            asset,
            heldUnits - leg.payUnits() - remainder.orElse(0),
            leftUnits - leg.takenLeftUnits(),
            Math.addExact(filledUnits, leg.filledUnits()),
            Math.addExact(filledQuoteUnits, leg.filledQuoteUnits()),
            Math.addExact(feeUnits, leg.feeUnits()));
    boolean ended = next.leftUnits == 0 && next.heldUnits == 0;
    boolean goesOn = next.leftUnits > 0 && next.heldUnits >= 0;
    if (remainder.isPresent() ? !ended : !goesOn) {
      throw new IllegalStateException(
          ("The ledger and its journal disagree on order %s: the journal would have %d units held"
                  + " and %d left, but the ledger says that the hold %s.")
              .formatted(
                  orderId,
                  next.heldUnits,
                  next.leftUnits,
                  remainder.isPresent()
                      ? "ended and released " + remainder.getAsLong() + " units"
                      : "goes on"));
    }
    return next;
  }
}
