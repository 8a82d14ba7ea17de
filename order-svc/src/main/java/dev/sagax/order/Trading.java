package dev.sagax.order;

import dev.sagax.platform.refusal.RefusedException;

/** Whether orders are taken at present, as far as is known. */
public interface Trading {

  /** False from the start until the ledger has said for the first time whether it takes orders. */
  default boolean isKnown() {
    return true;
  }

  /**
   * To be asked once it is known.
   *
   * @throws RefusedException MARKET_CANCEL_ONLY while orders can only be cancelled
   */
  void admit(String market);
}
