package dev.sagax.settle;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets orders in again after a breach, once nothing is wrong any more. */
public final class LedgerGate {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerGate.class);

  private final LedgerStates states;
  private final AuditDesk audits;
  private final InstantSource clock;

  public LedgerGate(LedgerStates states, AuditDesk audits, InstantSource clock) {
    this.states = states;
    this.audits = audits;
    this.clock = clock;
  }

  /**
   * Audits everything and opens the ledger if every invariant holds. Opening an open one changes
   * nothing.
   *
   * @return fails with LEDGER_NOT_CONSERVED, which names the first offender
   */
  public Future<LedgerState> open(String operator) {
    return states
        .current()
        .compose(state -> audits.auditFromNow().compose(report -> open(state, report, operator)));
  }

  private Future<LedgerState> open(LedgerState state, AuditReport report, String operator) {
    if (!report.conserved()) {
      return Future.failedFuture(
          Refusal.of(
                  Reason.LEDGER_NOT_CONSERVED,
                  "The ledger stays %s: %s".formatted(state.mode(), report.findings().getFirst()))
              .asException());
    }
    return switch (state.mode()) {
      case OPEN -> Future.succeededFuture(state);
      case CANCEL_ONLY -> opened(state, operator);
      case REPLAYING ->
          Future.failedFuture(
              Refusal.of(
                      Reason.DEPENDENCY_UNAVAILABLE,
                      "The ledger was rebuilt and opens by itself when its log is replayed to the end.")
                  .asException());
    };
  }

  private Future<LedgerState> opened(LedgerState state, String operator) {
    return states
        .open(state.epoch(), nowMicros(clock))
        .onSuccess(done ->
            LOG.info("The ledger is opened again operator={} epoch={}", operator, state.epoch()))
        .compose(done -> states.current());
  }

  static long nowMicros(InstantSource clock) {
    return TimeUnit.MILLISECONDS.toMicros(clock.millis());
  }
}
