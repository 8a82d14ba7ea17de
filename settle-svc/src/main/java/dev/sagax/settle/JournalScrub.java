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
  private long compared;

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

  /**
   * What a round has compared.
   *
   * @param findings what is wrong with any page, the first few
   * @param rows how many the pages had that were read again
   */
  record Compared(List<String> findings, long rows) {}

  /** Begins with the first page and ends with the last, or when enough is wrong. */
  Future<Compared> round() {
    Promise<Compared> done = Promise.promise();
    readOn(new ArrayList<>(), done);
    return done.future();
  }

  /** One promise for all pages: a chain of futures would grow with the journal. */
  private void readOn(List<String> found, Promise<Compared> done) {
    findings()
        .recover(Damage::findings)
        .onFailure(done::fail)
        .onSuccess(findings -> {
          found.addAll(findings);
          seen();
          if (last == null || found.size() >= ENOUGH) {
            done.complete(new Compared(found, compared));
          } else {
            readOn(found, done);
          }
        });
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
        compared += page.rows();
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
