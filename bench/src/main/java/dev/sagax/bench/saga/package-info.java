/** {@code ./sagax saga}: the saga of an order as a timeline. */
package dev.sagax.bench.saga;
