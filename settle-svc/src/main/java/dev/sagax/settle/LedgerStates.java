package dev.sagax.settle;

import io.vertx.core.Future;

/** Whether the ledger takes orders. It is recorded for all replicas alike. */
public interface LedgerStates {

  /** How the ledger stands now. */
  Future<LedgerState> current();

  /**
   * An open ledger takes no orders from now on.
   *
   * @param epoch in which the breach was found
   * @param pass of the audit that found it
   * @param reason a whole sentence
   * @return false, and nothing done, if the ledger was rebuilt since, was not open, or another
   *     replica has audited since
   */
  Future<Boolean> cancelOnly(long epoch, long pass, String reason, long sinceMicros);

  /**
   * A ledger in CANCEL_ONLY takes orders again, and the audit that runs by itself starts anew.
   *
   * @return false, and nothing done, if it was rebuilt since or is in another mode
   */
  Future<Boolean> open(long epoch, long sinceMicros);

  /**
   * The log of a rebuilt ledger is replayed to its end.
   *
   * @param mode what the ledger does from now on
   * @param reason a whole sentence; empty if it is open
   * @return false, and nothing done, if it was rebuilt since, or another replica has said so
   */
  Future<Boolean> replayed(long epoch, LedgerMode mode, String reason, long sinceMicros);
}
