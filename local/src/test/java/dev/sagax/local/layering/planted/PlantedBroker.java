package dev.sagax.local.layering.planted;

import kafka.server.KafkaConfig;

/** Breaks rules on purpose: the layering test must find it. */
public record PlantedBroker(KafkaConfig broker) {}
