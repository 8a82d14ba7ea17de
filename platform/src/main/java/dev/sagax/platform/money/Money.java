package dev.sagax.platform.money;

/** Products of money through 128 bits, each with its rounding in its name. */
public final class Money {
  private static final long BPS = 10_000;

  private Money() {}

  /**
   * What a buyer pays for a fill: floor(price x quantity).
   *
   * @param priceUnits quote units per one whole unit of the base asset
   * @param quantityUnits base units
   * @param baseUnitsPerWhole 10^scale of the base asset
   * @throws ArithmeticException if the result exceeds a long
   */
  public static long quoteFloor(long priceUnits, long quantityUnits, long baseUnitsPerWhole) {
    return mulDivFloor(priceUnits, quantityUnits, baseUnitsPerWhole);
  }

  /**
   * What a limit buy holds: ceil(price x quantity). Parameters and errors as {@link #quoteFloor}.
   */
  public static long quoteCeil(long priceUnits, long quantityUnits, long baseUnitsPerWhole) {
    return mulDivCeil(priceUnits, quantityUnits, baseUnitsPerWhole);
  }

  /** The fee on what a side receives: min(proceeds, ceil(proceeds x bps / 10,000)). */
  public static long fee(long proceedsUnits, int bps) {
    return Math.min(proceedsUnits, mulDivCeil(proceedsUnits, bps, BPS));
  }

  /**
   * filled_quote / filled_quantity as a price, rounded down: quote units per whole base unit. For
   * display.
   */
  public static long averagePrice(long quoteUnits, long quantityUnits, long baseUnitsPerWhole) {
    return mulDivFloor(quoteUnits, baseUnitsPerWhole, quantityUnits);
  }

  /** floor(a x b / c) for a, b >= 0 and c > 0. */
  static long mulDivFloor(long a, long b, long c) {
    long high = Math.multiplyHigh(a, b);
    long low = a * b;
    if (high == 0 && low >= 0) {
      return low / c;
    }
    return big(a, b).divide(java.math.BigInteger.valueOf(c)).longValueExact();
  }

  /** ceil(a x b / c) for a, b >= 0 and c > 0. */
  static long mulDivCeil(long a, long b, long c) {
    long high = Math.multiplyHigh(a, b);
    long low = a * b;
    if (high == 0 && low >= 0) {
      return low / c + (low % c == 0 ? 0 : 1);
    }
    var divided = big(a, b).divideAndRemainder(java.math.BigInteger.valueOf(c));
    return Math.addExact(divided[0].longValueExact(), divided[1].signum());
  }

  private static java.math.BigInteger big(long a, long b) {
    return java.math.BigInteger.valueOf(a).multiply(java.math.BigInteger.valueOf(b));
  }
}
