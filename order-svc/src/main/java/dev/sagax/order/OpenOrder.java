package dev.sagax.order;

/**
 * An open order, as far as a cancel of all has to know it.
 *
 * @param number its number in the book
 */
public record OpenOrder(String orderId, String market, Side side, long number) {

  static OpenOrder of(Order order) {
    return new OpenOrder(
        order.orderId(), order.market(), order.request().type().side(), order.number());
  }
}
