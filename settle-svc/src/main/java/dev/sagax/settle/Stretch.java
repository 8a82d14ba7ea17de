package dev.sagax.settle;

/**
 * A piece of one partition's log: the positions in (previous, end].
 *
 * @param previous the last position that PostgreSQL has; the ledger may forget verdicts up to it
 * @param end the last position that a batch covers, also where its last records ask for nothing
 */
public record Stretch(int partition, long previous, long end) {}
