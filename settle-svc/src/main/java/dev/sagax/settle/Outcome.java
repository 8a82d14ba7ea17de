package dev.sagax.settle;

import java.util.List;

/**
 * What one instruction did in the book, as far as money goes.
 *
 * @param position its number in {@code settle.requested}
 * @param timeMicros time of the instruction
 * @param taker the order that the instruction was about
 */
public record Outcome(
    long position,
    long timeMicros,
    String baseAsset,
    String quoteAsset,
    Party taker,
    List<Fill> fills,
    List<Release> releases) {

  /**
   * An order in its role in this outcome.
   *
   * @param feeBps fee in basis points of what it receives
   * @param leftInQuote a market buy, whose hold counts what is left in quote units
   */
  public record Party(String orderId, String account, Side side, int feeBps, boolean leftInQuote) {}

  /** Which way an order trades the base asset. */
  public enum Side {
    BUY,
    SELL
  }

  /** The taker with one maker: quantity in base units, and what the buyer pays in quote units. */
  public record Fill(Party maker, long quantityUnits, long quoteUnits) {}

  /** What ends of an order without a fill, in the unit that its hold counts. */
  public record Release(Party order, long leftUnits) {}
}
