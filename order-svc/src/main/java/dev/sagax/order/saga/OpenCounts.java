package dev.sagax.order.saga;

import dev.sagax.order.Orders.Place;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many open orders accounts have in markets, where the partition placed orders last. A copy of
 * what is committed, so it may forget any: it is counted again.
 */
final class OpenCounts extends LinkedHashMap<Place, Integer> {
  private static final long serialVersionUID = 1L;
  private static final int INITIAL_CAPACITY = 1_024;
  private static final float LOAD_FACTOR = 0.75f;

  private final int limit;

  OpenCounts(int limit) {
    super(INITIAL_CAPACITY, LOAD_FACTOR, true);
    this.limit = limit;
  }

  /**
   * @param before what was counted before a batch
   * @param opened by how many the batch made them more
   */
  void keep(Map<Place, Integer> before, Map<Place, Integer> opened) {
    putAll(before);
    opened.forEach((place, more) -> computeIfPresent(place, (same, count) -> count + more));
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<Place, Integer> eldest) {
    return size() > limit;
  }
}
