package dev.sagax.settle;

import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides holds and journals the decisions before it answers. Any replica may be asked; a partition
 * is asked one batch after the other. A batch that was decided before, whole or in part, also by
 * another replica, is answered from the journal. All calls on one event loop.
 */
public final class HoldDesk {
  private final Ledger ledger;
  private final Journal journal;
  private final FaultInjector faults;
  private final Map<Integer, Future<?>> queues = new HashMap<>();

  /** Positions that the journal surely has. It may have more, if another replica was asked. */
  private final Map<Integer, Journal.HoldPosition> journaled = new HashMap<>();

  public HoldDesk(Ledger ledger, Journal journal, FaultInjector faults) {
    this.faults = faults;
    this.ledger = ledger;
    this.journal = journal;
  }

  /** One verdict a hold, in their order; all of them journaled. */
  public Future<List<Verdict.OfHold>> place(HoldBatch batch) {
    Future<?> before = queues.getOrDefault(batch.partition(), Future.succeededFuture());
    Future<List<Verdict.OfHold>> mine = before.transform(done -> decide(batch));
    queues.put(batch.partition(), mine);
    return mine.map(verdicts -> passed(FaultPoint.SETTLE_HOLD_BEFORE_REPLY, verdicts));
  }

  private Future<List<Verdict.OfHold>> decide(HoldBatch batch) {
    return journaledPosition(batch)
        .compose(from -> decideFrom(from, batch))
        .onFailure(failure -> journaled.remove(batch.partition()));
  }

  private Future<Journal.HoldPosition> journaledPosition(HoldBatch batch) {
    Journal.HoldPosition known = journaled.get(batch.partition());
    return known != null && known.position() == batch.previous()
        ? Future.succeededFuture(known)
        : journal.holdPosition(batch.partition());
  }

  /**
   * The epoch is the one of the journaled position, which may have been read long ago: a ledger
   * that was rebuilt since then does not answer, and an answer that it gave before the rebuild is
   * not journaled after it.
   */
  private Future<List<Verdict.OfHold>> decideFrom(Journal.HoldPosition from, HoldBatch batch) {
    long position = from.position();
    if (batch.end() <= position) {
      return fromJournal(batch);
    }
    if (batch.previous() > position) {
      return Future.failedFuture(gap(position, batch).asException());
    }
    if (from.replaying()) {
      return Future.failedFuture(replaying().asException());
    }
    Stretch stretch = new Stretch(batch.partition(), position, batch.end());
    List<Hold> fresh = batch.holds().stream().filter(h -> h.position() > position).toList();
    return ledger
        .hold(from.epoch(), stretch, fresh)
        .map(verdicts -> passed(FaultPoint.SETTLE_HOLD_BEFORE_JOURNAL, verdicts))
        .compose(verdicts ->
            journal
                .recordHolds(from.epoch(), stretch, fresh, verdicts)
                .compose(mine -> journaled(mine, from.epoch(), batch, fresh, verdicts)));
  }

  /**
   * @param mine whether these verdicts are the ones that are journaled
   */
  private Future<List<Verdict.OfHold>> journaled(
      boolean mine, long epoch, HoldBatch batch, List<Hold> fresh, List<Verdict.OfHold> verdicts) {
    passed(FaultPoint.SETTLE_HOLD_AFTER_JOURNAL, verdicts);
    return mine ? answer(epoch, batch, fresh, verdicts) : decideAgain(batch);
  }

  private List<Verdict.OfHold> passed(FaultPoint point, List<Verdict.OfHold> verdicts) {
    faults.pass(point, verdicts.size());
    return verdicts;
  }

  private static Refusal replaying() {
    return Refusal.of(
        Reason.DEPENDENCY_UNAVAILABLE,
        "The ledger was rebuilt and the log is being replayed; holds wait until its end.");
  }

  private static Refusal gap(long position, HoldBatch batch) {
    return Refusal.of(
        Reason.DEPENDENCY_UNAVAILABLE,
        "Holds of partition %d are journaled up to position %d, but the batch begins after %d."
            .formatted(batch.partition(), position, batch.previous()));
  }

  private Future<List<Verdict.OfHold>> answer(
      long epoch, HoldBatch batch, List<Hold> fresh, List<Verdict.OfHold> verdicts) {
    journaled.put(batch.partition(), new Journal.HoldPosition(batch.end(), epoch, false));
    return fresh.size() == batch.holds().size()
        ? Future.succeededFuture(verdicts)
        : fromJournal(batch);
  }

  /** Another replica was asked too and has journaled more, or the ledger was rebuilt. */
  private Future<List<Verdict.OfHold>> decideAgain(HoldBatch batch) {
    journaled.remove(batch.partition());
    return decide(batch);
  }

  private Future<List<Verdict.OfHold>> fromJournal(HoldBatch batch) {
    List<Long> positions = batch.holds().stream().map(Hold::position).toList();
    return journal
        .decidedHolds(batch.partition(), positions)
        .map(decided -> batch.holds().stream().map(hold -> find(hold, batch, decided)).toList());
  }

  private static Verdict.OfHold find(
      Hold hold, HoldBatch batch, Map<Long, Journal.DecidedHold> decided) {
    Journal.DecidedHold found = decided.get(hold.position());
    if (found == null || !found.orderId().equals(hold.orderId())) {
      throw new IllegalStateException(
          "Position %d of partition %d is journaled as %s, but is now asked for as order %s."
              .formatted(
                  hold.position(),
                  batch.partition(),
                  found == null ? "no hold" : "order " + found.orderId(),
                  hold.orderId()));
    }
    return found.verdict();
  }
}
