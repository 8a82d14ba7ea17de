package dev.sagax.settle;

/** Why units moved. The lines of one kind at one position sum to zero per asset. */
public enum PostingKind {
  /** Available to held, for a new order. */
  HOLD(1),
  /** Held of one side to available of the other and fees. */
  SETTLE(2),
  /** The remainder of an ended hold, back to available. */
  RELEASE(3),
  DEPOSIT(4),
  WITHDRAWAL(5);

  /** How the journal writes it; never changes. */
  public final int code;

  PostingKind(int code) {
    this.code = code;
  }
}
