package dev.sagax.settle;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Checks that every asset is conserved and that ledger and journal say the same. Everything is
 * compared exactly, account by account and hold by hold.
 */
public final class Audit {
  private static final int MAX_FINDINGS = 50;

  private final LedgerImage ledger;
  private final JournalImage journal;
  private final boolean negativesPass;
  private final List<String> findings = new ArrayList<>();
  private final List<AssetFigures> figures = new ArrayList<>();
  private int left = MAX_FINDINGS;

  private Audit(LedgerImage ledger, JournalImage journal, boolean negativesPass) {
    this.ledger = ledger;
    this.journal = journal;
    this.negativesPass = negativesPass;
  }

  public static AuditReport of(LedgerImage ledger, JournalImage journal) {
    return report(new Audit(ledger, journal, false));
  }

  /**
   * As {@link #of}, but of a ledger whose log is not replayed yet: an account may have spent what
   * it receives by a record that comes again, and have less than nothing until then.
   */
  public static AuditReport ofRebuilt(LedgerImage ledger, JournalImage journal) {
    return report(new Audit(ledger, journal, true));
  }

  private static AuditReport report(Audit audit) {
    audit.checkAccounts();
    audit.checkHolds();
    audit.checkFrozen();
    audit.checkEntries();
    audit.checkAssets();
    return new AuditReport(
        List.copyOf(audit.findings),
        List.copyOf(audit.figures),
        audit.journal.entries(),
        audit.sameMoment());
  }

  private void found(String sentence, Object... facts) {
    left--;
    if (left >= 0) {
      findings.add(sentence.formatted(facts));
    } else if (left == -1) {
      findings.add("There are more findings than are listed here.");
    }
  }

  /** Marks and journaled positions are equal. */
  private boolean sameMoment() {
    Map<FlowPartition, Long> journaled = new HashMap<>(journal.positions());
    Map<FlowPartition, Long> applied = new HashMap<>(ledger.marksAfter());
    journaled.entrySet().removeIf(e -> e.getValue() == e.getKey().flow().beforeFirst);
    applied.entrySet().removeIf(e -> e.getValue() == e.getKey().flow().beforeFirst);
    return ledger.atRest() && applied.equals(journaled);
  }

  private void checkAccounts() {
    TreeSet<String> accounts = new TreeSet<>(ledger.accounts().keySet());
    accounts.addAll(journal.accounts().keySet());
    for (String account : accounts) {
      Map<String, Balance> balances = ledger.accounts().getOrDefault(account, Map.of());
      Map<String, JournalImage.Folded> folds = journal.accounts().getOrDefault(account, Map.of());
      TreeSet<String> assets = new TreeSet<>(balances.keySet());
      assets.addAll(folds.keySet());
      for (String asset : assets) {
        checkBalance(
            account,
            balances.getOrDefault(asset, new Balance(asset, 0, 0)),
            folds.getOrDefault(asset, JournalImage.Folded.NOTHING));
      }
    }
  }

  private void checkBalance(String account, Balance balance, JournalImage.Folded folded) {
    if (!negativesPass && (balance.availableUnits() < 0 || balance.heldUnits() < 0)) {
      found(
          "Account %s has %d %s available and %d held, but neither may be negative.",
          account, balance.availableUnits(), balance.asset(), balance.heldUnits());
    }
    if (!folded.available().equals(big(balance.availableUnits()))
        || !folded.held().equals(big(balance.heldUnits()))) {
      found(
          "Account %s has %d %s available and %d held in the ledger, but %s and %s by the journal.",
          account,
          balance.availableUnits(),
          balance.asset(),
          balance.heldUnits(),
          folded.available(),
          folded.held());
    }
  }

  private void checkHolds() {
    Map<String, LedgerImage.HoldFigures> unknown = new HashMap<>(ledger.holds());
    Map<String, BigInteger> sums = new HashMap<>();
    for (OpenHold hold : journal.openHolds()) {
      LedgerImage.HoldFigures inLedger = unknown.remove(hold.orderId());
      var inJournal = new LedgerImage.HoldFigures(hold.amountUnits(), hold.leftUnits());
      if (!inJournal.equals(inLedger)) {
        found(
            "The hold of order %s is %s in the ledger, but %s by the journal.",
            hold.orderId(), inLedger == null ? "missing" : words(inLedger), words(inJournal));
      }
      sums.merge(hold.account() + " in " + hold.asset(), big(hold.amountUnits()), BigInteger::add);
    }
    unknown.forEach((orderId, hold) ->
        found(
            "The hold of order %s is %s in the ledger, but not open by the journal.",
            orderId, words(hold)));
    checkHeldSums(sums);
  }

