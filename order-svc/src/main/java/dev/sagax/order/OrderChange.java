package dev.sagax.order;

import java.util.Optional;

/**
 * What an outcome made of an order.
 *
 * @param before the same as after if it changed nothing
 */
public record OrderChange(Order before, Order after) {

  /**
   * What was filled of the order by it.
   *
   * @param quantityUnits base asset bought or sold
   * @param quoteUnits quote asset paid or received before the fee
   * @param feeUnits its fee, of the received asset
   * @param maker whether the order rested
   */
  public record Filled(long quantityUnits, long quoteUnits, long feeUnits, boolean maker) {}

  public boolean isNone() {
    return before.version() == after.version();
  }

  /** The ledger's figures are cumulative, so the difference is what this outcome has settled. */
  public Optional<Filled> filled(boolean maker) {
    long quantityUnits = after.filledUnits() - before.filledUnits();
    return quantityUnits == 0
        ? Optional.empty()
        : Optional.of(
            new Filled(
                quantityUnits,
                after.filledQuoteUnits() - before.filledQuoteUnits(),
                after.feeUnits() - before.feeUnits(),
                maker));
  }
}
