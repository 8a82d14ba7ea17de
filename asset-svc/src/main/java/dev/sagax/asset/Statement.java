package dev.sagax.asset;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far an account statement is read: a place in each log that did something to the account, and
 * the balances up to there. So reading on needs nothing but this, however much comes meanwhile.
 */
public record Statement(
    Map<AccountEntry.Log, AccountEntry.Place> places, Map<String, BalanceView> balances) {
  /** Before the first entry. */
  public static final Statement BEGIN = new Statement(Map.of(), Map.of());

  public Statement {
    places = Map.copyOf(places);
    balances = Map.copyOf(balances);
  }

  /** Whether it has read no further, in any log, than this other one. */
  public boolean isNotBeyond(Statement other) {
    return places.entrySet().stream()
        .allMatch(place -> {
          AccountEntry.Place there = other.places.get(place.getKey());
          return there != null && place.getValue().position() <= there.position();
        });
  }

  /**
   * The statement behind its next entry.
   *
   * @throws ArithmeticException if a balance cannot be counted: its place was made up
   */
  public Statement after(AccountEntry entry) {
    Map<AccountEntry.Log, AccountEntry.Place> further = new HashMap<>(places);
    further.put(entry.log(), entry.place());
    Map<String, BalanceView> now = new TreeMap<>(balances);
    for (AccountEntry.Change change : entry.changes()) {
      BalanceView before = now.getOrDefault(change.asset(), BalanceView.none(change.asset()));
      now.put(
          change.asset(),
          new BalanceView(
              change.asset(),
              Math.addExact(before.availableUnits(), change.availableUnits()),
              Math.addExact(before.heldUnits(), change.heldUnits())));
    }
    return new Statement(further, now);
  }
}
