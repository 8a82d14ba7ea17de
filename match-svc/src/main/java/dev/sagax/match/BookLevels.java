package dev.sagax.match;

import dev.sagax.match.book.Side;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What rests at each price of a partition's books, kept up as orders come and go. */
final class BookLevels {
  private static final Total NOTHING = new Total(BigInteger.ZERO, 0);

  private final Map<Place, Total> totals = new HashMap<>();

  /** How the levels touched since the last {@link #takeChanges} were before. */
  private final Map<Place, Total> before = new LinkedHashMap<>();

  private record Place(String market, Side side, long price) {
    static Place of(BookedOrder order) {
      return new Place(order.market(), order.side(), order.price());
    }
  }

  private record Total(BigInteger quantity, int orders) {
    Total with(BookedOrder order) {
      return new Total(quantity.add(BigInteger.valueOf(order.quantity())), orders + 1);
    }

    Total without(BookedOrder order) {
      return new Total(quantity.subtract(BigInteger.valueOf(order.quantity())), orders - 1);
    }
  }

  /** Loads an order that rested before. */
  void restore(BookedOrder order) {
    totals.merge(Place.of(order), NOTHING.with(order), (total, one) -> total.with(order));
  }

  /**
   * An order rests otherwise than before.
   *
   * @param then how it rested, null if it did not
   * @param now how it rests, null if it does not any more
   */
  void change(BookedOrder then, BookedOrder now) {
    if (then != null) {
      Place place = Place.of(then);
      put(place, touch(place).without(then));
    }
    if (now != null) {
      Place place = Place.of(now);
      put(place, touch(place).with(now));
    }
  }

  private Total touch(Place place) {
    Total total = totals.getOrDefault(place, NOTHING);
    before.putIfAbsent(place, total);
    return total;
  }

  private void put(Place place, Total total) {
    if (total.orders == 0) {
      totals.remove(place);
    } else {
      totals.put(place, total);
    }
  }

  /**
   * The levels of each market that are not as at the last call; those that are again do not count.
   */
  Map<String, List<LevelChange>> takeChanges() {
    Map<String, List<LevelChange>> changes = new TreeMap<>();
    before.forEach((place, then) -> {
      Total now = totals.getOrDefault(place, NOTHING);
      if (!now.equals(then)) {
        changes
            .computeIfAbsent(place.market, market -> new ArrayList<>())
            .add(new LevelChange(place.side, place.price, now.quantity, now.orders));
      }
    });
    before.clear();
    return changes;
  }
}
