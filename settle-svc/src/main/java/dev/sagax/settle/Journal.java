package dev.sagax.settle;

import io.vertx.core.Future;
import java.util.List;
import java.util.Map;

/** What PostgreSQL remembers of the ledger, as far as it is asked outside of the saga's steps. */
public interface Journal {

  /** Where the journal stands. */
  Future<JournalState> state();

  /**
   * Records the epoch of a fresh ledger, unless one is recorded.
   *
   * @return the recorded epoch
   */
  Future<Long> beginEpoch(long epoch);

  /** Where a partition's holds stand. */
  Future<HoldPosition> holdPosition(int partition);

  /**
   * Journals decisions on holds and moves the position, in one transaction.
   *
   * @param epoch of the position that the decisions go on from
   * @return false if the position was no longer {@code stretch.previous()}, or the epoch another
   *     one; then nothing is written
   */
  Future<Boolean> recordHolds(
      long epoch, Stretch stretch, List<Hold> holds, List<Verdict.OfHold> verdicts);

  /** The journaled decisions at these positions of a partition's holds. */
  Future<Map<Long, DecidedHold>> decidedHolds(int partition, List<Long> positions);

  /**
   * Open holds, the oldest first.
   *
   * @param account only of this account; of all when empty
   * @param placedToMicros only those that were placed at this time or before
   * @param after only those behind this place
   */
  Future<List<OpenHold>> openHolds(String account, long placedToMicros, HoldPlace after, int limit);

  /** The decisions by which accounts are frozen now, by account, above this one. */
  Future<List<AccountFreeze>> frozenAccounts(String after, int limit);

  /** The whole journal folded, in one snapshot. */
  Future<JournalImage> image();

  /**
   * Where a partition's holds stand.
   *
   * @param position the last journaled one, {@code Flow.HOLD.beforeFirst} for none
   * @param epoch of the ledger
   * @param replaying the ledger was rebuilt and the log is not replayed to its end yet: a balance
   *     may be too small for a while
   */
  record HoldPosition(long position, long epoch, boolean replaying) {}

  /** A place in the list of open holds, which runs from the oldest to the youngest. */
  record HoldPlace(long timeMicros, String subject) {
    /** Before all holds. */
    public static final HoldPlace TOP = new HoldPlace(Long.MIN_VALUE, "0".repeat(32));

    public static HoldPlace of(OpenHold hold) {
      return new HoldPlace(hold.timeMicros(), hold.orderId());
    }
  }

  /** A decision on a hold, and the order it was for. */
  record DecidedHold(String orderId, Verdict.OfHold verdict) {}
}
