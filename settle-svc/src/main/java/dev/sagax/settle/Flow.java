package dev.sagax.settle;

/** A log whose records move balances. Each partition of it is applied in order, once. */
public enum Flow {
  /** {@code order.requested}, by the holds that order-svc asks for; positions are offsets. */
  HOLD("hold", -1),
  /** {@code settle.requested}; positions are numbers. */
  SETTLE("settle", 0),
  /** {@code transfer.requested}; positions are offsets. */
  TRANSFER("transfer", -1);

  /** How Redis keys spell it; never changes. */
  public final String word;

  /** The position before the first record. */
  public final long beforeFirst;

  Flow(String word, long beforeFirst) {
    this.word = word;
    this.beforeFirst = beforeFirst;
  }
}
