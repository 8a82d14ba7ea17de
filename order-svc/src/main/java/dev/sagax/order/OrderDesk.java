package dev.sagax.order;

import dev.sagax.order.Decisions.Answer;
import dev.sagax.order.Instruction.AmendOrder;
import dev.sagax.order.Instruction.ArmCancelAll;
import dev.sagax.order.Instruction.CancelAll;
import dev.sagax.order.Instruction.CancelOrder;
import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.Orders.CancelledTo;
import dev.sagax.order.Orders.Place;
import dev.sagax.order.Orders.Switch;
import dev.sagax.order.Outcome.Settled;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides the instructions and outcomes of one batch, one after the other, against the orders as
 * they stand. First it plans what must be held; then it is told the verdicts and decides. What it
 * decides depends on their order alone, not on how they were cut into batches.
 */
public final class OrderDesk {
  private final Map<String, Order> orders;
  private final Set<String> cancelledBefore;
  private final Map<Long, OrderReason> rejectedByMarket;
  private final Map<Place, Integer> openBefore;
  private final int limit;
  private final Map<Place, Integer> opened = new HashMap<>();
  private final Map<String, Order> placed = new LinkedHashMap<>();
  private final Map<String, Order> changed = new LinkedHashMap<>();
  private final Map<String, CancelOrder> remembered = new LinkedHashMap<>();
  private final Set<String> cancelling = new HashSet<>();
  private final Map<List<Object>, CancelledTo> cancelledTo = new LinkedHashMap<>();
  private final Map<Switch, Long> deadlines;
  private final Map<Switch, Long> switched = new LinkedHashMap<>();

  /**
   * @param known every order that the batch is about as far as it exists, and the ids in the batch
   *     that were cancelled before they were placed
   * @param openBefore how many open orders there were before the batch, wherever it places some
   * @param deadlines what the switches are set to that the batch says have passed
   * @param rejectedByMarket the orders that their market does not take, by position
   * @param limit how many open orders an account may have in a market
   */
  public OrderDesk(
      Orders.Known known,
      Map<Place, Integer> openBefore,
      Map<Switch, Long> deadlines,
      Map<Long, OrderReason> rejectedByMarket,
      int limit) {
    this.rejectedByMarket = Map.copyOf(rejectedByMarket);
    this.deadlines = new HashMap<>(deadlines);
    this.orders = new LinkedHashMap<>(known.orders());
    this.cancelledBefore = new HashSet<>(known.cancelledBefore());
    this.openBefore = Map.copyOf(openBefore);
    this.limit = limit;
  }

  /** A plan of holds from here on; it ends where it has to be decided first. */
  public HoldPlan planHolds() {
    return new HoldPlan(
        limit,
        place -> openBefore.get(place) + opened.getOrDefault(place, 0),
        orders.keySet(),
        cancelledBefore,
        rejectedByMarket.keySet());
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
    if (!order.closed()) {
      opened.merge(Place.of(place), 1, Integer::sum);
    }
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

  private Order decideFunds(
      long position, PlaceOrder place, Map<Long, Ledger.Verdict> verdicts, Decisions decisions) {
    return switch (verdicts.get(position)) {
      case HELD -> Order.open(place, position, decisions.match(position, place, replaced(place)));
      case INSUFFICIENT_FUNDS -> Order.rejected(place, position, OrderReason.INSUFFICIENT_FUNDS);
      case DECLINED -> Order.rejected(place, position, OrderReason.TOO_MANY_OPEN_ORDERS);
      case ACCOUNT_FROZEN -> Order.rejected(place, position, OrderReason.ACCOUNT_FROZEN);
    };
  }

  /** Whether it still rests the book knows; here it only has to be the same owner's. */
  private Optional<Order> replaced(PlaceOrder place) {
    return place
        .replaces()
        .map(replaces -> orders.get(replaces.orderId()))
        .filter(order -> order.account().equals(place.account()))
        .filter(order -> order.market().equals(place.market()));
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

  /**
   * Decides a cancel of all open orders. One that an earlier cancel of all has sent to the book is
   * not sent again: it ends anyway. One that comes of a deadline has an effect only if that is what
   * the switch is set to, and unsets it unless it is only a part.
   *
   * @param stored the open orders of the account before the batch, by number
   */
  public void cancelAll(long position, CancelAll all, List<OpenOrder> stored, Decisions decisions) {
    if (all.deadlineMicros() > 0 && !isDue(all)) {
      decisions.cancellingAll(position, all, List.of());
      return;
    }
    List<OpenOrder> open = new ArrayList<>();
    for (OpenOrder order : stored) {
      Order now = orders.get(order.orderId());
      if (now == null || !now.closed()) {
        open.add(order);
      }
    }
    for (Order order : placed.values()) {
      if (!order.closed() && order.account().equals(all.account())) {
        open.add(OpenOrder.of(order));
      }
    }
    open.removeIf(order -> !all.covers(order) || !cancelling.add(order.orderId()));
    for (OpenOrder order : open) {
      decisions.cancelMatch(position, all, order);
      cancelledTo.put(
          List.of(all.account(), order.market(), order.side()),
          new CancelledTo(all.account(), order.market(), order.side(), order.number()));
    }
    decisions.cancellingAll(position, all, open);
  }

  private boolean isDue(CancelAll all) {
    Switch of = Switch.of(all);
    boolean due = deadlines.getOrDefault(of, 0L) == all.deadlineMicros();
    if (due && !all.partOfAll()) {
      set(of, 0);
    }
    return due;
  }

  /** Sets a dead man's switch. */
  public void arm(long position, ArmCancelAll arm, Decisions decisions) {
    set(new Switch(arm.account(), arm.market()), arm.deadlineMicros());
    decisions.armed(position, arm);
  }

  private void set(Switch which, long deadlineMicros) {
    deadlines.put(which, deadlineMicros);
    switched.put(which, deadlineMicros);
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
    if (order.closed() && !before.closed()) {
      opened.merge(Place.of(order.request()), -1, Integer::sum);
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
        List.copyOf(remembered.values()),
        List.copyOf(cancelledTo.values()),
        Map.copyOf(switched));
  }

  /** By how many the open orders of each place have become more. */
  public Map<Place, Integer> opened() {
    return Map.copyOf(opened);
  }

  /** The orders that the batch is about, as they stand now. */
  public Collection<Order> orders() {
    return List.copyOf(orders.values());
  }
}
