package dev.sagax.settle;

/**
 * A hold that has not ended.
 *
 * @param orderId the order; or the withdrawal, if it is the hold of one
 * @param partition of its market; or of its account's transfers
 * @param amountUnits what is still held
 * @param leftUnits what can still be filled: base units, or quote units for a market buy; of a
 *     withdrawal the amount
 * @param timeMicros when it was placed
 * @param withdrawal whether it is for a withdrawal
 */
public record OpenHold(
    String orderId,
    int partition,
    String account,
    String asset,
    long amountUnits,
    long leftUnits,
    long timeMicros,
    boolean withdrawal) {

  /** The hold of an order. */
  public OpenHold(
      String orderId,
      int partition,
      String account,
      String asset,
      long amountUnits,
      long leftUnits,
      long timeMicros) {
    this(orderId, partition, account, asset, amountUnits, leftUnits, timeMicros, false);
  }

  /** The same hold with other figures. */
  OpenHold of(long amount, long left) {
    return new OpenHold(orderId, partition, account, asset, amount, left, timeMicros, withdrawal);
  }
}
