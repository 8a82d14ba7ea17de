package dev.sagax.match.store;

import dev.sagax.match.book.Side;

/**
 * A settled trade as stored.
 *
 * @param price quote units per one whole base unit
 * @param quantity base units
 * @param quote quote units
 */
public record TradeView(
    long id,
    Side takerSide,
    long price,
    long quantity,
    long quote,
    Owner maker,
    Owner taker,
    long timeMicros) {

  /** An order and whose it is. */
  public record Owner(String orderId, String account) {}
}
