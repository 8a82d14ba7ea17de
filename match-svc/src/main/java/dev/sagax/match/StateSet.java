package dev.sagax.match;

/**
 * A market takes something else from here on. order-svc decides by it; here it is only kept, to be
 * shown.
 *
 * @param state the number of a {@code sagax.market.v1.MarketState}
 */
public record StateSet(String market, int state) implements MatchRequest {}
