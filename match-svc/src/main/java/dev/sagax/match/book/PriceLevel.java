package dev.sagax.match.book;

/** All orders of one side at one price, first come first served: a doubly linked queue. */
final class PriceLevel {
  final Side side;
  final long price;
  private QueuedOrder first;
  private QueuedOrder last;

  PriceLevel(Side side, long price) {
    this.side = side;
    this.price = price;
  }

  QueuedOrder first() {
    return first;
  }

  boolean isEmpty() {
    return first == null;
  }

  void append(QueuedOrder order) {
    order.earlier = last;
    if (last == null) {
      first = order;
    } else {
      last.later = order;
    }
    last = order;
  }

  void remove(QueuedOrder order) {
    if (order.earlier == null) {
      first = order.later;
    } else {
      order.earlier.later = order.later;
    }
    if (order.later == null) {
      last = order.earlier;
    } else {
      order.later.earlier = order.earlier;
    }
  }

  Depth.Level view() {
    long quantity = 0;
    int orders = 0;
    for (QueuedOrder order = first; order != null; order = order.later) {
      quantity = Math.addExact(quantity, order.left);
      orders++;
    }
    return new Depth.Level(price, quantity, orders);
  }
}
