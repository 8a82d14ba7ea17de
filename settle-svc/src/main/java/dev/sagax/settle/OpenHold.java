package dev.sagax.settle;

/**
 * A hold that has not ended.
 *
 * @param amountUnits what is still held
 * @param leftUnits what can still be filled: base units, or quote units for a market buy
 * @param timeMicros when it was placed
 */
public record OpenHold(
    String orderId,
    String account,
    String asset,
    long amountUnits,
    long leftUnits,
    long timeMicros) {}
