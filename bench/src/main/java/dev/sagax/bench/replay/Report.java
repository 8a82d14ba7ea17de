package dev.sagax.bench.replay;

import dev.sagax.bench.replay.Funding.Need;
import dev.sagax.bench.replay.Replay.Snapshot;
import dev.sagax.proto.ledger.v1.AuditResponse;
import dev.sagax.proto.order.v1.OrderStatus;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Tells the user how a replay goes and whether all is as it should be. */
final class Report {
  private static final int SHOWN_DIFFERENCES = 10;

  private final PrintWriter out;
  private final OrderFile orders;
  private final Map<String, List<RecordedTrade>> expectedTrades;
  private final Map<BookSide, Map<BigDecimal, BigDecimal>> expectedBook;

  /**
   * @param expectedTrades null to compare none
   * @param expectedBook null to compare none
   */
  Report(
      PrintWriter out,
      OrderFile orders,
      Map<String, List<RecordedTrade>> expectedTrades,
      Map<BookSide, Map<BigDecimal, BigDecimal>> expectedBook) {
    this.out = out;
    this.orders = orders;
    this.expectedTrades = expectedTrades;
    this.expectedBook = expectedBook;
  }

  void opening() {
    int places = orders.places().size();
    print(
        "Replaying %s: %,d instructions in %d markets (%,d placements, %,d cancels)",
        orders.file(),
        orders.instructions().size(),
        orders.byMarket().size(),
        places,
        orders.instructions().size() - places);
  }

  void funded(Map<Need, BigDecimal> needs) {
    for (Owner owner : Owner.values()) {
      String funds =
          needs.entrySet().stream()
              .filter(entry -> entry.getKey().owner() == owner)
              .map(entry -> entry.getValue().toPlainString() + " " + entry.getKey().asset())
              .collect(Collectors.joining(", "));
      if (!funds.isEmpty()) {
        print("  %s has deposited %s", owner.account, funds);
      }
    }
  }

  Progress progress(long total) {
    return new ProgressLine(out, ProgressLine.onTerminal(), total);
  }

  /** Says what has changed and whether it is right; true if all is. */
  boolean closing(Snapshot before, Snapshot after, AuditResponse audit) {
    boolean right = orders(after);
    right &= trades(after);
    right &= book(after);
    right &= conserved(audit);
    print("");
    changes(before, after);
    print(right ? "All is as it should be." : "NOT all is as it should be.");
    return right;
  }

  private boolean orders(Snapshot after) {
    int places = orders.places().size();
    int undecided = count(after, OrderStatus.ORDER_STATUS_ACCEPTED);
    int rejected = count(after, OrderStatus.ORDER_STATUS_REJECTED);
    boolean right = after.placed() == places && undecided == 0 && rejected == 0;
    String statuses =
        after.statuses().entrySet().stream()
            .map(entry -> "%,d %s".formatted(entry.getValue(), word(entry.getKey())))
            .collect(Collectors.joining(", "));
    verdict("orders", "%,d of %,d: %s".formatted(after.placed(), places, statuses), right);
    return right;
  }

  private static int count(Snapshot snapshot, OrderStatus status) {
    return snapshot.statuses().getOrDefault(status, 0);
  }

  private static String word(OrderStatus status) {
    return status.name().replace("ORDER_STATUS_", "").toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private boolean trades(Snapshot after) {
    String made = "%,d".formatted(after.tradeCount());
    if (expectedTrades == null) {
      print("  %-8s %s (not compared: no --expect-trades)", "trades", made);
      return true;
    }
    return equal("trades", made, Comparison.ofTrades(expectedTrades, after.trades()));
  }

  private boolean book(Snapshot after) {
    String levels = "%,d levels".formatted(after.levelCount());
    if (expectedBook == null) {
      print("  %-8s %s (not compared: no --expect-book)", "book", levels);
      return true;
    }
    return equal("book", levels, Comparison.ofBooks(expectedBook, after.books()));
  }

  private boolean equal(String what, String found, List<String> differences) {
    boolean right = differences.isEmpty();
    String result =
        right ? ", exactly as recorded" : ", %,d differences".formatted(differences.size());
    verdict(what, found + result, right);
    differences.stream().limit(SHOWN_DIFFERENCES).forEach(line -> print("           %s", line));
    if (differences.size() > SHOWN_DIFFERENCES) {
      print("           and %,d more", differences.size() - SHOWN_DIFFERENCES);
    }
    return right;
  }

  private boolean conserved(AuditResponse audit) {
    String found =
        "%d assets, %,d journal entries, %s"
            .formatted(
                audit.getAssetsCount(),
                audit.getJournalEntries(),
                audit.getConserved() ? "every asset conserved" : "NOT conserved");
    verdict("audit", found, audit.getConserved());
    audit.getFindingsList().forEach(finding -> print("           %s", finding));
    return audit.getConserved();
  }

  private void changes(Snapshot before, Snapshot after) {
    int places = orders.places().size();
    boolean same =
        before.tradeCount() == after.tradeCount() && before.books().equals(after.books());
    if (before.placed() == places && same) {
      print(
          "Replayed again: nothing changed (all %,d placements were known, no new trade).", places);
    } else {
      print(
          "Trades: %,d before, %,d after. Placements known before: %,d of %,d.",
          before.tradeCount(), after.tradeCount(), before.placed(), places);
    }
  }

  private void verdict(String what, String found, boolean right) {
    print("  %-8s %s  [%s]", what, found, right ? "ok" : "WRONG");
  }

  private void print(String format, Object... args) {
    out.println(String.format(Locale.ROOT, format, args));
    out.flush();
  }
}
