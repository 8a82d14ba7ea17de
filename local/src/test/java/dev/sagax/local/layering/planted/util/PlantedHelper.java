package dev.sagax.local.layering.planted.util;

/** Breaks rules on purpose: the layering test must find it. */
public record PlantedHelper() {}
