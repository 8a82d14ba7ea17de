package dev.sagax.match;

import dev.sagax.match.book.Taker;

/** What order-svc asks of the book. */
public sealed interface Instruction extends MatchRequest {

  /** The order it is about. */
  String orderId();

  /** The order's owner. */
  String account();

  /** Its position in {@code order.requested}: what the outcome will answer. */
  long position();

  /** When the client gave it, in microseconds since 1970. */
  long timeMicros();

  /** Match an order whose funds are held. */
  record Place(
      long position, long timeMicros, String market, String orderId, Taker taker, FrozenRules rules)
      implements Instruction {

    @Override
    public String account() {
      return taker.account();
    }
  }

  /**
   * Cancel what rests of an order.
   *
   * @param orderNumber its number in the book
   */
  record Cancel(
      long position,
      long timeMicros,
      String market,
      String orderId,
      String account,
      long orderNumber)
      implements Instruction {}

  /**
   * Reduce what rests of an order.
   *
   * @param orderNumber its number in the book
   * @param quantity what it asks for in all from now on, in base units
   * @param placedQuantity what it asked for when it was placed
   */
  record Amend(
      long position,
      long timeMicros,
      String market,
      String orderId,
      String account,
      long orderNumber,
      long quantity,
      long placedQuantity)
      implements Instruction {}

  /**
   * The market rules that an order was admitted under and keeps, as far as matching needs them.
   *
   * @param makerBps fee when it rests, in basis points of what it receives
   * @param takerBps fee when it arrives
   */
  record FrozenRules(int baseScale, int makerBps, int takerBps) {}
}
