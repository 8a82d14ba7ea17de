package dev.sagax.order;

import dev.sagax.order.Instruction.CancelOrder;
import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.Orders.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * What to ask the ledger for: a hold for every new order (none of its id stands, none was placed by
 * an earlier instruction, it was not cancelled before, and its market takes it), or only to record
 * that it is declined, because its account has as many open orders as it may.
 *
 * <p>Whether a position is asked for depends on the instructions before it alone. Whether it is
 * declined depends on what was settled until then too, so the first answer of the ledger decides,
 * and any later one repeats it.
 *
 * <p>The plan ends before an order of which only the ledger's answers to the ones before it can say
 * whether it is one too many. So the decision is that of the records one by one, however they are
 * cut into batches.
 */
public final class HoldPlan {
  private final int limit;
  private final ToIntFunction<Place> openOrders;
  private final Set<String> seen;
  private final Set<String> cancelled;
  private final Set<Long> rejectedByMarket;
  private final Map<Place, Integer> undecided = new HashMap<>();
  private final List<Ledger.Hold> holds = new ArrayList<>();
  private boolean settled;

  /**
   * @param limit how many open orders an account may have in a market
   * @param openOrders how many it has before the first record of the plan
   * @param seen the orders that exist
   * @param cancelled the ids that were cancelled before they were placed
   * @param rejectedByMarket the positions of orders that their market does not take
   */
  HoldPlan(
      int limit,
      ToIntFunction<Place> openOrders,
      Set<String> seen,
      Set<String> cancelled,
      Set<Long> rejectedByMarket) {
    this.rejectedByMarket = rejectedByMarket;
    this.limit = limit;
    this.openOrders = openOrders;
    this.seen = new HashSet<>(seen);
    this.cancelled = new HashSet<>(cancelled);
  }

  /**
   * Adds the next instruction.
   *
   * @return false if the plan ends before it; the first one is always added
   */
  public boolean add(long position, Instruction instruction) {
    return switch (instruction) {
      case PlaceOrder place -> !isToBeHeld(position, place) || addNew(position, place);
      case CancelOrder cancel -> {
        if (!seen.contains(cancel.orderId())) {
          cancelled.add(cancel.orderId());
        }
        yield true;
      }
      case Instruction.AmendOrder amend -> true;
      case Instruction.CancelAll all -> true;
      case Instruction.ArmCancelAll arm -> true;
    };
  }

  /** Says that something is settled between two instructions, which may have closed orders. */
  public void settled() {
    settled = true;
  }

  private boolean isToBeHeld(long position, PlaceOrder place) {
    if (seen.contains(place.orderId())) {
      return false;
    }
    if (cancelled.contains(place.orderId()) || rejectedByMarket.contains(position)) {
      seen.add(place.orderId());
      return false;
    }
    return true;
  }

  private boolean addNew(long position, PlaceOrder place) {
    Place where = Place.of(place);
    int waiting = undecided.getOrDefault(where, 0);
    // A replacement or the order that it replaces ends as it comes to the book: there is not one
    // more.
    boolean mayBeTooMany =
        place.replaces().isEmpty() && openOrders.applyAsInt(where) + waiting >= limit;
    if (mayBeTooMany && (settled || waiting > 0)) {
      return false;
    }
    if (!mayBeTooMany) {
      undecided.put(where, waiting + 1);
    }
    seen.add(place.orderId());
    holds.add(new Ledger.Hold(position, place, mayBeTooMany));
    return true;
  }

  /** The holds, by position. */
  public List<Ledger.Hold> holds() {
    return holds;
  }
}
