package dev.sagax.settle;

/**
 * Funds to hold for an order.
 *
 * @param position of the order in its partition of {@code order.requested}
 * @param orderId 32 hexadecimal digits
 * @param amountUnits units of the asset, above zero
 * @param leftUnits what the order can fill, above zero: base units, or quote units for a market buy
 * @param timeMicros time of the instruction
 */
public record Hold(
    long position,
    String orderId,
    String account,
    String asset,
    long amountUnits,
    long leftUnits,
    long timeMicros) {}
