package dev.sagax.settle;

import io.vertx.core.Future;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The journal as the audit reads it, in pages, and the checkpoint that it keeps beside it. */
public interface AuditJournal {

  /**
   * The checkpoint, if it is this replica's turn to audit; else empty. A turn that was not taken
   * for {@code turnMicros} goes to whoever asks. In another epoch than before the checkpoint begins
   * anew.
   */
  Future<Optional<Checkpoint>> takeTurn(String auditor, long turnMicros);

  /** Last journaled positions. */
  Future<Map<FlowPartition, Long>> positions();

  /**
   * How many partitions the exchange has, as far as any process has said at its start; 0 before the
   * first one has.
   */
  Future<Integer> partitions();

  /**
   * Lines of a log in the order of position and leg, above (after, afterLeg] and up to a position.
   */
  Future<List<JournalLine>> lines(FlowPartition log, long after, int afterLeg, long to, int limit);

  /**
   * Moves the checkpoint, in one transaction.
   *
   * @return false, and nothing written, if it is no longer where the move began
   */
  Future<Boolean> move(CheckpointMove move);

  /** The folded balances of these accounts, by account and asset. */
  Future<Map<String, Map<String, JournalImage.Folded>>> balances(Collection<String> accounts);

  /** The folded sums by asset. */
  Future<Map<String, Sums>> sums();

  /** How many folded balances there are. */
  Future<Long> count();

  /** Folded accounts by name, above this one. */
  Future<List<String>> accountsAfter(String account, int limit);

  /** Pages by flow, partition and start, above this one; from the first when null. */
  Future<List<JournalPage>> pagesAfter(JournalPage page, int limit);

  /**
   * How the holds of these orders or withdrawals stand in the journal; unknown and refused ones are
   * left out.
   */
  Future<JournaledHolds> holds(int partition, Collection<String> orderIds);

  /**
   * All that was looked at in this pass was found right.
   *
   * @return false, and nothing written, if the checkpoint is no longer where the pass read it
   */
  Future<Boolean> verified(Checkpoint checkpoint, long micros);

  /**
   * Holds at one moment.
   *
   * @param settledTo the last journaled position of the partition's {@code settle.requested}
   * @param transferredTo the same of its {@code transfer.requested}
   */
  record JournaledHolds(long settledTo, long transferredTo, Map<String, JournaledHold> holds) {}

  /**
   * A hold.
   *
   * @param flow the log that placed it
   * @param position in that log
   * @param heldUnits what is still held
   * @param leftUnits what can still be filled; 0 = the hold has ended
   */
  record JournaledHold(Flow flow, long position, long heldUnits, long leftUnits) {}
}
