package dev.sagax.order;

import java.util.List;

/**
 * What the ledger has settled of one instruction.
 *
 * @param instruction its position in the log of the market's partition
 * @param timeMicros its time
 * @param orderId the order it was about
 * @param orders every order that changed; the instruction's own is missing when nothing of it did
 */
public record Outcome(
    long instruction, long timeMicros, String market, String orderId, List<Settled> orders) {

  public Outcome {
    orders = List.copyOf(orders);
  }

  /**
   * An order in the ledger's cumulative figures, all in units.
   *
   * @param filledUnits base asset bought or sold so far
   * @param filledQuoteUnits quote asset paid or received before the fee
   * @param feeUnits fees, of the received asset
   * @param leftUnits what is left in the unit that was ordered; 0 = it has ended
   * @param status where that puts the order
   * @param reason why it ended
   * @param preventedUnits what this outcome took off it to prevent a self-trade; not cumulative
   * @param reducedUnits what this outcome took off it because its owner reduced it; not cumulative
   */
  public record Settled(
      String orderId,
      long filledUnits,
      long filledQuoteUnits,
      long feeUnits,
      long leftUnits,
      OrderStatus status,
      OrderReason reason,
      long preventedUnits,
      long reducedUnits) {}
}
