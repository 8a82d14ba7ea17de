package dev.sagax.order;

/** Why an order is in its status. */
public enum OrderReason {
  NONE(0),
  INSUFFICIENT_FUNDS(1),
  CANCELLED_BEFORE_PLACED(2),
  CANCELLED_BY_OWNER(3),
  WOULD_CROSS(4),
  IMMEDIATE_OR_CANCEL(5),
  INSUFFICIENT_LIQUIDITY(6),
  BUDGET_BELOW_ONE_LOT(7),
  SELF_TRADE(8),
  SWEEP_LIMIT(9),
  MATCH_FAILED(10),
  SETTLEMENT_FAILED(11),
  WORTH_NOTHING(12),
  FILL_OR_KILL(13),
  PRICE_OUT_OF_BAND(14),
  MARKET_POST_ONLY(15),
  MARKET_CANCEL_ONLY(16),
  MARKET_HALTED(17),
  REPLACED(30),
  NOTHING_TO_REPLACE(31),
  TOO_MANY_OPEN_ORDERS(40),
  ACCOUNT_FROZEN(90);

  /** How it is stored; the number it has on the wire. Never changes. */
  public final int code;

  OrderReason(int code) {
    this.code = code;
  }

  public static OrderReason ofCode(int code) {
    return Codes.find(values(), reason -> reason.code == code, "order reason", code);
  }
}
