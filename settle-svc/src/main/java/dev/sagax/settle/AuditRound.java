package dev.sagax.settle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * What the next passes look at: first what has moved, beside it a part of everything else, so that
 * all is seen in a round. Belongs to the one audit that runs.
 */
final class AuditRound {
  /** So many passes see every account and every open hold. */
  static final int PASSES = 60;

  /** What has moved beyond these waits for the next pass, or for its turn in the round. */
  static final int MOST_ACCOUNTS = 5_000;

  private static final int MOST_ORDERS = 500;
  private static final int MOST_WAITING = 200_000;

  private final LinkedHashSet<String> movedAccounts = new LinkedHashSet<>();
  private final LinkedHashSet<LedgerPage.HoldKey> movedOrders = new LinkedHashSet<>();

  private Place place = new Place();

  /** Where the round goes on. */
  static final class Place {
    String account = "";
    String accountScan = LedgerPages.Scanned.START;
    final Map<Integer, String> holdScans = new HashMap<>();

    /** So many accounts and holds a pass. */
    long accountsAPass = MOST_ORDERS;

    final Map<Integer, Integer> holdsAPass = new HashMap<>();

    int someAccounts() {
      return Math.toIntExact(Math.min(accountsAPass, MOST_ACCOUNTS));
    }

    private Place copy() {
      Place copy = new Place();
      copy.account = account;
      copy.accountScan = accountScan;
      copy.holdScans.putAll(holdScans);
      copy.accountsAPass = accountsAPass;
      copy.holdsAPass.putAll(holdsAPass);
      return copy;
    }
  }

  /** A place to move on from; it counts when it comes back with {@link #seen}. */
  Place place() {
    return place.copy();
  }

  void moved(FlowPartition log, JournalLine line) {
    if (movedAccounts.size() < MOST_WAITING) {
      movedAccounts.add(line.account());
    }
    boolean ofHold = log.flow() != Flow.TRANSFER || line.holds() != 0;
    if (ofHold && movedOrders.size() < MOST_ORDERS) {
      movedOrders.add(new LedgerPage.HoldKey(log.partition(), line.subject()));
    }
  }

  List<String> someMovedAccounts() {
    return movedAccounts.stream().limit(MOST_ACCOUNTS).toList();
  }

  List<LedgerPage.HoldKey> movedOrders() {
    return new ArrayList<>(movedOrders);
  }

  /** All of these were compared, and what lies before the place. */
  void seen(Place next, List<String> accounts, List<LedgerPage.HoldKey> orders) {
    place = next;
    accounts.forEach(movedAccounts::remove);
    orders.forEach(movedOrders::remove);
  }
}
