package dev.sagax.settle;

import java.util.Map;
import java.util.OptionalLong;

/**
 * Where the journal stands.
 *
 * @param epoch of the ledger it belongs to; empty before the first start
 * @param empty nothing was ever journaled
 * @param positions last journaled positions; what is missing stands before its first record
 */
public record JournalState(OptionalLong epoch, boolean empty, Map<FlowPartition, Long> positions) {}
