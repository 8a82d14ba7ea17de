package dev.sagax.match;

import dev.sagax.match.book.Side;

/**
 * A trade that the ledger has settled.
 *
 * @param id consecutive within the market but for the trades that the ledger refused, from 1
 * @param price quote units per one whole base unit
 * @param quantity base units
 * @param quote what the buyer paid, in quote units
 * @param timeMicros of the taker's instruction
 */
public record SettledTrade(
    String market,
    long id,
    Side takerSide,
    long price,
    long quantity,
    long quote,
    long timeMicros) {}
