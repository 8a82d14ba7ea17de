package dev.sagax.settle;

/**
 * How the ledger stands.
 *
 * @param epoch of the building of the ledger; 0 before the first start
 * @param reason a whole sentence; empty while open
 * @param sinceMicros when it came into this mode; 0 if it has always been in it
 * @param verifiedMicros when the audit that runs by itself last found all right that it looked at;
 *     0 for never
 */
public record LedgerState(
    long epoch, LedgerMode mode, String reason, long sinceMicros, long verifiedMicros) {}
