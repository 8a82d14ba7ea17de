package dev.sagax.order;

import java.util.List;
import java.util.Optional;

/** Takes down what is decided, in the order in which it is decided. */
public interface Decisions {

  /** What an instruction got. */
  enum Answer {
    /** A new order, open or rejected; or a cancel or an amendment that goes to the book. */
    APPLIED,
    /** The same instruction again. */
    REPEATED,
    /** The id was used with other content. */
    CONFLICT,
    /** A cancel of an id not seen yet, which is remembered; or an amendment of one. */
    NOT_FOUND,
    /** A cancel or an amendment of an order that is closed. */
    CLOSED
  }

  /**
   * A new order goes to the book.
   *
   * @param replaced the order whose place it takes there, if it is known
   * @return its number there
   */
  long match(long instruction, Instruction.PlaceOrder order, Optional<Order> replaced);

  /** A cancel goes to the book. */
  void cancelMatch(long instruction, Instruction.CancelOrder cancel, long orderNumber);

  /**
   * An amendment goes to the book.
   *
   * @param orderedUnits what the order asked for when it was placed
   */
  void amendMatch(
      long instruction, Instruction.AmendOrder amend, long orderNumber, long orderedUnits);

  /** A market takes something else from here on. */
  void marketSet(long instruction, MarketStatus status);

  /** An order is new, open or rejected. */
  void placed(long instruction, Order order);

  /** An open order goes to the book to be cancelled, because all of its account are. */
  void cancelMatch(long instruction, Instruction.CancelAll all, OpenOrder order);

  /** A cancel of all orders is answered with those that go to the book for it, by number. */
  void cancellingAll(long instruction, Instruction.CancelAll all, List<OpenOrder> orders);

  /** A dead man's switch is set or unset. */
  void armed(long instruction, Instruction.ArmCancelAll arm);

  /** An instruction is answered with the order as it stands. */
  void decided(long instruction, Answer answer, Order order);

  /** An instruction is in conflict with an order of the same id in these fields. */
  void conflict(long instruction, Order order, List<String> fields);

  /** A cancel or an amendment names an order that was not seen yet. */
  void notFound(long instruction, String orderId);

  /** Another order's instruction changed this one. */
  void filledAsMaker(long instruction, OrderChange change);

  /** An order is going to be cancelled because matching failed or settlement refused it. */
  void cancelling(long instruction, Order order);

  /** The outcome of an instruction about this order is settled; the last word on it. */
  void settled(long instruction, OrderChange change);
}
