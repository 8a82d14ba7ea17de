package dev.sagax.proto;

import dev.sagax.settle.PlantedSettlement;

/** Breaks rules on purpose: the layering test must find it. */
public record PlantedContract(PlantedSettlement service) {}
