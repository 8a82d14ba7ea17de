package dev.sagax.settle;

/**
 * A hold that has not ended.
 *
 * @param partition of its market
 * @param amountUnits what is still held
 * @param leftUnits what can still be filled: base units, or quote units for a market buy
 * @param timeMicros when it was placed
 */
public record OpenHold(
    String orderId,
    int partition,
    String account,
    String asset,
    long amountUnits,
    long leftUnits,
    long timeMicros) {

  /** The same hold with other figures. */
  OpenHold of(long amount, long left) {
    return new OpenHold(orderId, partition, account, asset, amount, left, timeMicros);
  }
}
