package dev.sagax.match;

import java.util.List;

/** What ONE instruction did, in the order of the book. */
public sealed interface Outcome {

  /**
   * An order was placed. What is left of the taker and not released rests.
   *
   * @param releases of the taker, and of makers that self-trade prevention cancelled
   */
  record Placed(Party taker, List<Trade> trades, List<Release> releases) implements Outcome {}

  /** A resting order was cancelled. */
  record Cancelled(Release release) implements Outcome {}

  /** There was nothing left to cancel. */
  record NothingLeft(String orderId, String account) implements Outcome {}
}
