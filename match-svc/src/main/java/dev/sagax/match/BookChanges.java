package dev.sagax.match;

import java.util.List;

/**
 * What a batch of instructions did to the resting orders in the end: an order that came and went
 * within the batch does not appear.
 *
 * @param rested orders that rest now and did not before
 * @param reduced orders that rested before, with what is left of them now
 * @param gone numbers of orders that no longer rest
 */
public record BookChanges(List<BookedOrder> rested, List<BookedOrder> reduced, List<Long> gone) {}
