package dev.sagax.order;

import dev.sagax.platform.refusal.RefusedException;

/** Whether orders are taken at present, as far as is known. */
public interface Trading {

  /**
   * @throws RefusedException MARKET_CANCEL_ONLY while orders can only be cancelled
   */
  void admit(String market);
}
