package dev.sagax.order.saga;

import static dev.sagax.order.saga.OrderPartition.ended;
import static dev.sagax.order.saga.OrderPartition.orderId;
import static dev.sagax.order.saga.OrderPartition.partly;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.order.MarketState;
import dev.sagax.order.MarketStatus;
import dev.sagax.order.Order;
import dev.sagax.order.OrderType;
import dev.sagax.order.SelfTrade;
import dev.sagax.order.Side;
import dev.sagax.order.TimeInForce;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.event.v1.OrderCancelRequested;
import dev.sagax.proto.event.v1.OrderRequested;
import dev.sagax.proto.order.v1.OrderReason;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.SelfTradePrevention;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OrderStepTest {
  private static final OrderType BUY = limit(Side.BUY, 10_000);
  private static final OrderType SELL = limit(Side.SELL, 10_000);

  private final OrderPartition partition = new OrderPartition();

  @BeforeEach
  void richAlice() {
    partition.ledger.give("alice", Long.MAX_VALUE / 2);
    partition.ledger.give("bob", Long.MAX_VALUE / 2);
  }

  @Test
  void aNewOrderWithFundsGoesToTheBook() {
    partition.run(partition.place("alice", "a1", BUY));

    partition.printed(
        """
        match #1 @0 place
        @0 APPLIED: a1 OPEN filled 0 left 10000 v1
        """);
    assertThat(order("alice", "a1").number()).isEqualTo(1);
  }

  @Test
  void anOrderWithoutFundsIsRejectedAndGoesNowhere() {
    partition.run(partition.place("poor", "p1", BUY), partition.place("alice", "a1", BUY));

    partition.printed(
        """
        @0 APPLIED: p1 REJECTED(INSUFFICIENT_FUNDS) filled 0 left 0 v1 placed
        match #1 @1 place
        @1 APPLIED: a1 OPEN filled 0 left 10000 v1
        """);
  }

  @Test
  void oneCallAsksForAllHoldsOfABatchAndChainsToTheCallBefore() {
    partition.run(partition.place("alice", "a1", BUY), partition.place("alice", "a2", SELL));
    partition.run(partition.cancel("alice", "a1"));
    partition.run(partition.settled(0, orderId("alice", "a1")));
    partition.run(partition.place("alice", "a2", SELL), partition.place("alice", "a3", BUY));

    assertThat(partition.ledger.calls()).containsExactly("(-1,1] 2", "(1,2] 0", "(2,4] 1");
  }

  @Test
  void anOrderThatIsNotKeptInMemoryIsReadAgain() {
    OrderPartition forgetful = new OrderPartition(1);
    forgetful.ledger.give("alice", Long.MAX_VALUE / 2);
    forgetful.run(forgetful.place("alice", "a1", SELL), forgetful.place("alice", "a2", SELL));
    int loads = forgetful.stored.loads();

    forgetful.run(forgetful.settled(1, orderId("alice", "a2")));
    assertThat(forgetful.stored.loads()).isEqualTo(loads);
    forgetful.run(forgetful.settled(0, orderId("alice", "a1")));

    assertThat(forgetful.stored.loads()).isEqualTo(loads + 1);
    assertThat(forgetful.stored.rows().get(orderId("alice", "a1")).placed()).isTrue();
  }

  @Test
  void ordersOfOneMarketShareItsRules() {
    partition.run(partition.place("alice", "a1", BUY), partition.place("alice", "a2", BUY));

    assertThat(order("alice", "a1").request().rules())
        .isSameAs(order("alice", "a2").request().rules());
  }

  @Test
  void afterARestartTheCallsGoOnWhereTheyWereCommitted() {
    partition.run(partition.place("alice", "a1", BUY));
    partition.restart();
    partition.run(partition.place("alice", "a2", BUY));

    assertThat(partition.ledger.calls()).containsExactly("(-1,0] 1", "(0,1] 1");
  }

  @Test
  void theSameOrderAgainIsAnsweredWithTheOrderAsItIs() {
    partition.run(partition.place("alice", "a1", BUY), partition.place("alice", "a1", BUY));
    partition.restart();
    partition.run(partition.place("alice", "a1", BUY));

    partition.printed(
        """
        match #1 @0 place
        @0 APPLIED: a1 OPEN filled 0 left 10000 v1
        @1 REPEATED: a1 OPEN filled 0 left 10000 v1
        @2 REPEATED: a1 OPEN filled 0 left 10000 v1
        """);
  }

  @Test
  void aRejectedOrderStaysRejectedWhenAskedAgainWithFunds() {
    partition.run(partition.place("poor", "p1", BUY));
    partition.ledger.give("poor", Long.MAX_VALUE / 2);
    partition.run(partition.place("poor", "p1", BUY));

    partition.printed(
        """
        @0 APPLIED: p1 REJECTED(INSUFFICIENT_FUNDS) filled 0 left 0 v1 placed
        @1 REPEATED: p1 REJECTED(INSUFFICIENT_FUNDS) filled 0 left 0 v1 placed
        """);
  }

  @Test
  void theSameIdWithOtherContentIsAConflictThatNamesTheFields() {
    partition.run(
        partition.place("alice", "a1", BUY),
        partition.place("alice", "a1", SELL),
        partition.place("alice", "a1", new OrderType.MarketBuy(9_000_000)));

    partition.printed(
        """
        match #1 @0 place
        @0 APPLIED: a1 OPEN filled 0 left 10000 v1
        @1 CONFLICT[limit.side]: a1 OPEN filled 0 left 10000 v1
        @2 CONFLICT[type]: a1 OPEN filled 0 left 10000 v1
        """);
  }

  @Test
  void selfTradePreventionIsPartOfTheContentAndOldRecordsHaveTheDefault()
      throws InvalidProtocolBufferException {
    LogRecord explicit = partition.place("alice", "a1", BUY);
    OrderRequested.Builder old = OrderRequested.parseFrom(explicit.value()).toBuilder();
    assertThat(old.getPlaceBuilder().getSelfTradePrevention())
        .isEqualTo(SelfTradePrevention.SELF_TRADE_PREVENTION_CANCEL_TAKER);
    old.getPlaceBuilder().clearSelfTradePrevention();

    partition.run(
        partition.requested(old.build().toByteArray()),
        partition.requested(explicit.value()),
        partition.place("alice", "a1", BUY, SelfTrade.CANCEL_BOTH));

    partition.printed(
        """
        match #1 @1 place
        @1 APPLIED: a1 OPEN filled 0 left 10000 v1
        @2 REPEATED: a1 OPEN filled 0 left 10000 v1
        @3 CONFLICT[self_trade_prevention]: a1 OPEN filled 0 left 10000 v1
        """);
  }

  @Test
  void anAmendmentFollowsItsOrderToTheBookAndIsAnsweredWhenItIsSettled() {
    String a1 = orderId("alice", "a1");
    partition.run(
        partition.place("alice", "a1", limit(Side.BUY, 50_000)),
        partition.amend("alice", "a1", 30_000),
        partition.amend("alice", "later", 10_000));
    partition.run(
        partition.settled(0, a1),
        partition.settled(
            1, a1, partly(a1, 0, 0, 30_000).toBuilder().setReducedUnits(20_000).build()),
        partition.settled(
            5,
            a1,
            ended(
                a1,
                30_000,
                9,
                OrderStatus.ORDER_STATUS_FILLED,
                OrderReason.ORDER_REASON_UNSPECIFIED)));
    partition.run(partition.amend("alice", "a1", 20_000));

    partition.printed(
        """
        match #1 @0 place
        @0 APPLIED: a1 OPEN filled 0 left 50000 v1
        match #2 @1 amend #1 to 30000 of 50000
        @1 APPLIED: a1 OPEN filled 0 left 50000 v1
        @2 NOT_FOUND
        @0 SETTLED: a1 OPEN filled 0 left 50000 v2 placed
        @1 SETTLED: a1 OPEN filled 0 left 30000 v3 placed
        @5 SETTLED: a1 FILLED filled 30000 left 0 v4 placed
        @3 CLOSED: a1 FILLED filled 30000 left 0 v4 placed
        """);
    assertThat(order("alice", "a1").reducedUnits()).isEqualTo(20_000);
    assertThat(partition.stored.cancelledBefore()).isEmpty();
    assertThat(partition.ledger.calls()).containsExactly("(-1,2] 1", "(2,3] 0");
  }

  @Test
  void aReplacementGoesToTheBookWithTheNumberOfTheOrderWhosePlaceItTakes() {
    String a1 = orderId("alice", "a1");
    String a2 = orderId("alice", "a2");
    partition.run(
        partition.place("alice", "a1", limit(Side.BUY, 50_000)),
        partition.replace("alice", "a2", limit(Side.BUY, 40_000), "a1"),
        partition.replace("alice", "a2", limit(Side.BUY, 40_000), "a1"),
        partition.place("alice", "a2", limit(Side.BUY, 40_000)),
        partition.replace("alice", "a3", limit(Side.BUY, 40_000), "unknown"),
        partition.replace("alice", "a4", limit(Side.BUY, 40_000), "a4"),
        partition.replace("alice", "a5", new OrderType.MarketSell(20_000), "a1"));
    partition.run(
        partition.settled(0, a1, partly(a1, 10_000, 5, 40_000)),
        partition.settled(
            1,
            a2,
            ended(
                a1,
                10_000,
                5,
                OrderStatus.ORDER_STATUS_CANCELLED,
                OrderReason.ORDER_REASON_REPLACED),
            partly(a2, 0, 0, 30_000).toBuilder().setReducedUnits(10_000).build()));

    partition.printed(
        """
        match #1 @0 place
        @0 APPLIED: a1 OPEN filled 0 left 50000 v1
        match #2 @1 place instead of #1 of 50000
        @1 APPLIED: a2 OPEN filled 0 left 40000 v1
        @2 REPEATED: a2 OPEN filled 0 left 40000 v1
        @3 CONFLICT[replaces_order_id]: a2 OPEN filled 0 left 40000 v1
        match #3 @4 place instead of #0 of 0
        @4 APPLIED: a3 OPEN filled 0 left 40000 v1
        dead letter @5: The order replaces itself.
        dead letter @6: Only a limit order that may rest replaces another.
        @0 SETTLED: a1 PARTIALLY_FILLED filled 10000 left 40000 v2 placed
        @1 FILLED_AS_MAKER: a1 CANCELLED(REPLACED) filled 10000 left 0 v3 placed
        @1 SETTLED: a2 OPEN filled 0 left 30000 v2 placed
        """);
    assertThat(order("alice", "a2").askedUnits()).isEqualTo(30_000);
    assertThat(order("alice", "a2").request().replaces().orElseThrow().orderId()).isEqualTo(a1);
  }

  @Test
  void anAmendmentThatDoesNotFitItsOrderIsADeadLetter() {
    partition.run(
        partition.place("alice", "a1", limit(Side.BUY, 50_000)),
        partition.amend("alice", "a1", 60_000),
        partition.amend("alice", "a1", 30_001),
        partition.place("alice", "a2", new OrderType.MarketSell(20_000)),
        partition.amend("alice", "a2", 10_000));

    partition.printed(
        """
        match #1 @0 place
        @0 APPLIED: a1 OPEN filled 0 left 50000 v1
        dead letter @1: The order cannot be reduced to 60000 units of its base asset.
        dead letter @2: The order cannot be reduced to 30001 units of its base asset.
        match #2 @3 place
        @3 APPLIED: a2 OPEN filled 0 left 20000 v1
        dead letter @4: The order cannot be reduced to 10000 units of its base asset.
        """);
  }

  @Test
  void aMarketsStateCountsFromItsPlaceInTheLogOn() {
    OrderType postOnly =
        new OrderType.Limit(Side.BUY, 50_000_000_000L, 10_000, TimeInForce.POST_ONLY);

    partition.run(
        partition.place("alice", "a1", BUY),
        partition.set(MarketState.POST_ONLY),
        partition.place("alice", "a2", BUY),
        partition.place("alice", "a3", postOnly),
        partition.set(MarketState.HALTED),
        partition.set(MarketState.HALTED),
        partition.place("alice", "a4", postOnly),
        partition.place("alice", "a1", BUY),
        partition.cancel("alice", "a1"));
    partition.restart();
    partition.run(
        partition.place("alice", "a5", BUY),
        partition.set(MarketState.CANCEL_ONLY),
        partition.place("alice", "a6", BUY),
        partition.set(MarketState.TRADING),
        partition.place("alice", "a7", BUY));

    partition.printed(
        """
        match #1 @0 place
        @0 APPLIED: a1 OPEN filled 0 left 10000 v1
        match #2 @1 POST_ONLY
        @2 APPLIED: a2 REJECTED(MARKET_POST_ONLY) filled 0 left 0 v1 placed
        match #3 @3 place
        @3 APPLIED: a3 OPEN filled 0 left 10000 v1
        match #4 @4 HALTED
        @6 APPLIED: a4 REJECTED(MARKET_HALTED) filled 0 left 0 v1 placed
        @7 REPEATED: a1 OPEN filled 0 left 10000 v1
        match #5 @8 cancel #1
        @8 APPLIED: a1 OPEN filled 0 left 10000 v1
        @9 APPLIED: a5 REJECTED(MARKET_HALTED) filled 0 left 0 v1 placed
        match #6 @10 CANCEL_ONLY
        @11 APPLIED: a6 REJECTED(MARKET_CANCEL_ONLY) filled 0 left 0 v1 placed
        match #7 @12 TRADING
        match #8 @13 place
        @13 APPLIED: a7 OPEN filled 0 left 10000 v1
        """);
    assertThat(partition.ledger.calls()).containsExactly("(-1,8] 2", "(8,13] 1");
  }

  @Test
  void aStateSetAgainKeepsWhoSetItFirstAndWhen() {
    LogRecord first = partition.set(MarketState.HALTED);
    partition.run(first, partition.set(MarketState.HALTED));
    MarketStatus status = partition.stored.statuses().get(OrderPartition.MARKET);

    partition.run(partition.set(MarketState.HALTED));

    assertThat(status.setMicros()).isEqualTo(1_000);
    assertThat(status.setBy()).isEqualTo("op");
    assertThat(partition.stored.statuses()).containsValue(status);
  }

  @Test
  void aCancelFollowsItsOrderToTheBookByItsNumber() {
    partition.run(partition.place("alice", "a1", BUY), partition.place("alice", "a2", BUY));
    partition.run(partition.cancel("alice", "a2"));
    partition.run(
        partition.settled(
            2,
            orderId("alice", "a2"),
            ended(
                orderId("alice", "a2"),
                0,
                0,
                OrderStatus.ORDER_STATUS_CANCELLED,
                OrderReason.ORDER_REASON_CANCELLED_BY_OWNER)),
        partition.cancel("alice", "a2"));

    partition.printed(
        """
        match #1 @0 place
        @0 APPLIED: a1 OPEN filled 0 left 10000 v1
        match #2 @1 place
        @1 APPLIED: a2 OPEN filled 0 left 10000 v1
        match #3 @2 cancel #2
        @2 APPLIED: a2 OPEN filled 0 left 10000 v1
        @2 SETTLED: a2 CANCELLED(CANCELLED_BY_OWNER) filled 0 left 0 v2
        @3 CLOSED: a2 CANCELLED(CANCELLED_BY_OWNER) filled 0 left 0 v2
        """);
  }

  @Test
  void aCancelOfAnOrderPlacedInTheSameBatchHasItsNumber() {
    partition.run(partition.place("alice", "a1", BUY), partition.cancel("alice", "a1"));

    partition.printed(
        """
        match #1 @0 place
        @0 APPLIED: a1 OPEN filled 0 left 10000 v1
        match #2 @1 cancel #1
        @1 APPLIED: a1 OPEN filled 0 left 10000 v1
        """);
  }

  @Test
  void aCancelOfAnOrderThatWasRejectedInTheSameBatchFindsItClosed() {
    partition.run(partition.place("poor", "p1", BUY), partition.cancel("poor", "p1"));

    partition.printed(
        """
        @0 APPLIED: p1 REJECTED(INSUFFICIENT_FUNDS) filled 0 left 0 v1 placed
        @1 CLOSED: p1 REJECTED(INSUFFICIENT_FUNDS) filled 0 left 0 v1 placed
        """);
  }

  // ---- all orders of an account

  @Test
  void aCancelOfAllSendsEveryOpenOrderOfTheAccountToTheBook() {
    partition.run(
        partition.place("alice", "a1", BUY),
        partition.place("alice", "a2", SELL),
        partition.place("bob", "b1", BUY),
        partition.place("alice", "a3", BUY));
    partition.run(partition.settled(1, orderId("alice", "a2"), filled(orderId("alice", "a2"))));
    forget();

    partition.run(
        partition.place("alice", "a4", BUY),
        partition.cancelAll("alice"),
        partition.place("alice", "a5", BUY));

    partition.printed(
        """
        match #5 @4 place
        @4 APPLIED: a4 OPEN filled 0 left 10000 v1
        match #6 @5 cancel #1
        match #7 @5 cancel #4
        match #8 @5 cancel #5
        @5 APPLIED: cancelling 3, 0 more
        match #9 @6 place
        @6 APPLIED: a5 OPEN filled 0 left 10000 v1
        """);
  }

  @Test
  void aCancelOfAllOfOneSideLeavesTheOther() {
    partition.run(
        partition.place("alice", "a1", BUY),
        partition.place("alice", "a2", SELL),
        partition.cancelAll("alice", Side.SELL));

    partition.printed(
        """
        match #1 @0 place
        @0 APPLIED: a1 OPEN filled 0 left 10000 v1
        match #2 @1 place
        @1 APPLIED: a2 OPEN filled 0 left 10000 v1
        match #3 @2 cancel #2
        @2 APPLIED: cancelling 1, 0 more
        """);
  }

  @Test
  void whatACancelOfAllHasSentToTheBookIsNotSentAgain() {
    partition.run(partition.place("alice", "a1", BUY), partition.cancelAll("alice"));
    partition.restart();
    partition.run(partition.cancelAll("alice"), partition.place("alice", "a2", BUY));
    forget();

    partition.run(partition.cancelAll("alice"), partition.cancelAll("alice"));

    partition.printed(
        """
        match #4 @4 cancel #3
        @4 APPLIED: cancelling 1, 0 more
        @5 APPLIED: cancelling 0, 0 more
        """);
  }

  @Test
  void anOrderThatIsCancelledWithAllMayStillLoseToAFill() {
    partition.run(partition.place("alice", "a1", BUY), partition.cancelAll("alice"));
    forget();

    partition.run(
        partition.settled(0, orderId("alice", "a1"), filled(orderId("alice", "a1"))),
        partition.settled(1, orderId("alice", "a1")));

    partition.printed(
        """
        @0 SETTLED: a1 FILLED filled 10000 left 0 v2 placed
        @1 SETTLED: a1 FILLED filled 10000 left 0 v2 placed
        """);
  }

  @Test
  void aCancelOfAllOfWhoHasNothingIsAnswered() {
    partition.run(partition.cancelAll("alice"));

    partition.printed("@0 APPLIED: cancelling 0, 0 more");
  }

  @Test
  void aBatchEndsAfterACancelOfVeryManyOrdersAndTellsThemInParts() {
    for (int i = 0; i < 1_200; i++) {
      partition.run(partition.place("alice", "a" + i, BUY));
    }
    forget();
    int before = partition.batches();

    partition.run(partition.cancelAll("alice"), partition.cancelAll("alice"));

    assertThat(partition.batches()).isEqualTo(before + 2);
    assertThat(partition.printed())
        .contains(
            "match #2400 @1200 cancel #1200",
            "@1200 APPLIED: cancelling 1000, 200 more",
            "@1200 APPLIED: cancelling 200, 0 more",
            "@1201 APPLIED: cancelling 0, 0 more");
  }

  // ---- the dead man's switch

  @Test
  void aSwitchThatIsDueCancelsAllOnceWhoeverSaysItAndHoweverOften() {
    partition.run(partition.arm("alice", 5_000), partition.place("alice", "a1", BUY));
    forget();

    partition.run(partition.due("alice", 5_000), partition.due("alice", 5_000));
    partition.restart();
    partition.run(partition.place("alice", "a2", BUY), partition.due("alice", 5_000));

    partition.printed(
        """
        match #2 @2 cancel #1
        @2 APPLIED: cancelling 1, 0 more
        @3 APPLIED: cancelling 0, 0 more
        match #3 @4 place
        @4 APPLIED: a2 OPEN filled 0 left 10000 v1
        @5 APPLIED: cancelling 0, 0 more
        """);
    assertThat(partition.stored.switches()).isEmpty();
  }

  @Test
  void aSwitchThatWasSetAnewOrUnsetIsNotDue() {
    partition.run(
        partition.place("alice", "a1", BUY),
        partition.place("bob", "b1", BUY),
        partition.arm("alice", 5_000),
        partition.arm("bob", 5_000));
    partition.run(partition.arm("alice", 6_000), partition.arm("bob", 0));
    forget();

    partition.run(partition.due("alice", 5_000), partition.due("bob", 5_000));

    partition.printed(
        """
        @6 APPLIED: cancelling 0, 0 more
        @7 APPLIED: cancelling 0, 0 more
        """);
    assertThat(partition.stored.switches()).hasSize(1).containsValue(6_000L);
  }

  /** A market with many orders goes first; it unsets nothing, the record for all does. */
  @Test
  void aPartOfWhatIsDueCancelsItsMarketAndLeavesTheSwitchToTheRecordForAll() {
    partition.run(partition.arm("alice", 5_000), partition.place("alice", "a1", BUY));
    forget();

    partition.run(partition.partDue("alice", 4_000), partition.partDue("alice", 5_000));
    partition.restart();
    partition.run(
        partition.partDue("alice", 5_000),
        partition.place("alice", "a2", BUY),
        partition.due("alice", 5_000),
        partition.place("alice", "a3", BUY),
        partition.partDue("alice", 5_000));

    partition.printed(
        """
        @2 APPLIED: cancelling 0, 0 more
        match #2 @3 cancel #1
        @3 APPLIED: cancelling 1, 0 more
        @4 APPLIED: cancelling 0, 0 more
        match #3 @5 place
        @5 APPLIED: a2 OPEN filled 0 left 10000 v1
        match #4 @6 cancel #3
        @6 APPLIED: cancelling 1, 0 more
        match #5 @7 place
        @7 APPLIED: a3 OPEN filled 0 left 10000 v1
        @8 APPLIED: cancelling 0, 0 more
        """);
    assertThat(partition.stored.switches()).isEmpty();
  }

  /** Any number of replicas may say so while nothing applies it. */
  @Test
  void aDeadlineThatIsOfNoSwitchAnyMoreCostsNeitherABatchNorALookup() {
    for (int i = 0; i < 1_200; i++) {
      partition.run(partition.place("alice", "a" + i, BUY));
    }
    partition.run(partition.arm("alice", 5_000));
    forget();
    int batches = partition.batches();
    int opens = partition.stored.opens();

    partition.run(
        partition.due("alice", 4_000),
        partition.arm("alice", 6_000),
        partition.due("alice", 5_000),
        partition.due("alice", 4_000));
    assertThat(partition.batches()).isEqualTo(batches + 1);
    assertThat(partition.stored.opens()).isEqualTo(opens);

    partition.run(
        partition.arm("alice", 7_000),
        partition.due("alice", 7_000),
        partition.due("alice", 7_000),
        partition.due("alice", 7_000));
    assertThat(partition.batches()).isEqualTo(batches + 3);
    assertThat(partition.stored.opens()).isEqualTo(opens + 1);
  }

  // ---- the most open orders

  @Test
  void anOrderOverTheMostIsRejectedWithoutAHoldUntilOneIsClosed() {
    OrderPartition strict = strict();
    strict.run(
        strict.place("alice", "a1", BUY),
        strict.place("alice", "a2", BUY),
        strict.place("alice", "a3", BUY),
        strict.place("bob", "b1", BUY));
    strict.run(
        strict.settled(0, orderId("alice", "a1"), filled(orderId("alice", "a1"))),
        strict.place("alice", "a3", BUY),
        strict.place("alice", "a4", BUY));

    strict.printed(
        """
        match #1 @0 place
        @0 APPLIED: a1 OPEN filled 0 left 10000 v1
        match #2 @1 place
        @1 APPLIED: a2 OPEN filled 0 left 10000 v1
        @2 APPLIED: a3 REJECTED(TOO_MANY_OPEN_ORDERS) filled 0 left 0 v1 placed
        match #3 @3 place
        @3 APPLIED: b1 OPEN filled 0 left 10000 v1
        @0 SETTLED: a1 FILLED filled 10000 left 0 v2 placed
        @4 REPEATED: a3 REJECTED(TOO_MANY_OPEN_ORDERS) filled 0 left 0 v1 placed
        match #4 @5 place
        @5 APPLIED: a4 OPEN filled 0 left 10000 v1
        """);
  }

  @Test
  void anOrderThatIsRefusedForItsFundsTakesNoPlaceOfThoseBehindIt() {
    OrderPartition strict = strict();
    strict.ledger.give("carol", 20_000_000L);
    strict.run(
        strict.place("carol", "c1", limit(Side.BUY, 10_000)),
        strict.place("carol", "c2", limit(Side.BUY, 1_000_000)),
        strict.place("carol", "c3", limit(Side.BUY, 10_000)),
        strict.place("carol", "c4", limit(Side.BUY, 10_000)));

    assertThat(strict.stored.rows().values())
        .extracting(Order::reason)
        .containsExactlyInAnyOrder(
            dev.sagax.order.OrderReason.NONE,
            dev.sagax.order.OrderReason.INSUFFICIENT_FUNDS,
            dev.sagax.order.OrderReason.NONE,
            dev.sagax.order.OrderReason.TOO_MANY_OPEN_ORDERS);
  }

  @Test
  void whatTheLedgerHasDecidedStandsThoughTheBatchIsCutOtherwiseNextTime() {
    OrderPartition strict = strict();
    strict.run(strict.place("alice", "a1", BUY), strict.place("alice", "a2", BUY));
    LogRecord declined = strict.place("alice", "a3", BUY);
    LogRecord held = strict.place("bob", "b1", BUY);
    LogRecord closing = strict.settled(0, orderId("alice", "a1"), filled(orderId("alice", "a1")));

    strict.attempt(List.of(declined, held));
    strict.restart();
    strict.run(closing, declined, held);

    assertThat(strict.stored.rows().get(orderId("alice", "a3")).reason())
        .isEqualTo(dev.sagax.order.OrderReason.TOO_MANY_OPEN_ORDERS);

    LogRecord a4 = strict.place("alice", "a4", BUY);
    LogRecord a5 = strict.place("alice", "a5", BUY);
    LogRecord closingToo =
        strict.settled(1, orderId("alice", "a2"), filled(orderId("alice", "a2")));
    strict.run(a4);
    strict.attempt(List.of(closingToo, a5));
    strict.restart();
    strict.run(a5);
    strict.run(closingToo);

    assertThat(strict.stored.rows().get(orderId("alice", "a5")).status())
        .isEqualTo(dev.sagax.order.OrderStatus.OPEN);
  }

  @Test
  void openOrdersAreCountedOnceAndThenKnown() {
    OrderPartition strict = strict();
    strict.run(strict.place("alice", "a1", BUY));
    strict.run(strict.settled(0, orderId("alice", "a1"), filled(orderId("alice", "a1"))));
    strict.run(strict.place("alice", "a2", BUY));
    strict.run(strict.place("alice", "a3", BUY));

    assertThat(strict.stored.counts()).isEqualTo(1);
    assertThat(strict.stored.rows().values()).noneMatch(order -> order.reason().code == 40);
  }

  private static OrderPartition strict() {
    OrderPartition strict = new OrderPartition(1_000, 2);
    strict.ledger.give("alice", Long.MAX_VALUE / 2);
    strict.ledger.give("bob", Long.MAX_VALUE / 2);
    return strict;
  }

  private void forget() {
    partition.printed();
  }

  private static dev.sagax.proto.event.v1.OrderSettled filled(String orderId) {
    return ended(
        orderId,
        10_000,
        5_000_000,
        OrderStatus.ORDER_STATUS_FILLED,
        OrderReason.ORDER_REASON_UNSPECIFIED);
  }

  @Test
  void aCancelThatComesFirstIsRememberedAndItsOrderRefused() {
    partition.run(partition.cancel("alice", "a1"), partition.cancel("alice", "a1"));
    partition.restart();
    partition.run(partition.place("alice", "a1", BUY), partition.place("alice", "a1", BUY));
    partition.run(partition.cancel("alice", "a1"));

    partition.printed(
        """
        @0 NOT_FOUND
        @1 NOT_FOUND
        @2 APPLIED: a1 REJECTED(CANCELLED_BEFORE_PLACED) filled 0 left 0 v1 placed
        @3 REPEATED: a1 REJECTED(CANCELLED_BEFORE_PLACED) filled 0 left 0 v1 placed
        @4 CLOSED: a1 REJECTED(CANCELLED_BEFORE_PLACED) filled 0 left 0 v1 placed
        """);
    assertThat(partition.ledger.calls()).containsExactly("(-1,1] 0", "(1,3] 0", "(3,4] 0");
  }

  @Test
  void anOutcomeTellsTheMakersFirstAndItsOwnOrderLast() {
    partition.run(partition.place("alice", "a1", SELL));
    partition.run(partition.settled(0, orderId("alice", "a1")));
    partition.run(partition.place("bob", "b1", limit(Side.BUY, 30_000)));
    partition.run(
        partition.settled(
            1,
            orderId("bob", "b1"),
            partly(orderId("bob", "b1"), 10_000, 5_000_000, 20_000),
            ended(
                orderId("alice", "a1"),
                10_000,
                5_000_000,
                OrderStatus.ORDER_STATUS_FILLED,
                OrderReason.ORDER_REASON_UNSPECIFIED)));

    partition.printed(
        """
        match #1 @0 place
        @0 APPLIED: a1 OPEN filled 0 left 10000 v1
        @0 SETTLED: a1 OPEN filled 0 left 10000 v2 placed
        match #2 @1 place
        @1 APPLIED: b1 OPEN filled 0 left 30000 v1
        @1 FILLED_AS_MAKER: a1 FILLED filled 10000 left 0 v3 placed
        @1 SETTLED: b1 PARTIALLY_FILLED filled 10000 left 20000 v2 placed
        """);
  }

  @Test
  void aCancelThatLostToAFillIsSettledWithTheOrderAsItStands() {
    partition.run(partition.place("alice", "a1", SELL), partition.cancel("alice", "a1"));
    partition.run(
        partition.settled(
            0,
            orderId("alice", "a1"),
            ended(
                orderId("alice", "a1"),
                10_000,
                5_000_000,
                OrderStatus.ORDER_STATUS_FILLED,
                OrderReason.ORDER_REASON_UNSPECIFIED)),
        partition.settled(1, orderId("alice", "a1")));

    partition.printed(
        """
        match #1 @0 place
        @0 APPLIED: a1 OPEN filled 0 left 10000 v1
        match #2 @1 cancel #1
        @1 APPLIED: a1 OPEN filled 0 left 10000 v1
        @0 SETTLED: a1 FILLED filled 10000 left 0 v2 placed
        @1 SETTLED: a1 FILLED filled 10000 left 0 v2 placed
        """);
  }

  @Test
  void aMarketBuyEndsExpiredWithItsFillsKept() {
    partition.run(partition.place("alice", "a1", new OrderType.MarketBuy(9_000_000)));
    partition.run(
        partition.settled(
            0,
            orderId("alice", "a1"),
            ended(
                orderId("alice", "a1"),
                10_000,
                5_000_000,
                OrderStatus.ORDER_STATUS_EXPIRED,
                OrderReason.ORDER_REASON_INSUFFICIENT_LIQUIDITY)));

    partition.printed(
        """
        match #1 @0 place
        @0 APPLIED: a1 OPEN filled 0 left 9000000 v1
        @0 SETTLED: a1 EXPIRED(INSUFFICIENT_LIQUIDITY) filled 10000 left 0 v2 placed
        """);
  }

  @Test
  void openOrdersAreRememberedAndNotReadAgain() {
    partition.run(partition.place("alice", "a1", SELL));
    int loads = partition.stored.loads();

    partition.run(partition.settled(0, orderId("alice", "a1")));
    partition.run(partition.cancel("alice", "a1"));

    assertThat(partition.stored.loads()).isEqualTo(loads);
  }

  @Test
  void theSameBatchFromTheSameStateEmitsTheSameBytes() {
    partition.run(partition.place("alice", "a1", SELL), partition.cancel("alice", "a9"));
    List<LogRecord> batch =
        List.of(
            partition.place("alice", "a2", BUY),
            partition.cancel("alice", "a1"),
            partition.place("poor", "p1", BUY),
            partition.place("alice", "a9", BUY),
            partition.settled(0, orderId("alice", "a1")));

    List<String> first = partition.attempt(batch).bytes;
    partition.restart();
    List<String> second = partition.attempt(batch).bytes;

    assertThat(first).isNotEmpty().isEqualTo(second);
  }

  @Test
  void aLedgerThatIsAwayFailsTheBatchAndNothingIsLeftBehind() {
    LogRecord place = partition.place("alice", "a1", BUY);
    partition.ledger.away(true);
    assertThatThrownBy(() -> partition.run(place)).hasMessageContaining("away");

    partition.ledger.away(false);
    partition.run(place);

    partition.printed(
        """
        match #1 @0 place
        @0 APPLIED: a1 OPEN filled 0 left 10000 v1
        """);
  }

  @Test
  void anInstructionForAnotherAccountsOrderIsADeadLetter() {
    partition.run(partition.place("alice", "a1", BUY));
    partition.printed(
        """
        match #1 @0 place
        @0 APPLIED: a1 OPEN filled 0 left 10000 v1
        """);
    Order stolen = order("alice", "a1");
    var request = stolen.request();
    partition.stored.put(
        Order.open(
            new dev.sagax.order.Instruction.PlaceOrder(
                request.orderId(),
                "mallory",
                request.market(),
                request.clientOrderId(),
                request.timeMicros(),
                request.type(),
                request.rules(),
                request.selfTrade()),
            0,
            1));
    partition.restart();

    partition.run(partition.cancel("alice", "a1"), partition.place("alice", "a1", BUY));

    partition.printed(
        """
        dead letter @1: The order belongs to another account than the instruction.
        dead letter @2: The order belongs to another account than the instruction.
        """);
  }

  @Test
  void anOutcomeThatCannotBeReadStopsThePartition() {
    assertStops(partition.numbered(Topic.SETTLE_COMPLETED, new byte[] {1, 2, 3}));
  }

  @Test
  void anOutcomeOfAnOrderThatDoesNotExistStopsThePartition() {
    assertStops(partition.settled(0, orderId("alice", "unheard-of")));
  }

  @Test
  void anOutcomeThatEndsAnOrderWithoutAnEndStopsThePartition() {
    partition.run(partition.place("alice", "a1", BUY));
    assertStops(
        partition.settled(0, orderId("alice", "a1"), partly(orderId("alice", "a1"), 10_000, 1, 0)));
  }

  @Test
  void aCompensatedOrderEndsTheSameWhicheverRecordComesFirst() {
    partition.run(partition.place("alice", "a1", BUY), partition.place("bob", "b1", BUY));
    partition.run(compensated("alice", "a1"), released(0, "alice", "a1"));
    partition.run(released(1, "bob", "b1"), compensated("bob", "b1"));

    partition.printed(
        """
        match #1 @0 place
        @0 APPLIED: a1 OPEN filled 0 left 10000 v1
        match #2 @1 place
        @1 APPLIED: b1 OPEN filled 0 left 10000 v1
        @0 CANCEL_REQUESTED: a1 OPEN(SETTLEMENT_FAILED) filled 0 left 10000 v2
        @0 SETTLED: a1 CANCELLED(SETTLEMENT_FAILED) filled 0 left 0 v3 placed
        @1 SETTLED: b1 CANCELLED(SETTLEMENT_FAILED) filled 0 left 0 v2 placed
        """);
  }

  @Test
  void aCompensationThatCannotBeReadOrNamesNoOrderStopsThePartition() {
    assertStops(partition.numbered(Topic.ORDER_CANCEL_REQUESTED, new byte[0]));
    assertStops(partition.numbered(Topic.ORDER_CANCEL_REQUESTED, new byte[] {1, 2, 3}));
    assertStops(compensated("alice", "unheard-of"));
  }

  private LogRecord compensated(String account, String clientOrderId) {
    return partition.numbered(
        Topic.ORDER_CANCEL_REQUESTED,
        OrderCancelRequested.newBuilder()
            .setOrderId(orderId(account, clientOrderId))
            .setMarket(OrderPartition.MARKET)
            .setReason(OrderReason.ORDER_REASON_SETTLEMENT_FAILED)
            .build()
            .toByteArray());
  }

  private LogRecord released(long instruction, String account, String clientOrderId) {
    return partition.settled(
        instruction,
        orderId(account, clientOrderId),
        ended(
            orderId(account, clientOrderId),
            0,
            0,
            OrderStatus.ORDER_STATUS_CANCELLED,
            OrderReason.ORDER_REASON_SETTLEMENT_FAILED));
  }

  private void assertStops(LogRecord record) {
    assertThatThrownBy(() -> partition.run(record))
        .satisfiesAnyOf(
            thrown -> assertThat(thrown).isInstanceOf(PartitionStoppedException.class),
            thrown -> assertThat(thrown).hasCauseInstanceOf(PartitionStoppedException.class));
  }

  private Order order(String account, String clientOrderId) {
    return partition.stored.rows().get(orderId(account, clientOrderId));
  }

  private static OrderType limit(Side side, long quantityUnits) {
    return new OrderType.Limit(side, 50_000_000_000L, quantityUnits, TimeInForce.GTC);
  }
}
