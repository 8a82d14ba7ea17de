package dev.sagax.match;

import dev.sagax.match.book.BookEvent.CancelReason;
import dev.sagax.match.book.BookEvent.ExpireReason;

/**
 * What is taken off an order without a fill.
 *
 * @param left base units, or quote units of a market buy
 */
public record Release(Party order, long left, Ending ending) {

  /** How it ended, or that it goes on. */
  public sealed interface Ending {

    /** A market buy that bought all that its budget pays for. */
    record Filled() implements Ending {}

    record Cancelled(CancelReason reason) implements Ending {}

    record Expired(ExpireReason reason) implements Ending {}

    /** Its owner reduced it; it goes on. */
    record Reduced() implements Ending {}

    /** Another order of its owner's took its place. */
    record Replaced() implements Ending {}

    /** The order that it was to replace does not rest any more, or is filled that far. */
    record NothingToReplace() implements Ending {}

    /** The order could not be matched. */
    record MatchFailed() implements Ending {}

    /** The ledger refused an outcome of the order, so its match was undone. */
    record SettlementFailed() implements Ending {}
  }
}
