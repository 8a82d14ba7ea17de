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
 * @param ordered what it asks for in all, in base units, so that all but its quantity is filled or
 *     lost; 0 if that is not known, because it rests since before this was kept: then it was never
 *     amended
 */
public record BookedOrder(
    long number,
    String market,
    String orderId,
    String account,
    Side side,
    long price,
    long quantity,
    int makerBps,
    long ordered) {

  BookedOrder withQuantity(long left) {
    return with(left, ordered);
  }

  /** After its owner took something off it. */
  BookedOrder reducedTo(long left, long nowOrdered) {
    return with(left, nowOrdered);
  }

  private BookedOrder with(long left, long nowOrdered) {
    return new BookedOrder(
        number, market, orderId, account, side, price, left, makerBps, nowOrdered);
  }

  RestingOrder resting() {
    return new RestingOrder(number, account, side, price, quantity);
  }

  Party asMaker() {
    return new Party(number, orderId, account, side, makerBps, false);
  }
}
