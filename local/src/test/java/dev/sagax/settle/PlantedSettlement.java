package dev.sagax.settle;

/** Breaks rules on purpose: the layering test must find it. */
public record PlantedSettlement() {}
