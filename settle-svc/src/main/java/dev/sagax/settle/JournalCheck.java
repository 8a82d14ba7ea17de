package dev.sagax.settle;

import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks for damage in a journal before a ledger is rebuilt from it: what the audit has kept of it
 * is compared with what it says now, and the ledger that would be written is audited in memory.
 * Changes nothing.
 */
final class JournalCheck {
  private final FrozenJournal journal;

  JournalCheck(FrozenJournal journal) {
    this.journal = journal;
  }

  /** Rows that were changed, deleted or added after the audit had folded them, page by page. */
  Future<JournalScrub.Compared> changes() {
    return new JournalScrub(journal.audited()).round();
  }

  /** What no journal can say, so that the ledger written from it would be refused at the end. */
  Future<List<String>> contradictions() {
    return journal
        .misplaced()
        .compose(misplaced ->
            misplaced.isEmpty()
                ? journal.image().map(JournalCheck::inside).recover(Damage::findings)
                : Future.succeededFuture(misplaced));
  }

  private static List<String> inside(JournalImage folded) {
    return Audit.ofRebuilt(written(folded), folded).findings();
  }

  /** The ledger as the rebuild would write it. */
  private static LedgerImage written(JournalImage folded) {
    Map<String, Map<String, Balance>> accounts = new HashMap<>();
    folded
        .accounts()
        .forEach((account, balances) ->
            balances.forEach((asset, balance) ->
                accounts
                    .computeIfAbsent(account, a -> new HashMap<>())
                    .put(
                        asset,
                        new Balance(
                            asset,
                            balance.available().longValueExact(),
                            balance.held().longValueExact()))));
    Map<String, Long> supply = new HashMap<>();
    Map<String, Long> fees = new HashMap<>();
    folded
        .sums()
        .forEach((asset, sums) ->
            sums.forEach((bucket, units) -> {
              switch (bucket) {
                case EXTERNAL -> supply.put(asset, units.negate().longValueExact());
                case FEES -> fees.put(asset, units.longValueExact());
                case AVAILABLE, HELD -> {}
              }
            }));
    Map<String, LedgerImage.HoldFigures> holds = new HashMap<>();
    folded
        .openHolds()
        .forEach(hold ->
            holds.put(
                hold.orderId(), new LedgerImage.HoldFigures(hold.amountUnits(), hold.leftUnits())));
    return new LedgerImage(
        folded.positions(), folded.positions(), supply, fees, accounts, holds, folded.frozen());
  }
}
