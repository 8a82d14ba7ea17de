package dev.sagax.order;

/** Which way an order trades its market's base asset. */
public enum Side {
  BUY(1),
  SELL(2);

  /** How it is stored; the number it has on the wire. Never changes. */
  public final int code;

  Side(int code) {
    this.code = code;
  }

  public static Side ofCode(int code) {
    return Codes.find(values(), side -> side.code == code, "side", code);
  }
}
