/** {@code ./sagax dlq}: what an operator does with dead letters. */
package dev.sagax.bench.dlq;
