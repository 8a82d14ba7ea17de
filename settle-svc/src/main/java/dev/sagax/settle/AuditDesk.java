package dev.sagax.settle;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Reads ledger and journal and audits them. Nothing is stopped for it: what looks wrong while
 * things move is looked at again, a few times. An audit reads everything there is, so only one runs
 * at a time, and all who ask meanwhile get its report, or that of the next one. One that hangs
 * fails after two minutes, and who asks then begins a new one. All calls on one event loop.
 */
public final class AuditDesk {
  private static final int ATTEMPTS = 10;
  private static final long PAUSE_MILLIS = 200;
  private static final long LONGEST_LOOK_MILLIS = 120_000;

  private final Vertx vertx;
  private final Ledger ledger;
  private final Journal journal;
  private final long longestLookMillis;
  private Future<AuditReport> running = Future.failedFuture("No audit was asked for yet.");

  /** Asked for while one is running; null when none is. */
  private Future<AuditReport> next;

  public AuditDesk(Vertx vertx, Ledger ledger, Journal journal) {
    this(vertx, ledger, journal, LONGEST_LOOK_MILLIS);
  }

  AuditDesk(Vertx vertx, Ledger ledger, Journal journal, long longestLookMillis) {
    this.vertx = vertx;
    this.ledger = ledger;
    this.journal = journal;
    this.longestLookMillis = longestLookMillis;
  }

  public Future<AuditReport> audit() {
    if (running.isComplete()) {
      running = attempt(1);
    }
    return running;
  }

  /**
   * The report of an audit that began after this question. One that is running may have read what
   * was there before.
   */
  public Future<AuditReport> auditFromNow() {
    if (running.isComplete()) {
      return audit();
    }
    if (next == null) {
      next =
          running.transform(ended -> {
            next = null;
            return audit();
          });
    }
    return next;
  }

  private Future<AuditReport> attempt(int number) {
    return ledger
        .image()
        .compose(image -> journal.image().map(folded -> Audit.of(image, folded)))
        .timeout(longestLookMillis, TimeUnit.MILLISECONDS)
        .compose(report -> judge(report, number));
  }

  private Future<AuditReport> judge(AuditReport report, int number) {
    if (report.conserved() || report.atRest()) {
      return Future.succeededFuture(report);
    }
    return number < ATTEMPTS
        ? vertx.timer(PAUSE_MILLIS).compose(v -> attempt(number + 1))
        : Future.succeededFuture(inMotion(report));
  }

  private static AuditReport inMotion(AuditReport report) {
    List<String> findings = new ArrayList<>(report.findings());
    findings.addFirst(
        "The ledger moved during all %d attempts to audit it, so the findings may only be of work under way; ask again when it is at rest."
            .formatted(ATTEMPTS));
    return new AuditReport(List.copyOf(findings), report.figures(), report.journalEntries(), false);
  }
}
