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
   * @throws RefusedException MARKET_CANCEL_ONLY, MARKET_POST_ONLY, MARKET_HALTED
   */
  void admit(Instruction.PlaceOrder order);

  /** What both of them admit, known once both are. */
  default Trading and(Trading other) {
    Trading one = this;
    return new Trading() {
      @Override
      public boolean isKnown() {
        return one.isKnown() && other.isKnown();
      }

      @Override
      public void admit(Instruction.PlaceOrder order) {
        one.admit(order);
        other.admit(order);
      }
    };
  }
}
