/** {@code ./sagax stores}: whether the stores of an exchange belong together. */
package dev.sagax.bench.stores;
