package dev.sagax.order;

import dev.sagax.order.Decisions.Answer;
import dev.sagax.order.Instruction.AmendOrder;
import dev.sagax.order.Instruction.CancelOrder;
import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.Outcome.Settled;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Decides the instructions and outcomes of one batch, one after the other, against the orders as
 * they stand. First it is told all instructions and says what must be held; then it is told the
 * verdicts and decides. What it decides depends on their order alone, not on how they were cut into
 * batches.
 */
public final class OrderDesk {
  private final Map<String, Order> orders;
  private final Set<String> cancelledBefore;
  private final Map<Long, OrderReason> rejectedByMarket;
  private final Map<String, Order> placed = new LinkedHashMap<>();
  private final Map<String, Order> changed = new LinkedHashMap<>();
  private final Map<String, CancelOrder> remembered = new LinkedHashMap<>();

  /**
   * @param orders every order that the batch is about, by id, as far as it exists
   * @param cancelledBefore the ids in the batch that were cancelled before they were placed
   * @param rejectedByMarket the orders that their market does not take, by position
   */
  public OrderDesk(
      Map<String, Order> orders,
      Set<String> cancelledBefore,
      Map<Long, OrderReason> rejectedByMarket) {
    this.rejectedByMarket = rejectedByMarket;
    this.orders = new LinkedHashMap<>(orders);
    this.cancelledBefore = new HashSet<>(cancelledBefore);
  }

  /**
   * The funds to hold for the new orders among these instructions: no order of that id stands, none
   * is placed by an earlier one, it was not cancelled before, and its market takes it.
   *
   * @param instructions by position
   */
  public List<Ledger.Hold> holdsFor(Map<Long, Instruction> instructions) {
    Set<String> seen = new HashSet<>(orders.keySet());
    Set<String> cancelled = new HashSet<>(cancelledBefore);
    List<Ledger.Hold> holds = new ArrayList<>();
    BiConsumer<Long, Instruction> look =
        (position, instruction) -> {
          switch (instruction) {
            case PlaceOrder place -> {
              if (seen.add(place.orderId())
                  && !cancelled.contains(place.orderId())
                  && !rejectedByMarket.containsKey(position)) {
                holds.add(new Ledger.Hold(position, place));
              }
            }
            case CancelOrder cancel -> {
              if (!seen.contains(cancel.orderId())) {
                cancelled.add(cancel.orderId());
              }
            }
            case AmendOrder amend -> {}
          }
        };
    instructions.forEach(look);
    return holds;
  }

  /** True if an order of the instruction's id belongs to somebody else: ids cannot do that. */
  public boolean ownedByAnother(Instruction instruction) {
    Order order = orders.get(instruction.orderId());
    return order != null && !order.account().equals(instruction.account());
  }

  /**
   * Decides a placing.
   *
   * @param verdicts of the ledger, by position
   */
  public void place(
      long position, PlaceOrder place, Map<Long, Ledger.Verdict> verdicts, Decisions decisions) {
    Order standing = orders.get(place.orderId());
    if (standing != null) {
      repeat(position, place, standing, decisions);
      return;
    }
    Order order = decideNew(position, place, verdicts, decisions);
    orders.put(order.orderId(), order);
    placed.put(order.orderId(), order);
    decisions.placed(position, order);
  }

  private Order decideNew(
      long position, PlaceOrder place, Map<Long, Ledger.Verdict> verdicts, Decisions decisions) {
    if (cancelledBefore.contains(place.orderId())) {
      return Order.rejected(place, position, OrderReason.CANCELLED_BEFORE_PLACED);
    }
    if (rejectedByMarket.containsKey(position)) {
      return Order.rejected(place, position, rejectedByMarket.get(position));
    }
    return decideFunds(position, place, verdicts, decisions);
  }

  private static Order decideFunds(
      long position, PlaceOrder place, Map<Long, Ledger.Verdict> verdicts, Decisions decisions) {
    return switch (verdicts.get(position)) {
      case HELD -> Order.open(place, position, decisions.match(position, place));
      case INSUFFICIENT_FUNDS -> Order.rejected(place, position, OrderReason.INSUFFICIENT_FUNDS);
      case ACCOUNT_FROZEN -> Order.rejected(place, position, OrderReason.ACCOUNT_FROZEN);
    };
  }

