package dev.sagax.match.book;

import java.math.BigInteger;

/** Price times quantity, exactly. */
final class Quotes {

  private Quotes() {}

  /**
   * floor(price x quantity / baseUnitsPerWhole).
   *
   * @throws ArithmeticException if it exceeds a long
   */
  static long quote(long price, long quantity, long baseUnitsPerWhole) {
    long product = price * quantity;
    if (product >= 0 && Math.multiplyHigh(price, quantity) == 0) {
      return product / baseUnitsPerWhole;
    }
    return big(price).multiply(big(quantity)).divide(big(baseUnitsPerWhole)).longValueExact();
  }

  /** Whether a budget pays for a quantity: its quote is not above it. */
  static boolean pays(long budget, long price, long quantity, long baseUnitsPerWhole) {
    long product = price * quantity;
    if (product >= 0 && Math.multiplyHigh(price, quantity) == 0) {
      return product / baseUnitsPerWhole <= budget;
    }
    return big(price).multiply(big(quantity)).compareTo(tooMuch(budget, baseUnitsPerWhole)) < 0;
  }

  /**
   * The largest quantity whose quote is within the budget: floor(price x q / base) <= budget means
   * q <= ((budget + 1) x base - 1) / price.
   *
   * @throws ArithmeticException if it exceeds a long
   */
  static long affordable(long budget, long price, long baseUnitsPerWhole) {
    return tooMuch(budget, baseUnitsPerWhole)
        .subtract(BigInteger.ONE)
        .divide(big(price))
        .longValueExact();
  }

  /** The least price x quantity that a budget does not pay: (budget + 1) x base. */
  private static BigInteger tooMuch(long budget, long baseUnitsPerWhole) {
    return big(budget).add(BigInteger.ONE).multiply(big(baseUnitsPerWhole));
  }

  private static BigInteger big(long value) {
    return BigInteger.valueOf(value);
  }
}
