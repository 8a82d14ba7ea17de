package dev.sagax.settle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Reads old pages of the journal again, some each time, round and round: do they say what they
 * said?
 */
final class JournalScrub {
  /** So many rows a time, and what the last page of them has more. */
  private static final int ROWS = 5_000;

  private static final int PAGES = 48;

  /** So many findings say enough of a whole round. */
  private static final int ENOUGH = 10;

  private final AuditJournal journal;
  private final JournalReader lines;
  private JournalPage last;
  private JournalPage next;

  JournalScrub(AuditJournal journal) {
    this.journal = journal;
    this.lines = new JournalReader(journal);
  }

  /** What is wrong with the next pages, in whole sentences. */
  Future<List<String>> findings() {
    List<String> findings = new ArrayList<>();
    return journal
        .pagesAfter(last, PAGES)
        .compose(pages -> InTurn.all(checks(pages, findings)))
        .map(findings);
  }

  /** What is wrong with any page, the first few. Begins with the first page, ends with the last. */
  Future<List<String>> round() {
    Promise<List<String>> done = Promise.promise();
    readOn(new ArrayList<>(), done);
    return done.future();
  }

  /** One promise for all pages: a chain of futures would grow with the journal. */
  private void readOn(List<String> found, Promise<List<String>> done) {
    findings()
        .recover(JournalScrub::unreadable)
        .onFailure(done::fail)
        .onSuccess(findings -> {
          found.addAll(findings);
          seen();
          if (last == null || found.size() >= ENOUGH) {
            done.complete(found);
          } else {
            readOn(found, done);
          }
        });
  }

  /** Amounts that cannot be added are no fault of the world. */
  private static Future<List<String>> unreadable(Throwable failure) {
    return failure instanceof ArithmeticException
        ? Future.succeededFuture(
            List.of("The journal has amounts that are larger than any may be."))
        : Future.failedFuture(failure);
  }

  /** What was read last was right: the next time goes on behind it. */
  void seen() {
    last = next;
  }

  private List<Supplier<Future<Void>>> checks(List<JournalPage> pages, List<String> findings) {
    List<Supplier<Future<Void>>> checks = new ArrayList<>();
    long rows = 0;
    next = last;
    for (JournalPage page : pages) {
      if (rows < ROWS) {
        rows += page.rows();
        next = page;
        checks.add(() -> check(page, findings));
      }
    }
    if (pages.size() < PAGES && (pages.isEmpty() || next == pages.getLast())) {
      next = null; // The round is complete.
    }
    return checks;
  }

  private Future<Void> check(JournalPage page, List<String> findings) {
    Again again = new Again(page);
    return lines
        .eachLine(page.log(), page.after(), page.to(), again::add)
        .map(v -> {
          if (!again.isAsBefore()) {
            findings.add(
                "The journal of %s is not what it was between positions %d and %d: it had %d rows and has %d."
                    .formatted(page.log(), page.after(), page.to(), page.rows(), again.now.rows()));
          }
          return null;
        });
  }

  /** A page that is read again. */
  private static final class Again {
    private final JournalPage before;
    private JournalPage now;

    Again(JournalPage before) {
      this.before = before;
      this.now = JournalPage.startingAfter(before.log(), before.after());
    }

    void add(JournalLine line) {
      now = now.plus(line);
    }

    boolean isAsBefore() {
      return now.upTo(before.to()).equals(before);
    }
  }
}
