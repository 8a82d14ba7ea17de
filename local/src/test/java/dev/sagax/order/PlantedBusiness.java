package dev.sagax.order;

import dev.sagax.order.store.PlantedStore;
import dev.sagax.proto.PlantedContract;
import dev.sagax.settle.PlantedSettlement;

/** Breaks rules on purpose: the layering test must find it. */
public record PlantedBusiness(
    PlantedStore edge, PlantedContract generated, PlantedSettlement other) {}
