package dev.sagax.match;

import dev.sagax.match.book.Side;

/**
 * An order in its role within an outcome.
 *
 * @param number its number in the book
 * @param feeBps fee of that role, frozen on the order, in basis points of what it receives
 * @param leftInQuote true for a market buy, whose hold counts what is left in quote units
 */
public record Party(
    long number, String orderId, String account, Side side, int feeBps, boolean leftInQuote) {}