  private static void repeat(long position, PlaceOrder place, Order standing, Decisions decisions) {
    List<String> differences = standing.request().differences(place);
    if (!differences.isEmpty()) {
      decisions.conflict(position, standing, differences);
    } else {
      boolean replayed = standing.instruction() == position;
      decisions.decided(position, replayed ? Answer.APPLIED : Answer.REPEATED, standing);
    }
  }

  /** Decides a cancel. */
  public void cancel(long position, CancelOrder cancel, Decisions decisions) {
    Order standing = orders.get(cancel.orderId());
    if (standing == null) {
      if (cancelledBefore.add(cancel.orderId())) {
        remembered.put(cancel.orderId(), cancel);
      }
      decisions.notFound(position, cancel.orderId());
    } else if (standing.closed()) {
      decisions.decided(position, Answer.CLOSED, standing);
    } else {
      decisions.cancelMatch(position, cancel, standing.number());
      decisions.decided(position, Answer.APPLIED, standing);
    }
  }

  /**
   * Why an amendment is none that the API would have recorded, as a whole sentence; empty if it
   * fits the order.
   */
  public Optional<String> misfit(AmendOrder amend) {
    Order standing = orders.get(amend.orderId());
    if (standing == null) {
      return Optional.empty();
    }
    boolean fits =
        standing.request().type() instanceof OrderType.Limit
            && amend.quantityUnits() <= standing.request().type().amountUnits()
            && amend.quantityUnits() % standing.request().rules().lotUnits() == 0;
    return fits
        ? Optional.empty()
        : Optional.of(
            "The order cannot be reduced to %d units of its base asset."
                .formatted(amend.quantityUnits()));
  }

  /** Decides an amendment; how far the order can still be reduced, the book knows. */
  public void amend(long position, AmendOrder amend, Decisions decisions) {
    Order standing = orders.get(amend.orderId());
    if (standing == null) {
      decisions.notFound(position, amend.orderId());
    } else if (standing.closed()) {
      decisions.decided(position, Answer.CLOSED, standing);
    } else {
      decisions.amendMatch(
          position, amend, standing.number(), standing.request().type().amountUnits());
      decisions.decided(position, Answer.APPLIED, standing);
    }
  }

  /** Applies an outcome: first to the makers, then to the order that it is about. */
  public void settle(Outcome outcome, Decisions decisions) {
    for (Settled figures : outcome.orders()) {
      if (!figures.orderId().equals(outcome.orderId())) {
        settleMaker(outcome, figures, decisions);
      }
    }
    Order before = standing(outcome.orderId(), outcome.instruction());
    Order own = before;
    for (Settled figures : outcome.orders()) {
      if (figures.orderId().equals(outcome.orderId())) {
        own = own.settled(figures, outcome.instruction(), outcome.timeMicros());
      }
    }
    own = own.settledWithoutChange(outcome.instruction(), outcome.timeMicros());
    put(own);
    decisions.settled(outcome.instruction(), new OrderChange(before, own));
  }

  private void settleMaker(Outcome outcome, Settled figures, Decisions decisions) {
    Order before = standing(figures.orderId(), outcome.instruction());
    Order after = before.settled(figures, outcome.instruction(), outcome.timeMicros());
    put(after);
    if (after != before) {
      decisions.filledAsMaker(outcome.instruction(), new OrderChange(before, after));
    }
  }

  /** Notes why an order is going to end; a closed one stays as it ended. */
  public void cancelling(CancelNotice notice, Decisions decisions) {
    Order before = standing(notice.orderId(), notice.instruction());
    Order after = before.cancelling(notice);
    if (after != before) {
      put(after);
      decisions.cancelling(notice.instruction(), after);
    }
  }

  private Order standing(String orderId, long instruction) {
    Order order = orders.get(orderId);
    if (order == null) {
      throw new IllegalStateException(
          "The outcome of instruction %d names order %s, which does not exist."
              .formatted(instruction, orderId));
    }
    return order;
  }

  private void put(Order order) {
    Order before = orders.put(order.orderId(), order);
    if (order.equals(before)) {
      return;
    }
    if (placed.containsKey(order.orderId())) {
      placed.put(order.orderId(), order);
    } else {
      changed.put(order.orderId(), order);
    }
  }

  /** Everything that the decisions so far leave behind. */
  public Orders.Changes changes() {
    return new Orders.Changes(
        List.copyOf(placed.values()),
        List.copyOf(changed.values()),
        List.copyOf(remembered.values()));
  }

  /** The orders that the batch is about, as they stand now. */
  public Collection<Order> orders() {
    return List.copyOf(orders.values());
  }
}
