package dev.sagax.order;

/**
 * Where an order stands. It only goes forward:
 *
 * <pre>
 * ACCEPTED -+-> OPEN -+-> PARTIALLY_FILLED -+
 *           |         |                     |
 *           |         +---------------------+-> FILLED | CANCELLED | EXPIRED
 *           +-> REJECTED
 * </pre>
 *
 * ACCEPTED is only said to the caller; what is stored has been decided.
 */
public enum OrderStatus {
  ACCEPTED(1),
  OPEN(2),
  PARTIALLY_FILLED(3),
  FILLED(4),
  CANCELLED(5),
  EXPIRED(6),
  REJECTED(7);

  /** How it is stored; the number it has on the wire. Never changes. */
  public final int code;

  OrderStatus(int code) {
    this.code = code;
  }

  /** True if nothing happens to the order any more. */
  public boolean closed() {
    return switch (this) {
      case ACCEPTED, OPEN, PARTIALLY_FILLED -> false;
      case FILLED, CANCELLED, EXPIRED, REJECTED -> true;
    };
  }

  public static OrderStatus ofCode(int code) {
    return Codes.find(values(), status -> status.code == code, "order status", code);
  }
}
