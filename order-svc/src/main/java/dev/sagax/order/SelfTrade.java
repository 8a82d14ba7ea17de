package dev.sagax.order;

/** What happens instead of a trade of an account with itself, when the order arrives. */
public enum SelfTrade {
  /** What is left of the arriving order expires. */
  CANCEL_TAKER(1),
  /** The resting order is cancelled and the arriving one goes on. */
  CANCEL_MAKER(2),
  /** The resting order is cancelled and what is left of the arriving one expires. */
  CANCEL_BOTH(3);

  /** How it is stored; the number it has on the wire. Never changes. */
  public final int code;

  SelfTrade(int code) {
    this.code = code;
  }

  public static SelfTrade ofCode(int code) {
    return Codes.find(values(), each -> each.code == code, "self-trade prevention", code);
  }
}
