package dev.sagax.order.room;

/** Breaks rules on purpose: the layering test must find it. */
public record PlantedRoom() {}
