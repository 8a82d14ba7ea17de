package dev.sagax.match;

import dev.sagax.match.book.RestingOrder;
import dev.sagax.match.book.Side;

/**
 * An order that rests, with all that an outcome needs to say about it.
 *
 * @param number its number in the book, unique within the partition
 * @param price quote units per one whole base unit
 * @param quantity what is left of it, in base units
 * @param makerBps fee as a maker, frozen on the order
 */
public record BookedOrder(
    long number,
    String market,
    String orderId,
    String account,
    Side side,
    long price,
    long quantity,
    int makerBps) {

  BookedOrder withQuantity(long left) {
    return new BookedOrder(number, market, orderId, account, side, price, left, makerBps);
  }

  RestingOrder resting() {
    return new RestingOrder(number, account, side, price, quantity);
  }

  Party asMaker() {
    return new Party(number, orderId, account, side, makerBps, false);
  }
}
