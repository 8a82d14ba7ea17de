package dev.sagax.settle;

/** Where units of an asset are. */
public enum Bucket {
  /** An account's, free to be held or withdrawn. */
  AVAILABLE(1),
  /** An account's, held for an open order. */
  HELD(2),
  /** The exchange's: collected fees; the line's account is who paid. */
  FEES(3),
  /** Outside of the exchange: what was deposited came from here. */
  EXTERNAL(4);

  /** How the journal writes it; never changes. */
  public final int code;

  Bucket(int code) {
    this.code = code;
  }

  public static Bucket ofCode(int code) {
    return values()[code - 1];
  }
}
