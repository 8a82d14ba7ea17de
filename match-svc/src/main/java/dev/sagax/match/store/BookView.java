package dev.sagax.match.store;

import java.math.BigInteger;
import java.util.List;

/**
 * A committed book aggregated by price, best prices first.
 *
 * @param sequence number of the last {@code book.updated} of its partition that is in it
 */
public record BookView(long sequence, List<Level> bids, List<Level> asks) {

  /**
   * All orders of one price.
   *
   * @param price quote units per one whole base unit
   * @param quantity base units; the sum of many orders may exceed a long
   */
  public record Level(long price, BigInteger quantity, long orders) {}
}
