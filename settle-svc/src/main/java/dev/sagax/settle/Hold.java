package dev.sagax.settle;

/**
 * Funds to hold for an order.
 *
 * @param position of the order in its partition of {@code order.requested}
 * @param orderId 32 hexadecimal digits
 * @param amountUnits units of the asset, above zero
 * @param leftUnits what the order can fill, above zero: base units, or quote units for a market buy
 * @param timeMicros time of the instruction
 * @param declined true if nothing is to be held, because whoever asks refuses the order
 */
public record Hold(
    long position,
    String orderId,
    String account,
    String asset,
    long amountUnits,
    long leftUnits,
    long timeMicros,
    boolean declined) {

  /** A hold that is wanted. */
  public Hold(
      long position,
      String orderId,
      String account,
      String asset,
      long amountUnits,
      long leftUnits,
      long timeMicros) {
    this(position, orderId, account, asset, amountUnits, leftUnits, timeMicros, false);
  }
}
