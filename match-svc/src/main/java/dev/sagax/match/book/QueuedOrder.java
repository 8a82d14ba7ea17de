package dev.sagax.match.book;

/** A resting order in the queue of its price level. */
final class QueuedOrder {
  final long number;
  final String account;
  final PriceLevel level;
  long left;
  QueuedOrder earlier;
  QueuedOrder later;

  QueuedOrder(long number, String account, PriceLevel level, long left) {
    this.number = number;
    this.account = account;
    this.level = level;
    this.left = left;
  }

  RestingOrder view() {
    return new RestingOrder(number, account, level.side, level.price, left);
  }
}
