/**
 * {@code ./sagax chaos}: runs the whole exchange as separate processes under load, breaks it in
 * every way, and checks afterwards that nothing was lost, doubled or left behind.
 */
package dev.sagax.bench.chaos;
