/** {@code ./sagax ledger}: what an operator does with the ledger. */
package dev.sagax.bench.ledger;
