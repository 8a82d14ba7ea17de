package dev.sagax.settle;

import io.vertx.core.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Where the whole ledger is audited. An audit reads everything there is, so only one runs at a
 * time, and all who ask meanwhile get its report, or that of the next one. One that hangs fails
 * after two minutes, and who asks then begins a new one. All calls on one event loop.
 */
public final class AuditDesk {
  private static final long LONGEST_MILLIS = 120_000;

  private final Supplier<Future<AuditReport>> audit;
  private final long longestMillis;
  private Future<AuditReport> running = Future.failedFuture("No audit was asked for yet.");

  /** Asked for while one is running; null when none is. */
  private Future<AuditReport> next;

  public AuditDesk(FullAudit audit) {
    this(audit::run, LONGEST_MILLIS);
  }

  AuditDesk(Supplier<Future<AuditReport>> audit, long longestMillis) {
    this.audit = audit;
    this.longestMillis = longestMillis;
  }

  public Future<AuditReport> audit() {
    if (running.isComplete()) {
      running = audit.get().timeout(longestMillis, TimeUnit.MILLISECONDS);
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
}
