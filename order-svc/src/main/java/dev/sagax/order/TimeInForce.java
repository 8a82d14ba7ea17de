package dev.sagax.order;

/** How long a limit order may rest. */
public enum TimeInForce {
  /** What does not trade at once rests. */
  GTC(1),
  /** What does not trade at once expires. */
  IOC(2),
  /** Rests or expires as a whole: it never takes. */
  POST_ONLY(3),
  /** Trades wholly at once, or expires without a fill. */
  FOK(4);

  /** How it is stored; the number it has on the wire. Never changes. */
  public final int code;

  TimeInForce(int code) {
    this.code = code;
  }

  /** True if what does not trade at once may rest. */
  public boolean rests() {
    return switch (this) {
      case GTC, POST_ONLY -> true;
      case IOC, FOK -> false;
    };
  }

  public static TimeInForce ofCode(int code) {
    return Codes.find(values(), each -> each.code == code, "time in force", code);
  }
}
