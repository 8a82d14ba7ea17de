package dev.sagax.settle;

/** What an account has of one asset, in units. */
public record Balance(String asset, long availableUnits, long heldUnits) {}
