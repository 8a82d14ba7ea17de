package dev.sagax.settle;

import java.util.Map;
import java.util.Set;

/**
 * Everything in the ledger.
 *
 * @param marksBefore last applied positions when reading began
 * @param marksAfter the same when it had ended; equal if nothing moved meanwhile
 * @param accounts by account and asset
 * @param holds by order id, or withdrawal
 * @param frozen accounts for which nothing new is held; none if they were not read
 */
public record LedgerImage(
    Map<FlowPartition, Long> marksBefore,
    Map<FlowPartition, Long> marksAfter,
    Map<String, Long> supply,
    Map<String, Long> fees,
    Map<String, Map<String, Balance>> accounts,
    Map<String, HoldFigures> holds,
    Set<String> frozen) {

  /** One in which nobody has looked for frozen accounts. */
  public LedgerImage(
      Map<FlowPartition, Long> marksBefore,
      Map<FlowPartition, Long> marksAfter,
      Map<String, Long> supply,
      Map<String, Long> fees,
      Map<String, Map<String, Balance>> accounts,
      Map<String, HoldFigures> holds) {
    this(marksBefore, marksAfter, supply, fees, accounts, holds, Set.of());
  }

  /** What Redis keeps of an open hold: units held and what is left to be filled. */
  public record HoldFigures(long amountUnits, long leftUnits) {}

  boolean atRest() {
    return marksBefore.equals(marksAfter);
  }
}
