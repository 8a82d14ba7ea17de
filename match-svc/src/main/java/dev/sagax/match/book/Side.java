package dev.sagax.match.book;

/** Which way an order trades the base asset. */
public enum Side {
  BUY,
  SELL;

  public Side opposite() {
    return this == BUY ? SELL : BUY;
  }

  /** Whether an order of this side with this limit price trades with a maker at that price. */
  boolean reaches(long limitPrice, long makerPrice) {
    return this == BUY ? makerPrice <= limitPrice : makerPrice >= limitPrice;
  }
}
