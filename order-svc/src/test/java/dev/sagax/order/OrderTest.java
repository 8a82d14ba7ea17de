package dev.sagax.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.Outcome.Settled;
import org.junit.jupiter.api.Test;

class OrderTest {
  private static final long PLACED_AT = 7;
  private static final long LATER = 8;

  private final PlaceOrder request =
      new PlaceOrder(
          "0".repeat(32),
          "alice",
          "BTC-USD",
          "c1",
          1_000,
          new OrderType.Limit(Side.BUY, 100_000_000, 10, TimeInForce.GTC),
          MarketRules.of(TestMarkets.BTC_USD),
          SelfTrade.CANCEL_TAKER);
  private final Order open = Order.open(request, PLACED_AT, 3);

  @Test
  void anOrderWhoseFundsAreHeldIsOpenInItsFirstVersion() {
    assertThat(open.status()).isEqualTo(OrderStatus.OPEN);
    assertThat(open.version()).isEqualTo(1);
    assertThat(open.leftUnits()).isEqualTo(10);
    assertThat(open.number()).isEqualTo(3);
    assertThat(open.placed()).isFalse();
  }

  @Test
  void aRejectedOrderIsClosedAndHasNothingToWaitFor() {
    Order rejected = Order.rejected(request, PLACED_AT, OrderReason.INSUFFICIENT_FUNDS);

    assertThat(rejected.closed()).isTrue();
    assertThat(rejected.placed()).isTrue();
    assertThat(rejected.leftUnits()).isZero();
    assertThat(rejected.version()).isEqualTo(1);
  }

  @Test
  void theOutcomeOfItsPlacingCountsAsOneChange() {
    Order settled = open.settled(partly(4), PLACED_AT, 2_000);

    assertThat(settled.status()).isEqualTo(OrderStatus.PARTIALLY_FILLED);
    assertThat(settled.placed()).isTrue();
    assertThat(settled.version()).isEqualTo(2);
    assertThat(settled.updateMicros()).isEqualTo(2_000);
  }

  @Test
  void restingWithoutAFillIsAChangeOnceAndThenNone() {
    Order rests = open.settledWithoutChange(PLACED_AT, 1_000);

    assertThat(rests.placed()).isTrue();
    assertThat(rests.version()).isEqualTo(2);
    assertThat(rests.settledWithoutChange(PLACED_AT, 3_000)).isSameAs(rests);
    assertThat(rests.settledWithoutChange(LATER, 3_000)).isSameAs(rests);
  }

  @Test
  void anOrdersTimeNeverGoesBackThoughItsTakersClockIsBehind() {
    Order settled = open.settled(partly(4), LATER, 500);

    assertThat(settled.updateMicros()).isEqualTo(1_000);
    assertThat(open.settledWithoutChange(PLACED_AT, 500).updateMicros()).isEqualTo(1_000);
  }

  @Test
  void anotherInstructionsOutcomeDoesNotPlaceTheOrder() {
    assertThat(open.settled(partly(4), LATER, 2_000).placed()).isFalse();
  }

  @Test
  void aLateEventNeverMovesAnOrderBackwards() {
    Order filled = open.settled(partly(8), PLACED_AT, 2_000);

    assertThat(filled.settled(partly(4), LATER, 3_000)).isSameAs(filled);
    assertThat(filled.settled(partly(8), LATER, 3_000)).isSameAs(filled);
  }

  @Test
  void aClosedOrderStaysAsItEnded() {
    Order cancelled = open.settled(ended(4, OrderStatus.CANCELLED), PLACED_AT, 2_000);

    assertThat(cancelled.closed()).isTrue();
    assertThat(cancelled.settled(ended(10, OrderStatus.FILLED), LATER, 3_000)).isSameAs(cancelled);
    assertThat(cancelled.settled(partly(6), LATER, 3_000)).isSameAs(cancelled);
  }

