package dev.sagax.settle;

import java.math.BigInteger;

/**
 * The figures of one asset, in units.
 *
 * @param supply all deposits less all withdrawals
 * @param available of all accounts
 * @param held of all accounts
 * @param holds of all open holds
 * @param journalSum of all journal entries
 */
public record AssetFigures(
    String asset,
    BigInteger supply,
    BigInteger available,
    BigInteger held,
    BigInteger fees,
    BigInteger holds,
    BigInteger journalSum) {}
