package dev.sagax.settle;

/** What an account has of one asset, in units. */
public record Balance(String asset, long availableUnits, long heldUnits) {

  /**
   * @throws ArithmeticException if a long cannot count it
   */
  Balance plus(Balance more) {
    return new Balance(
        asset,
        Math.addExact(availableUnits, more.availableUnits),
        Math.addExact(heldUnits, more.heldUnits));
  }
}
