package dev.sagax.settle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

  /**
   * What is wrong with the ledger as a whole, in whole sentences.
   *
   * @param journaled positions that the journal had before the page was read
   */
  List<String> doubts(Map<FlowPartition, Long> journaled) {
    List<String> doubts = new ArrayList<>();
    if (!dirty.isEmpty()) {
      doubts.add("A script of the ledger broke off midway (%s).".formatted(dirty));
    }
    journaled.forEach((log, position) -> {
      if (marks.getOrDefault(log, position) < position) {
        doubts.add(
            "The ledger has applied %s up to position %d, but the journal has %d: the ledger went back in time."
                .formatted(log, marks.get(log), position));
      }
    });
    return doubts;
  }

  /** What is wrong with the number of a partition's holds, if so many are open by the journal. */
  Optional<String> doubtOfHolds(int partition, long open) {
    long fields = holdFields.get(partition);
    return fields == 2 * open
        ? Optional.empty()
        : Optional.of(
            "Partition %d has %s open holds in the ledger, but %d by the journal."
                .formatted(
                    partition,
                    fields % 2 == 0 ? Long.toString(fields / 2) : fields + " halves of",
                    open));
  }
}
