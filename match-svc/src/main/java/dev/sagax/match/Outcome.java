package dev.sagax.match;

import java.util.List;

/** What ONE instruction did, in the order of the book. */
public sealed interface Outcome {

  /**
   * An order was placed. What is left of the taker and not released rests.
   *
   * @param releases of the taker, of the order that it replaced, and of makers that self-trade
   *     prevention cancelled
   */
  record Placed(Party taker, List<Trade> trades, List<Release> releases) implements Outcome {}

  /** A resting order was cancelled. */
  record Cancelled(Release release) implements Outcome {}

  /** A resting order was reduced, and rests on with what is left. */
  record Reduced(Release release) implements Outcome {}

  /**
   * An outcome that the ledger refused was undone. It has no fills, so it cannot be refused.
   *
   * @param releases what the refused outcome took of each order; and all that rested of the taker
   *     and of the orders at fault, which are cancelled
   * @param tradeIds the trades that never happened
   */
  record Undone(Party taker, List<Release> releases, List<Long> tradeIds) implements Outcome {}

  /** There was nothing left to cancel, or to reduce so far. */
  record NothingLeft(String orderId, String account) implements Outcome {}
}
