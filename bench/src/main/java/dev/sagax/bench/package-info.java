/** The commands of {@code ./sagax}, and the clients behind them that drive the exchange. */
package dev.sagax.bench;
