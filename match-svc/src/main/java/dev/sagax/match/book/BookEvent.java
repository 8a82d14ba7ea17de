package dev.sagax.match.book;

/**
 * What an instruction did to the book, in order. A taker that is wholly filled ends with its last
 * {@link Traded}; otherwise its last event is {@link Rested}, {@link Expired} or {@link Completed}.
 */
public sealed interface BookEvent {

  /**
   * A maker traded with the taker at the maker's price.
   *
   * @param price quote units per one whole base unit
   * @param quantity base units
   * @param quote floor(price x quantity) in quote units
   * @param makerLeft what still rests of the maker, in base units; 0: it is gone
   */
  record Traded(
      long makerNumber, long takerNumber, long price, long quantity, long quote, long makerLeft)
      implements BookEvent {}

  /** What is left of a limit order rests in the book. Quantity in base units. */
  record Rested(long number, long price, long quantity) implements BookEvent {}

  /**
   * A resting order left the book without a trade.
   *
   * @param left base units
   */
  record Cancelled(long number, long left, CancelReason reason) implements BookEvent {}

  /**
   * A resting order was reduced and keeps its place.
   *
   * @param by base units that were taken off it
   * @param left what still rests of it, above zero
   */
  record Reduced(long number, long by, long left) implements BookEvent {}

  /**
   * The rest of a taker ended by the order's own terms.
   *
   * @param left base units, or quote units of a market buy
   */
  record Expired(long takerNumber, long left, ExpireReason reason) implements BookEvent {}

  /**
   * A market buy has bought all that its budget pays for.
   *
   * @param leftBudget quote units to return, above zero; they buy no further lot
   */
  record Completed(long takerNumber, long leftBudget) implements BookEvent {}

  /** Why a resting order was cancelled. */
  enum CancelReason {
    BY_OWNER,
    /** It would have traded with an order of its own account. */
    SELF_TRADE,
    /** All that is left of it is worth less than one quote unit. */
    WORTH_NOTHING
  }

  /** Why the rest of a taker expired. */
  enum ExpireReason {
    /** A POST_ONLY order would have traded at once. */
    WOULD_CROSS,
    /** What an IOC order could not trade at once. */
    IMMEDIATE_OR_CANCEL,
    /** A FOK order could not be filled wholly. */
    FILL_OR_KILL,
    /** A market order met the end of the book. */
    INSUFFICIENT_LIQUIDITY,
    /** The budget of a market buy does not pay for one lot at the best price. */
    BUDGET_BELOW_ONE_LOT,
    /** It would have traded with an order of its own account. */
    SELF_TRADE,
    /** It met the most makers that one taker may meet. */
    SWEEP_LIMIT,
    /** What is left of it is worth less than one quote unit at the best price. */
    WORTH_NOTHING,
    /** Its price, or for a market order the best price, is too far from that of the last trade. */
    PRICE_OUT_OF_BAND
  }
}
