package dev.sagax.order;

import io.vertx.core.Future;
import java.util.List;
import java.util.Map;

/** The ledger, as far as taking orders needs it. */
public interface Ledger {

  /** How the ledger decided a hold. */
  enum Verdict {
    HELD,
    INSUFFICIENT_FUNDS,
    DECLINED,
    ACCOUNT_FROZEN
  }

  /**
   * Funds to hold for one order.
   *
   * @param position of the order in its partition of the log
   * @param declined nothing is to be held; the ledger only records so, and if it has decided the
   *     position before, that decision stands
   */
  record Hold(long position, Instruction.PlaceOrder order, boolean declined) {}

  /**
   * Asks for all holds of a batch, each decided on its own. A position decided before is answered
   * from the record, so asking again is safe; the call covers (previousPosition, endPosition].
   *
   * @param previousPosition the endPosition of the call before, -1 for none
   * @return a verdict for each hold, by position; fails if it is not known, never for a refusal
   */
  Future<Map<Long, Verdict>> hold(
      int partition, long previousPosition, long endPosition, List<Hold> holds);
}
