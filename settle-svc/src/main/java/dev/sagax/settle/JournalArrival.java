package dev.sagax.settle;

import dev.sagax.platform.boot.Patience;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** Waits until the journal has what the ledger has applied: it is written a moment later. */
final class JournalArrival {
  private static final long POLL_MILLIS = 100;

  private final Vertx vertx;
  private final AuditJournal journal;
  private final InstantSource clock;
  private final long waitMillis;

  JournalArrival(Vertx vertx, AuditJournal journal, InstantSource clock, long waitMillis) {
    this.vertx = vertx;
    this.journal = journal;
    this.clock = clock;
    this.waitMillis = waitMillis;
  }

  /**
   * The positions that the journal has reached: these marks, or what it has when time is up.
   *
   * @param marks of every log that this process knows of, read before
   * @return fails with {@link LedgerUnavailableException} if there are more: the topics have grown,
   *     and the balances that were read with the marks may have what is in logs without a mark
   */
  Future<Map<FlowPartition, Long>> of(Map<FlowPartition, Long> marks) {
    return journal
        .partitions()
        .compose(partitions ->
            partitions * Flow.values().length > marks.size()
                ? Future.failedFuture(
                    new LedgerUnavailableException(
                        "The exchange has %d partitions, of which this process knows %d only; it is to be replaced."
                            .formatted(partitions, marks.size() / Flow.values().length)))
                : arrived(marks));
  }

  private Future<Map<FlowPartition, Long>> arrived(Map<FlowPartition, Long> marks) {
    long deadline = clock.millis() + waitMillis;
    return Patience.poll(
        vertx,
        POLL_MILLIS,
        journal::positions,
        reached -> missing(marks, reached).isEmpty() || clock.millis() > deadline);
  }

  /** A log of which the first has more than the second. */
  static Optional<FlowPartition> missing(
      Map<FlowPartition, Long> marks, Map<FlowPartition, Long> reached) {
    return marks.keySet().stream()
        .filter(log -> reached.getOrDefault(log, log.flow().beforeFirst) < marks.get(log))
        .findFirst();
  }

  /** Says so of a log that is missing. */
  static String sentence(FlowPartition log, long mark) {
    return "The ledger has applied %s up to position %d, which is not journaled yet."
        .formatted(log, mark);
  }
}
