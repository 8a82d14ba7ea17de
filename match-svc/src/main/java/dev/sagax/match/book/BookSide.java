package dev.sagax.match.book;

import java.util.Collection;
import java.util.Collections;
import java.util.TreeMap;

/** The buyers or the sellers of a book: price levels, best price first. */
final class BookSide {
  private final Side side;
  private final TreeMap<Long, PriceLevel> levels;
  private PriceLevel best;

  BookSide(Side side) {
    this.side = side;
    this.levels = side == Side.BUY ? new TreeMap<>(Collections.reverseOrder()) : new TreeMap<>();
  }

  /** The best level, null when nobody rests here. */
  PriceLevel best() {
    return best;
  }

  Collection<PriceLevel> levels() {
    return levels.values();
  }

  /** Whether an order of the other side at this price would trade with this side. */
  boolean crossedBy(long price) {
    return best != null && side.opposite().reaches(price, best.price);
  }

  QueuedOrder add(long number, String account, long price, long quantity) {
    PriceLevel level = levels.computeIfAbsent(price, p -> new PriceLevel(side, p));
    QueuedOrder order = new QueuedOrder(number, account, level, quantity);
    level.append(order);
    if (best == null || isBetter(price, best.price)) {
      best = level;
    }
    return order;
  }

  private boolean isBetter(long price, long than) {
    return side == Side.BUY ? price > than : price < than;
  }

  void remove(QueuedOrder order) {
    PriceLevel level = order.level;
    level.remove(order);
    if (level.isEmpty()) {
      levels.remove(level.price);
      if (level == best) {
        best = levels.isEmpty() ? null : levels.firstEntry().getValue();
      }
    }
  }
}
