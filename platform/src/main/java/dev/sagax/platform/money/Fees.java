package dev.sagax.platform.money;

/**
 * Fee rates in basis points of what a side receives.
 *
 * @param makerBps of the resting side
 * @param takerBps of the arriving side
 */
public record Fees(int makerBps, int takerBps) {}
