package dev.sagax.match;

/**
 * One maker with one taker at the maker's price.
 *
 * @param id consecutive within the market, from 1
 * @param price quote units per one whole base unit
 * @param quantity base units
 * @param quote what the buyer pays, in quote units
 * @param timeMicros of the taker's instruction
 */
public record Trade(
    String market,
    long id,
    Party maker,
    Party taker,
    long price,
    long quantity,
    long quote,
    long timeMicros) {}
