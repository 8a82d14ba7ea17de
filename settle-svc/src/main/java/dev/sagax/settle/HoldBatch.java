package dev.sagax.settle;

import java.util.List;

/**
 * All holds that a partition of {@code order.requested} asks for in (previous, end].
 *
 * @param previous the end of the caller's batch before; -1 for none
 */
public record HoldBatch(int partition, long previous, long end, List<Hold> holds) {}
