package dev.sagax.order;

import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.Outcome.Settled;

/**
 * An order, whole and as settled. Its life is the chart of {@link OrderStatus}; every change counts
 * its version up by one, and a late event changes nothing.
 *
 * @param request what was asked for, under which rules
 * @param instruction position of the request in the log of the market's partition; -1 if not known
 * @param number its number in the book, which decides priority within a price; 0 if it never went
 *     there
 * @param filledUnits base asset bought or sold so far
 * @param filledQuoteUnits quote asset paid or received before the fee
 * @param feeUnits fees, of the received asset
 * @param leftUnits what can still be filled, in the unit that was ordered; 0 once closed
 * @param preventedUnits what was not traded because it would have been with its own account, in the
 *     unit that was ordered
 * @param reducedUnits what its owner took off it, in base units
 * @param updateMicros time of the instruction that last changed it, or of an earlier one if that is
 *     later
 * @param version 1 at its decision, 0 before
 * @param placed true once the outcome of its own request is settled, or there is none
 */
public record Order(
    PlaceOrder request,
    long instruction,
    long number,
    OrderStatus status,
    OrderReason reason,
    long filledUnits,
    long filledQuoteUnits,
    long feeUnits,
    long leftUnits,
    long preventedUnits,
    long reducedUnits,
    long updateMicros,
    long version,
    boolean placed) {

  /** As it stands between the append and the decision. */
  public static Order accepted(PlaceOrder request) {
    return new Order(
        request,
        -1,
        0,
        OrderStatus.ACCEPTED,
        OrderReason.NONE,
        0,
        0,
        0,
        request.type().amountUnits(),
        0,
        0,
        request.timeMicros(),
        0,
        false);
  }

  /** Decided: its funds are held and it goes to the book under this number. */
  public static Order open(PlaceOrder request, long instruction, long number) {
    return new Order(
        request,
        instruction,
        number,
        OrderStatus.OPEN,
        OrderReason.NONE,
        0,
        0,
        0,
        request.type().amountUnits(),
        0,
        0,
        request.timeMicros(),
        1,
        false);
  }

  /** Decided: refused, nothing was held. */
  public static Order rejected(PlaceOrder request, long instruction, OrderReason reason) {
    return new Order(
        request,
        instruction,
        0,
        OrderStatus.REJECTED,
        reason,
        0,
        0,
        0,
        0,
        0,
        0,
        request.timeMicros(),
        1,
        true);
  }

  public String orderId() {
    return request.orderId();
  }

  public String account() {
    return request.account();
  }

  public String market() {
    return request.market();
  }

  public boolean closed() {
    return status.closed();
  }

  /** What it asks for in all, after what its owner took off it; in the unit that was ordered. */
  public long askedUnits() {
    return request.type().amountUnits() - reducedUnits;
  }

  /**
   * The order after an outcome that changed it; the same order if the outcome says nothing new.
   *
   * @param byInstruction the instruction that the outcome is of
   * @param timeMicros its time
   */
  public Order settled(Settled figures, long byInstruction, long timeMicros) {
    return goesForward(figures)
        ? new Order(
            request,
            instruction,
            number,
            lostAPart(figures) ? OrderStatus.CANCELLED : figures.status(),
            reasonAfter(figures),
            figures.filledUnits(),
            figures.filledQuoteUnits(),
            figures.feeUnits(),
            figures.leftUnits(),
            Math.addExact(preventedUnits, figures.preventedUnits()),
            Math.addExact(reducedUnits, figures.reducedUnits()),
            notBefore(timeMicros),
            version + 1,
            placed || byInstruction == instruction)
        : settledWithoutChange(byInstruction, timeMicros);
  }

  /** The order once it is known that it will be cancelled; the same order if that is no news. */
  public Order cancelling(CancelNotice notice) {
    if (closed() || reason == notice.reason()) {
      return this;
    }
    return new Order(
        request,
        instruction,
        number,
        status,
        notice.reason(),
        filledUnits,
        filledQuoteUnits,
        feeUnits,
        leftUnits,
        preventedUnits,
        reducedUnits,
        notBefore(notice.timeMicros()),
        version + 1,
        placed);
  }

  /** The order after an outcome that lists no figures for it. */
  public Order settledWithoutChange(long byInstruction, long timeMicros) {
    if (placed || byInstruction != instruction) {
      return this;
    }
    return new Order(
        request,
        instruction,
        number,
        status,
        reason,
        filledUnits,
        filledQuoteUnits,
        feeUnits,
        leftUnits,
        preventedUnits,
        reducedUnits,
        notBefore(timeMicros),
        version + 1,
        true);
  }

  private OrderReason reasonAfter(Settled figures) {
    if (lostAPart(figures)) {
      return OrderReason.SETTLEMENT_FAILED;
    }
    return figures.status().closed() ? figures.reason() : reason;
  }

  /**
   * The last fill of an order that ordered more than was filled: settlement had refused a part,
   * which was cancelled while the rest went on. Only a market buy may be filled for less.
   */
  private boolean lostAPart(Settled figures) {
    return figures.status() == OrderStatus.FILLED
        && switch (request.type()) {
          case OrderType.Limit limit ->
              figures.filledUnits() < limit.quantityUnits() - reducedUnits - figures.reducedUnits();
          case OrderType.MarketSell sell -> figures.filledUnits() < sell.quantityUnits();
          case OrderType.MarketBuy buy -> false;
        };
  }

  /** Instructions are taken by the clocks of several replicas; an order's time never goes back. */
  private long notBefore(long timeMicros) {
    return Math.max(updateMicros, timeMicros);
  }

  private boolean goesForward(Settled to) {
    boolean behind = to.filledUnits() < filledUnits || to.leftUnits() > leftUnits;
    boolean same = to.filledUnits() == filledUnits && to.leftUnits() == leftUnits;
    return !closed() && !behind && !same;
  }
}
