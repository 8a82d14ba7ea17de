package dev.sagax.settle;

import java.math.BigInteger;

/**
 * What the journal's entries in an asset sum to outside of the accounts, in units.
 *
 * @param fees what the exchange collected
 * @param external what came in from outside, negative: all withdrawals less all deposits
 */
public record Sums(BigInteger fees, BigInteger external) {
  static final Sums NOTHING = new Sums(BigInteger.ZERO, BigInteger.ZERO);

  Sums plus(Sums more) {
    return new Sums(fees.add(more.fees), external.add(more.external));
  }
}
