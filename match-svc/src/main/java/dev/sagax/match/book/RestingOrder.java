package dev.sagax.match.book;

/**
 * An order that rests in a book.
 *
 * @param price quote units per one whole base unit
 * @param quantity what is left of it, in base units
 */
public record RestingOrder(long number, String account, Side side, long price, long quantity) {

  public RestingOrder {
    Expect.positive("price", price);
    Expect.positive("quantity", quantity);
  }
}
