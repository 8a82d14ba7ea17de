package dev.sagax.settle;

import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a rebuilt ledger until its log is replayed. The rebuild took it back to the journal; what
 * the old ledger had applied beyond it comes again, since all of it was in the log by then. So when
 * every partition has reached the end that its log had after the rebuild, no balance is short any
 * more: the whole ledger is audited, and holds are placed again. All replicas watch; the first to
 * be done says so for all. All calls on one event loop.
 */
public final class LedgerReplay {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerReplay.class);

  private final LedgerStates states;
  private final Journal journal;
  private final LogEnds log;
  private final AuditDesk audits;
  private final InstantSource clock;
  private boolean looking;

  /** Null when no replay is known of; belongs to the epoch. */
  private Map<FlowPartition, Long> ends;

  private long epoch;

  public LedgerReplay(
      LedgerStates states, Journal journal, LogEnds log, AuditDesk audits, InstantSource clock) {
    this.states = states;
    this.journal = journal;
    this.log = log;
    this.audits = audits;
    this.clock = clock;
  }

  /** To be called again and again; fails if it could not see how the replay stands. */
  public Future<Void> look() {
    if (looking) {
      return Future.succeededFuture();
    }
    looking = true;
    return states
        .current()
        .compose(state ->
            state.mode() == LedgerMode.REPLAYING
                ? follow(state.epoch())
                : Future.<Void>succeededFuture())
        .onFailure(failure -> LOG.debug("The replay cannot be followed now", failure))
        .onComplete(done -> looking = false);
  }

  private Future<Void> follow(long replaying) {
    return endsOf(replaying)
        .compose(end -> journal.state().map(state -> reached(end, state.positions())))
        .compose(reached -> reached ? judge() : Future.succeededFuture());
  }

  private Future<Map<FlowPartition, Long>> endsOf(long replaying) {
    if (ends != null && epoch == replaying) {
      return Future.succeededFuture(ends);
    }
    return log.now()
        .onSuccess(now -> {
          ends = now;
          epoch = replaying;
          LOG.info("The log of the rebuilt ledger is replayed epoch={} to={}", replaying, now);
        });
  }

  private static boolean reached(
      Map<FlowPartition, Long> ends, Map<FlowPartition, Long> positions) {
    return ends.entrySet().stream()
        .allMatch(end ->
            positions.getOrDefault(end.getKey(), end.getKey().flow().beforeFirst)
                >= end.getValue());
  }

  private Future<Void> judge() {
    return audits
        .auditFromNow()
        .compose(report ->
            report.conserved()
                ? end(LedgerMode.OPEN, "")
                : end(LedgerMode.CANCEL_ONLY, report.findings().getFirst()));
  }

  private Future<Void> end(LedgerMode mode, String reason) {
    return states
        .replayed(epoch, mode, reason, LedgerGate.nowMicros(clock))
        .onSuccess(mine -> {
          if (mine && mode == LedgerMode.OPEN) {
            LOG.info("The log is replayed and the ledger is open epoch={}", epoch);
          } else if (mine) {
            LOG.error("The log is replayed, but an invariant does not hold: {}", reason);
          }
        })
        .mapEmpty();
  }
}
