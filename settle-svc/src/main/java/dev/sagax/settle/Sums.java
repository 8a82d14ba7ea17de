package dev.sagax.settle;

/**
 * What the journal's entries in an asset sum to outside of the accounts, in units.
 *
 * @param fees what the exchange collected
 * @param external what came in from outside, negative: all withdrawals less all deposits
 */
public record Sums(long fees, long external) {
  static final Sums NOTHING = new Sums(0, 0);

  /**
   * @throws ArithmeticException if a long cannot count it
   */
  Sums plus(Sums more) {
    return new Sums(Math.addExact(fees, more.fees), Math.addExact(external, more.external));
  }
}
