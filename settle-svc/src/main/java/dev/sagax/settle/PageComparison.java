package dev.sagax.settle;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Compares pages of the ledger with the journal, each at the moment of the page: the checkpoint
 * plus all lines up to the positions that were applied when the page was read. So it is exact while
 * everything moves.
 */
final class PageComparison {
  private final Checkpoint checkpoint;
  private final List<LedgerPage> pages;
  private final Map<String, LedgerPage> pageOf = new HashMap<>();
  private final Map<String, Map<String, JournalImage.Folded>> moved = new HashMap<>();
  private final Map<String, Sums> sumsMoved = new HashMap<>();
  private final Map<FlowPartition, Long> holdsMoved = new HashMap<>();
  private final List<String> findings = new ArrayList<>();

  /**
   * @param pages one at least; they were read one after the other
   */
  PageComparison(Checkpoint checkpoint, List<LedgerPage> pages) {
    this.checkpoint = checkpoint;
    this.pages = pages;
    pages.forEach(page -> page.accounts().keySet().forEach(account -> pageOf.put(account, page)));
  }

  /** A line between the checkpoint and the last page. */
  void add(FlowPartition log, JournalLine line) {
    if (line.position() <= pages.getFirst().marks().get(log)) {
      line.moves().forEach(move -> sumsMoved.merge(move.asset(), move.ofExchange(), Sums::plus));
      holdsMoved.merge(log, (long) line.holds(), Math::addExact);
    }
    LedgerPage page = pageOf.get(line.account());
    if (page != null && line.position() <= page.marks().get(log)) {
      line.moves()
          .forEach(move ->
              moved
                  .computeIfAbsent(line.account(), a -> new TreeMap<>())
                  .merge(move.asset(), move.ofAccount(), JournalImage.Folded::plus));
    }
  }

  /**
   * What is wrong, in whole sentences.
   *
   * @param balances of the checkpoint, of the pages' accounts
   * @param sums of the checkpoint
   */
  List<String> findings(
      Map<String, Map<String, JournalImage.Folded>> balances, Map<String, Sums> sums) {
    Map<FlowPartition, Long> journaled = new HashMap<>();
    checkpoint.marks().forEach((log, mark) -> journaled.put(log, mark.position()));
    pages.forEach(page -> findings.addAll(page.doubts(journaled)));
    pages.forEach(page ->
        page.accounts()
            .forEach((account, inLedger) ->
                checkAccount(account, inLedger, balances.getOrDefault(account, Map.of()))));
    checkSums(sums);
    checkHoldCounts();
    return findings;
  }

  private void checkAccount(
      String account, Map<String, Balance> inLedger, Map<String, JournalImage.Folded> folded) {
    Map<String, JournalImage.Folded> lines = moved.getOrDefault(account, Map.of());
    TreeSet<String> assets = new TreeSet<>(inLedger.keySet());
    assets.addAll(folded.keySet());
    assets.addAll(lines.keySet());
    for (String asset : assets) {
      Balance ledger = inLedger.getOrDefault(asset, new Balance(asset, 0, 0));
      JournalImage.Folded journal =
          folded
              .getOrDefault(asset, JournalImage.Folded.NOTHING)
              .plus(lines.getOrDefault(asset, JournalImage.Folded.NOTHING));
      if (!journal.equals(JournalImage.Folded.of(ledger))) {
        found(
            "Account %s has %d %s available and %d held in the ledger, but %s and %s by the journal.",
            account,
            ledger.availableUnits(),
            asset,
            ledger.heldUnits(),
            journal.available(),
            journal.held());
      } else if (ledger.availableUnits() < 0 || ledger.heldUnits() < 0) {
        found(
            "Account %s has %d %s available and %d held, but neither may be negative.",
            account, ledger.availableUnits(), asset, ledger.heldUnits());
      }
    }
  }

  private void checkSums(Map<String, Sums> folded) {
    LedgerPage page = pages.getFirst();
    TreeSet<String> assets = new TreeSet<>(folded.keySet());
    assets.addAll(sumsMoved.keySet());
    assets.addAll(page.supply().keySet());
    assets.addAll(page.fees().keySet());
    for (String asset : assets) {
      Sums sums =
          folded
              .getOrDefault(asset, Sums.NOTHING)
              .plus(sumsMoved.getOrDefault(asset, Sums.NOTHING));
      long supply = page.supply().getOrDefault(asset, 0L);
      long fees = page.fees().getOrDefault(asset, 0L);
      BigInteger deposited = sums.external().negate();
      if (!deposited.equals(BigInteger.valueOf(supply))
          || !sums.fees().equals(BigInteger.valueOf(fees))) {
        found(
            "%s has a supply of %d and fees of %d in the ledger, but %s and %s by the journal.",
            asset, supply, fees, deposited, sums.fees());
      }
    }
  }

  private void checkHoldCounts() {
    LedgerPage page = pages.getFirst();
    page.holdFields()
        .keySet()
        .forEach(partition -> {
          long open =
              Math.addExact(
                  Math.subtractExact(
                      holds(new FlowPartition(Flow.HOLD, partition)),
                      holds(new FlowPartition(Flow.SETTLE, partition))),
                  holds(new FlowPartition(Flow.TRANSFER, partition)));
          page.doubtOfHolds(partition, open).ifPresent(findings::add);
        });
  }

  private long holds(FlowPartition log) {
    return Math.addExact(checkpoint.mark(log).holds(), holdsMoved.getOrDefault(log, 0L));
  }

  private void found(String sentence, Object... facts) {
    findings.add(sentence.formatted(facts));
  }
}
