package dev.sagax.match;

import dev.sagax.match.book.Taker;
import java.util.Optional;

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

  /**
   * Match an order whose funds are held.
   *
   * @param replaced the resting order that it takes the place of, if it does; then it is a limit
   *     order
   */
  record Place(
      long position,
      long timeMicros,
      String market,
      String orderId,
      Taker taker,
      FrozenRules rules,
      Optional<Replaced> replaced)
      implements Instruction {

    /** An order that replaces none. */
    public Place(
        long position,
        long timeMicros,
        String market,
        String orderId,
        Taker taker,
        FrozenRules rules) {
      this(position, timeMicros, market, orderId, taker, rules, Optional.empty());
    }

    @Override
    public String account() {
      return taker.account();
    }
  }

  /**
   * An order of the same owner that ends where its replacement arrives.
   *
   * @param orderNumber its number in the book; 0 if it has none
   * @param placedQuantity what it asked for when it was placed, in base units
   * @param whatRests the replacement is for what rests of it, and at most for its own quantity;
   *     else that says what both together are to be filled for
   */
  record Replaced(String orderId, long orderNumber, long placedQuantity, boolean whatRests) {}

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
