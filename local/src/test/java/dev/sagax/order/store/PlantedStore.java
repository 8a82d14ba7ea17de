package dev.sagax.order.store;

/** Breaks rules on purpose: the layering test must find it. */
public record PlantedStore() {}
