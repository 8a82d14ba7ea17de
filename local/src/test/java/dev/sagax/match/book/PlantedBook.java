package dev.sagax.match.book;

import dev.sagax.settle.PlantedSettlement;

/** Breaks rules on purpose: the layering test must find it. */
public record PlantedBook(PlantedSettlement other) {}
