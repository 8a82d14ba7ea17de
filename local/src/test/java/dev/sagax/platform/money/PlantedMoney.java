package dev.sagax.platform.money;

import dev.sagax.proto.PlantedContract;
import dev.sagax.settle.PlantedSettlement;

/** Breaks rules on purpose: the layering test must find it. */
public record PlantedMoney(PlantedContract generated, PlantedSettlement service) {}
