package dev.sagax.match.book;

import java.util.List;

/** A book aggregated by price, best prices first. */
public record Depth(List<Level> bids, List<Level> asks) {

  /**
   * All orders of one price.
   *
   * @param price quote units per one whole base unit
   * @param quantity base units
   */
  public record Level(long price, long quantity, int orders) {}
}