  @Test
  void anOrderThatIsGoingToBeCancelledSaysWhyAndKeepsItUntilItEnds() {
    CancelNotice notice =
        new CancelNotice(request.orderId(), PLACED_AT, 2_000, OrderReason.SETTLEMENT_FAILED);

    Order cancelling = open.cancelling(notice);

    assertThat(cancelling.status()).isEqualTo(OrderStatus.OPEN);
    assertThat(cancelling.reason()).isEqualTo(OrderReason.SETTLEMENT_FAILED);
    assertThat(cancelling.version()).isEqualTo(2);
    assertThat(cancelling.cancelling(notice)).isSameAs(cancelling);
    assertThat(cancelling.settled(partly(4), LATER, 3_000).reason())
        .isEqualTo(OrderReason.SETTLEMENT_FAILED);
    Order closed = open.settled(ended(10, OrderStatus.FILLED), PLACED_AT, 2_000);
    assertThat(closed.cancelling(notice)).isSameAs(closed);
  }

  @Test
  void anOrderThatLostAPartToARefusedSettlementIsNotFilledByItsLastFill() {
    Order last = open.settled(ended(7, OrderStatus.FILLED), LATER, 2_000);

    assertThat(last.status()).isEqualTo(OrderStatus.CANCELLED);
    assertThat(last.reason()).isEqualTo(OrderReason.SETTLEMENT_FAILED);
    assertThat(last.filledUnits()).isEqualTo(7);
  }

  @Test
  void whatWasPreventedIsKeptWhenAnotherOutcomeEndsTheOrder() {
    Order prevented = open.settled(prevented(6, 4), LATER, 2_000);

    Order ended = prevented.settled(ended(0, OrderStatus.CANCELLED), LATER, 3_000);

    assertThat(prevented.preventedUnits()).isEqualTo(6);
    assertThat(prevented.leftUnits()).isEqualTo(4);
    assertThat(ended.preventedUnits()).isEqualTo(6);
    assertThat(ended.settled(prevented(6, 0), LATER, 4_000)).isSameAs(ended);
  }

  @Test
  void aReducedOrderIsFilledByAllThatItStillAsksFor() {
    Order reduced =
        open.settled(
            new Settled(
                request.orderId(),
                3,
                300,
                1,
                4,
                OrderStatus.PARTIALLY_FILLED,
                OrderReason.NONE,
                0,
                3),
            LATER,
            2_000);

    assertThat(reduced.askedUnits()).isEqualTo(7);
    assertThat(reduced.leftUnits()).isEqualTo(4);
    assertThat(reduced.settled(ended(7, OrderStatus.FILLED), LATER, 3_000).status())
        .isEqualTo(OrderStatus.FILLED);
    assertThat(reduced.settled(ended(6, OrderStatus.FILLED), LATER, 3_000).reason())
        .isEqualTo(OrderReason.SETTLEMENT_FAILED);
  }

  @Test
  void everyEnumIsFoundByItsCode() {
    for (OrderStatus status : OrderStatus.values()) {
      assertThat(OrderStatus.ofCode(status.code)).isEqualTo(status);
    }
    for (OrderReason reason : OrderReason.values()) {
      assertThat(OrderReason.ofCode(reason.code)).isEqualTo(reason);
    }
    for (MarketState each : MarketState.values()) {
      assertThat(MarketState.ofCode(each.code)).isEqualTo(each);
    }
    for (TimeInForce each : TimeInForce.values()) {
      assertThat(TimeInForce.ofCode(each.code)).isEqualTo(each);
    }
    for (SelfTrade each : SelfTrade.values()) {
      assertThat(SelfTrade.ofCode(each.code)).isEqualTo(each);
    }
  }

  private Settled partly(long filled) {
    return new Settled(
        request.orderId(),
        filled,
        filled * 100,
        1,
        10 - filled,
        OrderStatus.PARTIALLY_FILLED,
        OrderReason.NONE,
        0,
        0);
  }

  private Settled prevented(long prevented, long left) {
    return new Settled(
        request.orderId(), 0, 0, 0, left, OrderStatus.OPEN, OrderReason.NONE, prevented, 0);
  }

  private Settled ended(long filled, OrderStatus status) {
    return new Settled(
        request.orderId(), filled, filled * 100, 1, 0, status, OrderReason.NONE, 0, 0);
  }
}
