package dev.sagax.match;

/**
 * What a market goes on from: the number of its last trade, and the price that its band lies
 * around.
 *
 * @param price quote units per one whole base unit
 */
public record LastTrade(long id, long price) {}
