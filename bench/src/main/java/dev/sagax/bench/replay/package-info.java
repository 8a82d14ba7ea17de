/**
 * Replays recorded order flow and compares what the exchange makes of it with what was recorded.
 */
package dev.sagax.bench.replay;
