package dev.sagax.order;

/**
 * An order could not be matched, or its match was undone. It ends when the ledger has released its
 * hold; until then this is why it will.
 *
 * @param instruction position of the instruction that failed or was undone
 * @param timeMicros its time
 * @param reason MATCH_FAILED or SETTLEMENT_FAILED
 */
public record CancelNotice(String orderId, long instruction, long timeMicros, OrderReason reason) {}
