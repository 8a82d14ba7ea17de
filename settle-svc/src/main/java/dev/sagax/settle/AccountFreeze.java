package dev.sagax.settle;

/**
 * An operator's decision on an account.
 *
 * @param position in its partition of {@code transfer.requested}
 * @param frozen whether nothing new may be held for the account
 * @param operator who decided
 * @param reason in the operator's words
 * @param timeMicros when it was asked for
 */
public record AccountFreeze(
    long position, String account, boolean frozen, String operator, String reason, long timeMicros)
    implements TransferInstruction {}
