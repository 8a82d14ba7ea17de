/**
 * Real Kafka, Redis and PostgreSQL servers on loopback, from Maven artifacts alone. They keep their
 * data over stops and kills, and none outlives the process that started it.
 */
package dev.sagax.local.infra;
