package dev.sagax.platform.rpc;

/**
 * A token that was found good.
 *
 * @param endsAtMillis from when on, in milliseconds since 1970, it is not good any more
 */
record VerifiedToken(Caller caller, long endsAtMillis) {}
