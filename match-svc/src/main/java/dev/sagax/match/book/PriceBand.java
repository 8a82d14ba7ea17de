package dev.sagax.match.book;

import java.math.BigInteger;

/** The prices at which an order that arrives may trade, both ends included. */
record PriceBand(long low, long high) {
  static final PriceBand ANY = new PriceBand(0, Long.MAX_VALUE);

  private static final BigInteger WHOLE = BigInteger.valueOf(10_000);
  private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

  /**
   * So many basis points of a price below it and above it; its ends are rounded towards the price.
   */
  static PriceBand around(long price, int bps) {
    BigInteger units = BigInteger.valueOf(price);
    BigInteger width = BigInteger.valueOf(bps);
    BigInteger below = units.multiply(WHOLE.subtract(width));
    BigInteger above = units.multiply(WHOLE.add(width)).divide(WHOLE);
    return new PriceBand(
        below.add(WHOLE).subtract(BigInteger.ONE).divide(WHOLE).longValueExact(),
        above.min(MOST).longValueExact());
  }

  boolean contains(long price) {
    return low <= price && price <= high;
  }
}
