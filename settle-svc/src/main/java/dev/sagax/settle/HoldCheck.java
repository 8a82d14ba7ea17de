package dev.sagax.settle;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Compares the holds of pages with the journal, each at the moment of its page. */
final class HoldCheck {
  private final AuditJournal journal;
  private final JournalReader lines;

  HoldCheck(AuditJournal journal) {
    this.journal = journal;
    this.lines = new JournalReader(journal);
  }

  /** What is wrong, in whole sentences. The journal has reached the moments of all pages. */
  Future<List<String>> findings(List<LedgerPage> pages) {
    List<String> findings = new ArrayList<>();
    List<Supplier<Future<Void>>> checks = new ArrayList<>();
    for (LedgerPage page : pages) {
      ordersByPartition(page)
          .forEach((partition, orders) ->
              checks.add(() -> new AtPage(page, partition, findings).check(orders)));
    }
    return InTurn.all(checks).map(findings);
  }

  private static Map<Integer, List<String>> ordersByPartition(LedgerPage page) {
    Map<Integer, List<String>> orders = new HashMap<>();
    page.holds()
        .keySet()
        .forEach(key ->
            orders.computeIfAbsent(key.partition(), p -> new ArrayList<>()).add(key.orderId()));
    return orders;
  }

  /** The holds of one partition as they were when the page was read. */
  private final class AtPage {
    private final LedgerPage page;
    private final int partition;
    private final List<String> findings;
    private final Map<String, Long> leftSince = new HashMap<>();

    AtPage(LedgerPage page, int partition, List<String> findings) {
      this.page = page;
      this.partition = partition;
      this.findings = findings;
    }

    Future<Void> check(List<String> orders) {
      return journal
          .holds(partition, orders)
          .compose(journaled -> readSince(journaled).map(v -> compare(orders, journaled)));
    }

    private Void compare(List<String> orders, AuditJournal.JournaledHolds journaled) {
      orders.forEach(order -> check(order, journaled.holds().get(order)));
      return null;
    }

    /** What left the holds after the page was read is added to what the journal has now. */
    private Future<Void> readSince(AuditJournal.JournaledHolds journaled) {
      return readSince(Flow.SETTLE, journaled.settledTo())
          .compose(v -> readSince(Flow.TRANSFER, journaled.transferredTo()));
    }

    private Future<Void> readSince(Flow flow, long to) {
      FlowPartition log = new FlowPartition(flow, partition);
      return lines.eachLine(log, page.marks().get(log), to, this::addBack);
    }

    /**
     * What places a hold takes nothing out of it. What reduces an order takes no units out of its
     * hold either, but changes what can still be filled.
     */
    private void addBack(JournalLine line) {
      if (line.moves().stream().noneMatch(move -> move.held() > 0)) {
        long left = line.moves().stream().mapToLong(move -> -move.held()).sum();
        leftSince.merge(line.subject(), left, Math::addExact);
      }
    }

    private void check(String order, AuditJournal.JournaledHold journaled) {
      long expected = expected(order, journaled);
      LedgerPage.HoldFields inLedger = page.holds().get(new LedgerPage.HoldKey(partition, order));
      Long held = inLedger.heldUnits();
      if (expected != (held == null ? 0 : held)) {
        findings.add(
            "The hold of order %s is %s in the ledger, but %d units by the journal."
                .formatted(order, held == null ? "missing" : held + " units", expected));
      } else if (!leftSince.containsKey(order)) {
        checkLeft(order, inLedger.leftUnits(), journaled);
      }
    }

    /** Of an order that nothing was settled of since, whose row says what was left at the page. */
    private void checkLeft(String order, Long left, AuditJournal.JournaledHold journaled) {
      long expected = isPlaced(journaled) ? journaled.leftUnits() : 0;
      if (expected != (left == null ? 0 : left)) {
        findings.add(
            "Of order %s %s can still be filled by the ledger, but %d by the journal."
                .formatted(order, left == null ? "nothing" : left + " units", expected));
      }
    }

    private long expected(String order, AuditJournal.JournaledHold journaled) {
      return isPlaced(journaled)
          ? Math.addExact(journaled.heldUnits(), leftSince.getOrDefault(order, 0L))
          : 0;
    }

    private boolean isPlaced(AuditJournal.JournaledHold journaled) {
      return journaled != null
          && journaled.position()
              <= page.marks().get(new FlowPartition(journaled.flow(), partition));
    }
  }
}