  private static String words(LedgerImage.HoldFigures hold) {
    return "%d units for %d left".formatted(hold.amountUnits(), hold.leftUnits());
  }

  private void checkHeldSums(Map<String, BigInteger> sums) {
    ledger
        .accounts()
        .forEach((account, balances) ->
            balances.forEach((asset, balance) -> {
              String key = account + " in " + asset;
              BigInteger sum = sums.getOrDefault(key, BigInteger.ZERO);
              if (!sum.equals(big(balance.heldUnits()))) {
                found(
                    "Account %s has %d units held, but its open holds sum to %s.",
                    key, balance.heldUnits(), sum);
              }
            }));
  }

  private void checkFrozen() {
    TreeSet<String> accounts = new TreeSet<>(ledger.frozen());
    accounts.addAll(journal.frozen());
    for (String account : accounts) {
      if (!ledger.frozen().contains(account)) {
        found("Account %s is frozen by the journal, but not in the ledger.", account);
      } else if (!journal.frozen().contains(account)) {
        found("Account %s is frozen in the ledger, but not by the journal.", account);
      }
    }
  }

  private void checkEntries() {
    journal.contradictions().forEach(contradiction -> found("%s", contradiction));
  }

  private void checkAssets() {
    TreeSet<String> assets = new TreeSet<>(ledger.supply().keySet());
    assets.addAll(ledger.fees().keySet());
    assets.addAll(journal.sums().keySet());
    ledger.accounts().values().forEach(balances -> assets.addAll(balances.keySet()));
    journal.openHolds().forEach(hold -> assets.add(hold.asset()));
    assets.forEach(asset -> checkAsset(figuresOf(asset)));
  }

  private AssetFigures figuresOf(String asset) {
    BigInteger available = BigInteger.ZERO;
    BigInteger held = BigInteger.ZERO;
    for (Map<String, Balance> balances : ledger.accounts().values()) {
      Balance balance = balances.get(asset);
      if (balance != null) {
        available = available.add(big(balance.availableUnits()));
        held = held.add(big(balance.heldUnits()));
      }
    }
    BigInteger holds =
        journal.openHolds().stream()
            .filter(hold -> hold.asset().equals(asset))
            .map(this::heldInLedger)
            .reduce(BigInteger.ZERO, BigInteger::add);
    return new AssetFigures(
        asset,
        big(ledger.supply().getOrDefault(asset, 0L)),
        available,
        held,
        big(ledger.fees().getOrDefault(asset, 0L)),
        holds,
        journal.sums().getOrDefault(asset, Map.of()).values().stream()
            .reduce(BigInteger.ZERO, BigInteger::add));
  }

  private BigInteger heldInLedger(OpenHold hold) {
    LedgerImage.HoldFigures figures = ledger.holds().get(hold.orderId());
    return figures == null ? BigInteger.ZERO : big(figures.amountUnits());
  }

  private void checkAsset(AssetFigures f) {
    figures.add(f);
    BigInteger inside = f.available().add(f.held()).add(f.fees());
    if (!f.supply().equals(inside)) {
      found(
          "%s is not conserved: the supply is %s, but available %s + held %s + fees %s = %s.",
          f.asset(), f.supply(), f.available(), f.held(), f.fees(), inside);
    }
    if (!f.held().equals(f.holds())) {
      found("%s held is %s, but the open holds sum to %s.", f.asset(), f.held(), f.holds());
    }
    if (f.journalSum().signum() != 0) {
      found("The journal's entries in %s sum to %s, not to zero.", f.asset(), f.journalSum());
    }
    checkFold(f, Bucket.AVAILABLE, f.available());
    checkFold(f, Bucket.HELD, f.held());
    checkFold(f, Bucket.FEES, f.fees());
    checkFold(f, Bucket.EXTERNAL, f.supply().negate());
  }

  private void checkFold(AssetFigures f, Bucket bucket, BigInteger inLedger) {
    BigInteger folded =
        journal.sums().getOrDefault(f.asset(), Map.of()).getOrDefault(bucket, BigInteger.ZERO);
    if (!folded.equals(inLedger)) {
      found(
          "%s %s is %s in the ledger, but %s by the journal.",
          f.asset(), bucket.name().toLowerCase(java.util.Locale.ROOT), inLedger, folded);
    }
  }

  private static BigInteger big(long units) {
    return BigInteger.valueOf(units);
  }
}
