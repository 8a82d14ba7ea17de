package dev.sagax.settle;

import java.util.Map;

/**
 * A part of the ledger, all of it at one moment.
 *
 * @param epoch empty if there is none
 * @param dirty who left the dirty mark; empty if there is none
 * @param marks last applied positions of every log
 * @param holdFields by partition: two for each open hold
 * @param accounts by account and asset, all that were asked for
 * @param holds by order, all that were asked for
 */
public record LedgerPage(
    String epoch,
    String dirty,
    Map<FlowPartition, Long> marks,
    Map<Integer, Long> holdFields,
    Map<String, Long> supply,
    Map<String, Long> fees,
    Map<String, Map<String, Balance>> accounts,
    Map<HoldKey, HoldFields> holds) {

  /** Where a hold is found. */
  public record HoldKey(int partition, String orderId) {}

  /**
   * What the ledger has of a hold.
   *
   * @param heldUnits null if it is not there
   * @param leftUnits what can still be filled; null if it is not there
   */
  public record HoldFields(Long heldUnits, Long leftUnits) {}
}
