/**
 * The saga over Kafka: topics, numbered records, the one step loop, the outbox and dead letters.
 */
package dev.sagax.platform.log;
