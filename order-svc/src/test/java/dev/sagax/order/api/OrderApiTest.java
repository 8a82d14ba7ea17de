package dev.sagax.order.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Duration;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Timestamp;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RequestInfo;
import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.MarketRules;
import dev.sagax.order.Order;
import dev.sagax.order.OrderHistory;
import dev.sagax.order.OrderType;
import dev.sagax.order.SelfTrade;
import dev.sagax.order.Side;
import dev.sagax.order.TestMarkets;
import dev.sagax.order.TimeInForce;
import dev.sagax.order.Trading;
import dev.sagax.order.saga.TestRecords;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.LogAppender;
import dev.sagax.platform.log.LogFollower;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.Caller;
import dev.sagax.platform.rpc.Deadline;
import dev.sagax.platform.rpc.PageToken;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.event.v1.InstructionAnswer;
import dev.sagax.proto.event.v1.OrderRequested;
import dev.sagax.proto.event.v1.OrderState;
import dev.sagax.proto.event.v1.OrderUpdated;
import dev.sagax.proto.event.v1.UpdateStage;
import dev.sagax.proto.order.v1.CancelAllAfterRequest;
import dev.sagax.proto.order.v1.CancelAllAfterResponse;
import dev.sagax.proto.order.v1.CancelAllOrdersRequest;
import dev.sagax.proto.order.v1.CancelAllOrdersResponse;
import dev.sagax.proto.order.v1.CancelOrderRequest;
import dev.sagax.proto.order.v1.CancelOrderResponse;
import dev.sagax.proto.order.v1.ClientOrderRef;
import dev.sagax.proto.order.v1.GetOrderRequest;
import dev.sagax.proto.order.v1.LimitOrder;
import dev.sagax.proto.order.v1.ListOrdersRequest;
import dev.sagax.proto.order.v1.OrderReason;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.PlaceOrderResponse;
import dev.sagax.proto.order.v1.PlaceOrdersRequest;
import dev.sagax.proto.order.v1.PlaceOrdersResponse;
import dev.sagax.proto.order.v1.Wait;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderApiTest {
  private static final String ID = DeterministicId.orderId("alice", "BTC-USD", "c1");
  private static final long SHORT_MILLIS = 60;

  /** A deadline that comes, but not before what the test does until then. */
  private static final long BUSY_MILLIS = 1_000;

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final WaitingCalls waitingCalls = new WaitingCalls(2);
  private final Log log = new Log();
  private final History history = new History();
  private volatile boolean ledgerHasSpoken = true;
  private volatile Instant now = Instant.ofEpochSecond(9);
  private final Trading trading =
      new Trading() {
        @Override
        public boolean isKnown() {
          return ledgerHasSpoken;
        }

        @Override
        public void admit(PlaceOrder order) {
          assertThat(ledgerHasSpoken).isTrue();
        }
      };
  private final OrderApi api =
      new OrderApi(
          vertx,
          TestMarkets.MARKETS,
          InstantSource.system(),
          log,
          log,
          waitingCalls,
          history,
          trading,
          FaultInjector.idle());

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  @Test
  void theDecisionOfTheCallsOwnPositionAnswersIt() throws Exception {
    Future<PlaceOrderResponse> placed = place(Wait.WAIT_DECISION, 0);
    log.acknowledge(5);

    hear(
        4,
        UpdateStage.UPDATE_STAGE_DECIDED,
        InstructionAnswer.INSTRUCTION_ANSWER_REPEATED,
        open(1));
    assertThat(placed.isComplete()).isFalse();
    hear(
        5, UpdateStage.UPDATE_STAGE_DECIDED, InstructionAnswer.INSTRUCTION_ANSWER_APPLIED, open(2));

    assertThat(get(placed).getOrder().getVersion()).isEqualTo(2);
    assertThat(get(placed).getOrder().getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_OPEN);
    assertNobodyWaits();
  }

  @Test
  void orderWaitsUntilTheLedgerHasSaidForTheFirstTimeWhetherItTakesOrders() throws Exception {
    ledgerHasSpoken = false;
    assertThat(refusal(place(Wait.WAIT_ACK, SHORT_MILLIS)).reason())
        .isEqualTo(Reason.DEPENDENCY_UNAVAILABLE);

    Future<PlaceOrderResponse> placed = place(Wait.WAIT_ACK, 0);
    ledgerHasSpoken = true;
    get(log.appends.future());
    log.acknowledge(5);

    assertThat(get(placed).getOrder().getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_ACCEPTED);
  }

  @Test
  void newsThatComesBeforeTheAcknowledgementIsNotLost() throws Exception {
    Future<PlaceOrderResponse> placed = place(Wait.WAIT_DECISION, 0);

    hear(
        5, UpdateStage.UPDATE_STAGE_DECIDED, InstructionAnswer.INSTRUCTION_ANSWER_APPLIED, open(1));
    log.acknowledge(5);

    assertThat(get(placed).getOrder().getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_OPEN);
  }

  @Test
  void theSamePositionOfAnotherPartitionIsNobodysAnswer() throws Exception {
    Future<PlaceOrderResponse> placed = place(Wait.WAIT_DECISION, BUSY_MILLIS);
    log.acknowledge(5);

    hear(
        1,
        update(5, UpdateStage.UPDATE_STAGE_DECIDED, InstructionAnswer.INSTRUCTION_ANSWER_APPLIED)
            .setOrder(open(1))
            .build());

    assertThat(get(placed).getOrder().getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_ACCEPTED);
  }

  @Test
  void aConflictIsRefusedWithTheFieldsThatDiffer() throws Exception {
    Future<PlaceOrderResponse> placed = place(Wait.WAIT_DECISION, 0);
    log.acknowledge(5);

    hear(
        0,
        update(5, UpdateStage.UPDATE_STAGE_DECIDED, InstructionAnswer.INSTRUCTION_ANSWER_CONFLICT)
            .addConflicts("limit.price")
            .addConflicts("limit.quantity")
            .setOrder(open(1))
            .build());

    Refusal refusal = refusal(placed);
    assertThat(refusal.reason()).isEqualTo(Reason.ID_REUSED);
    assertThat(refusal.metadata()).containsEntry("fields", "limit.price,limit.quantity");
    assertNobodyWaits();
  }

  @Test
  void atTheDeadlineARecordedOrderIsAccepted() throws Exception {
    Future<PlaceOrderResponse> placed = place(Wait.WAIT_DECISION, BUSY_MILLIS);
    log.acknowledge(5);

    assertThat(get(placed).getOrder().getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_ACCEPTED);
    assertThat(get(placed).getOrder().getVersion()).isZero();
    assertThat(get(placed).getOrder().getRemaining()).isEqualTo("0.0001");
    assertNobodyWaits();
  }

  @Test
  void atTheDeadlineAnUnacknowledgedOrderIsUnknown() throws Exception {
    assertThat(refusal(place(Wait.WAIT_DECISION, SHORT_MILLIS)).reason())
        .isEqualTo(Reason.OUTCOME_UNKNOWN);
    assertNobodyWaits();
  }

  @Test
  void aFailedAppendIsTheAnswer() throws Exception {
    Future<PlaceOrderResponse> placed = place(Wait.WAIT_DECISION, 0);
    log.refuse(Reason.OUTCOME_UNKNOWN);

    assertThat(refusal(placed).reason()).isEqualTo(Reason.OUTCOME_UNKNOWN);
    assertNobodyWaits();
  }

  @Test
  void anAppendThatThrowsFailsTheCallAndLeavesNobodyWaiting() throws Exception {
    log.broken = new IllegalStateException("The producer is closed.");

    Future<PlaceOrderResponse> placed = place(Wait.WAIT_DECISION, 0);

    assertThat(failure(placed)).isSameAs(log.broken);
    assertNobodyWaits();
  }

  @Test
  void whoWaitsForTheAppendOnlyIsAcceptedAtOnce() throws Exception {
    Future<PlaceOrderResponse> placed = place(Wait.WAIT_ACK, 0);
    log.acknowledge(5);

    assertThat(get(placed).getOrder().getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_ACCEPTED);
    assertThat(get(placed).getOrder().getOrderId()).isEqualTo(ID);
  }

  @Test
  void whoWaitsForTheSettlementIsAnsweredWhenTheOrderIsPlaced() throws Exception {
    Future<PlaceOrderResponse> placed = place(Wait.WAIT_SETTLED, 0);
    log.acknowledge(5);

    hear(
        5, UpdateStage.UPDATE_STAGE_DECIDED, InstructionAnswer.INSTRUCTION_ANSWER_APPLIED, open(1));
    assertThat(placed.isComplete()).isFalse();
    hear(
        5,
        UpdateStage.UPDATE_STAGE_SETTLED,
        InstructionAnswer.INSTRUCTION_ANSWER_UNSPECIFIED,
        settled());

    assertThat(get(placed).getOrder().getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_FILLED);
    assertThat(get(placed).getOrder().getFilledQuote()).isEqualTo("5");
  }

  @Test
  void aRepeatedOrderThatIsStillOnItsWayIsAwaitedWhoeversNewsItIs() throws Exception {
    Future<PlaceOrderResponse> placed = place(Wait.WAIT_SETTLED, 0);
    log.acknowledge(9);

    hear(
        9,
        UpdateStage.UPDATE_STAGE_DECIDED,
        InstructionAnswer.INSTRUCTION_ANSWER_REPEATED,
        open(1));
    assertThat(placed.isComplete()).isFalse();
    hear(
        5,
        UpdateStage.UPDATE_STAGE_SETTLED,
        InstructionAnswer.INSTRUCTION_ANSWER_UNSPECIFIED,
        settled());

    assertThat(get(placed).getOrder().getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_FILLED);
  }

  @Test
  void aRejectedOrderIsSettledAtItsDecision() throws Exception {
    Future<PlaceOrderResponse> placed = place(Wait.WAIT_SETTLED, 0);
    log.acknowledge(5);

    OrderState rejected =
        open(1).toBuilder()
            .setStatus(OrderStatus.ORDER_STATUS_REJECTED)
            .setReason(OrderReason.ORDER_REASON_INSUFFICIENT_FUNDS)
            .setLeftUnits(0)
            .setPlaced(true)
            .build();
    hear(
        5,
        UpdateStage.UPDATE_STAGE_DECIDED,
        InstructionAnswer.INSTRUCTION_ANSWER_APPLIED,
        rejected);

    assertThat(get(placed).getOrder().getReason())
        .isEqualTo(OrderReason.ORDER_REASON_INSUFFICIENT_FUNDS);
  }

  @Test
  void atTheDeadlineOfASettlementTheNewestStateIsTheAnswer() throws Exception {
    Future<PlaceOrderResponse> placed = place(Wait.WAIT_SETTLED, BUSY_MILLIS);
    log.acknowledge(5);

    hear(
        5, UpdateStage.UPDATE_STAGE_DECIDED, InstructionAnswer.INSTRUCTION_ANSWER_APPLIED, open(1));

    assertThat(get(placed).getOrder().getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_OPEN);
  }

  @Test
  void aCallTooManyIsRefusedBeforeItIsRecorded() throws Exception {
    place(Wait.WAIT_DECISION, 0);
    place(Wait.WAIT_DECISION, 0);
    get(vertx.timer(1));
    int appended = log.appended.size();

    assertThat(refusal(place(Wait.WAIT_DECISION, 0)).reason()).isEqualTo(Reason.OVERLOADED);
    assertThat(log.appended).hasSize(appended);
  }

  @Test
  void callsForAPartitionThatStandsStillRefuseNoneForAnother() throws Exception {
    place(Wait.WAIT_DECISION, 0);
    place(Wait.WAIT_DECISION, 0);
    PlaceOrderRequest elsewhere =
        request()
            .setMarket("PEPE-KRW")
            .setLimit(limit("100", "1").setTimeInForceValue(1))
            .setWait(Wait.WAIT_ACK)
            .build();

    Future<PlaceOrderResponse> placed = onLoop(() -> api.placeOrder(call(0), elsewhere));
    log.acknowledge(5);

    assertThat(get(placed).getOrder().getMarket()).isEqualTo("PEPE-KRW");
  }

  @Test
  void callsForOneOrderAreBoundedSinceEachHearsTheNewsOfAll() {
    WaitingCalls many = new WaitingCalls(1_000);
    WaitingCall.OrderRule never = (news, own) -> Optional.empty();
    for (int i = 0; i < 100; i++) {
      many.open(ID, 0, never);
    }

    assertThatThrownBy(() -> many.open(ID, 0, never)).hasMessageContaining("OVERLOADED");
    many.open("f".repeat(32), 0, never);
    assertThat(many.size()).isEqualTo(101);
  }

  @Test
  void aRepeatGetsTheOriginalThoughTheMarketsRulesHaveChanged() throws Exception {
    history.put(order("alice", "c1"));

    Future<PlaceOrderResponse> placed =
        onLoop(() -> apiWithCoarserTick().placeOrder(call(0), request().build()));
    log.acknowledge(9);
    hear(
        9,
        UpdateStage.UPDATE_STAGE_DECIDED,
        InstructionAnswer.INSTRUCTION_ANSWER_REPEATED,
        open(1));

    assertThat(get(placed).getOrder().getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_OPEN);
    assertThat(log.appended.getFirst().getPlace().getRules().getTickUnits())
        .isEqualTo(TestMarkets.BTC_USD.tickUnits());
  }

  @Test
  void otherContentUnderAUsedIdIsAConflictAlsoWhereTheRulesRefuseIt() throws Exception {
    history.put(order("alice", "c1"));
    PlaceOrderRequest other = request().setLimit(limit("50000.01", "0.0001")).build();

    Refusal refusal = refusal(onLoop(() -> apiWithCoarserTick().placeOrder(call(0), other)));

    assertThat(refusal.reason()).isEqualTo(Reason.ID_REUSED);
    assertThat(refusal.metadata()).containsEntry("fields", "limit.price");
    assertThat(log.appended).isEmpty();
  }

  @Test
  void aNewOrderIsRefusedByTheRulesAsTheyAre() throws Exception {
    history.put(order("bob", "c1"));

    Refusal refusal =
        refusal(onLoop(() -> apiWithCoarserTick().placeOrder(call(0), request().build())));

    assertThat(refusal.reason()).isEqualTo(Reason.OFF_TICK);
    assertThat(log.appended).isEmpty();
  }

  @Test
  void aRepeatWaitsForTheOriginalThatIsRecordedButNotYetApplied() throws Exception {
    log.ends.put(0, 10L);
    history.applied.put(0, 8L);

    Future<PlaceOrderResponse> placed =
        onLoop(() -> apiWithCoarserTick().placeOrder(call(0), request().build()));
    assertThat(placed.isComplete()).isFalse();
    history.put(order("alice", "c1"));
    get(log.appends.future());
    log.acknowledge(10);
    hear(
        10,
        UpdateStage.UPDATE_STAGE_DECIDED,
        InstructionAnswer.INSTRUCTION_ANSWER_REPEATED,
        open(1));

    assertThat(get(placed).getOrder().getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_OPEN);
  }

  @Test
  void whetherARefusedOrderIsARepeatIsUnknownWhileTheLogIsNotApplied() throws Exception {
    log.ends.put(0, 10L);

    Refusal refusal =
        refusal(onLoop(() -> apiWithCoarserTick().placeOrder(call(60_000), request().build())));

    assertThat(refusal.reason()).isEqualTo(Reason.OUTCOME_UNKNOWN);
    assertThat(log.appended).isEmpty();
  }

  @Test
  void moreRefusedOrdersThanMayWaitTakeNoSeatOfWhoAsksForAnOrder() throws Exception {
    log.ends.put(0, 10L);
    OrderApi coarser = apiWithCoarserTick();
    PlaceOrderRequest offTick = request().build();
    for (int i = 0; i < 50; i++) {
      onLoop(() -> coarser.placeOrder(call(0), offTick));
    }
    var byName = GetOrderRequest.newBuilder().setClientOrder(ref()).build();

    Future<PlaceOrderResponse> tooMany = onLoop(() -> coarser.placeOrder(call(0), offTick));
    var found = onLoop(() -> coarser.getOrder(call(0), byName));
    history.put(order("alice", "c1"));

    assertThat(refusal(tooMany).reason()).isEqualTo(Reason.OVERLOADED);
    assertThat(get(found).getOrder().getOrderId()).isEqualTo(ID);
  }

  @Test
  void anUnknownWaitIsRefused() throws Exception {
    PlaceOrderRequest request = request().setWaitValue(9).build();

    Refusal refusal = refusal(onLoop(() -> api.placeOrder(call(0), request)));

    assertThat(refusal.reason()).isEqualTo(Reason.INVALID_ENUM);
    assertThat(refusal.field()).isEqualTo("wait");
    assertThat(log.appended).isEmpty();
  }

  @Test
  void aCancelIsAnsweredWhenItsOwnOutcomeIsSettled() throws Exception {
    Future<CancelOrderResponse> cancelled = cancel(byClientId(Wait.WAIT_DECISION), 0);
    log.acknowledge(7);

    hear(
        7, UpdateStage.UPDATE_STAGE_DECIDED, InstructionAnswer.INSTRUCTION_ANSWER_APPLIED, open(1));
    hear(
        5,
        UpdateStage.UPDATE_STAGE_SETTLED,
        InstructionAnswer.INSTRUCTION_ANSWER_UNSPECIFIED,
        open(2));
    assertThat(cancelled.isComplete()).isFalse();
    hear(
        7,
        UpdateStage.UPDATE_STAGE_SETTLED,
        InstructionAnswer.INSTRUCTION_ANSWER_UNSPECIFIED,
        settled());

    assertThat(get(cancelled).getOrder().getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_FILLED);
    assertThat(log.appended.getFirst().hasCancel()).isTrue();
  }

  @Test
  void aCancelOfAClosedOrderAnswersWithIt() throws Exception {
    Future<CancelOrderResponse> cancelled = cancel(byClientId(Wait.WAIT_SETTLED), 0);
    log.acknowledge(7);

    hear(
        7,
        UpdateStage.UPDATE_STAGE_DECIDED,
        InstructionAnswer.INSTRUCTION_ANSWER_CLOSED,
        settled());

    assertThat(get(cancelled).getOrder().getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_FILLED);
  }

  @Test
  void aCancelOfAnUnknownNameIsNotFoundButRecorded() throws Exception {
    Future<CancelOrderResponse> cancelled = cancel(byClientId(Wait.WAIT_DECISION), 0);
    log.acknowledge(7);

    hear(
        0,
        update(7, UpdateStage.UPDATE_STAGE_DECIDED, InstructionAnswer.INSTRUCTION_ANSWER_NOT_FOUND)
            .build());

    assertThat(refusal(cancelled).reason()).isEqualTo(Reason.ORDER_NOT_FOUND);
    assertThat(log.appended).hasSize(1);
  }

  @Test
  void aCancelThatIsOnlyAcknowledgedAnswersWithTheIds() throws Exception {
    Future<CancelOrderResponse> cancelled = cancel(byClientId(Wait.WAIT_ACK), 0);
    log.acknowledge(7);

    var order = get(cancelled).getOrder();
    assertThat(order.getOrderId()).isEqualTo(ID);
    assertThat(order.getClientOrderId()).isEqualTo("c1");
    assertThat(order.getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_UNSPECIFIED);
  }

  @Test
  void aCancelByOrderIdFindsTheNameInTheRow() throws Exception {
    history.put(order("alice", "c1"));
    CancelOrderRequest request =
        CancelOrderRequest.newBuilder().setOrderId(ID).setWait(Wait.WAIT_ACK).build();

    Future<CancelOrderResponse> cancelled = cancel(request, 0);
    log.acknowledge(7);

    assertThat(get(cancelled).getOrder().getClientOrderId()).isEqualTo("c1");
    assertThat(log.appended.getFirst().getOrderId()).isEqualTo(ID);
  }

  @Test
  void anotherAccountsOrderIsNotFound() throws Exception {
    Order bobs = order("bob", "c1");
    history.put(bobs);

    var get = GetOrderRequest.newBuilder().setOrderId(bobs.orderId()).build();
    var cancel = CancelOrderRequest.newBuilder().setOrderId(bobs.orderId()).build();

    assertThat(refusal(onLoop(() -> api.getOrder(call(0), get))).reason())
        .isEqualTo(Reason.ORDER_NOT_FOUND);
    assertThat(refusal(cancel(cancel, 0)).reason()).isEqualTo(Reason.ORDER_NOT_FOUND);
    assertThat(log.appended).isEmpty();
  }

  @Test
  void anAbsentOrderIsAwaitedUntilTheLogIsAppliedToItsEnd() throws Exception {
    log.ends.put(0, 10L);
    history.applied.put(0, 8L);
    var request = GetOrderRequest.newBuilder().setOrderId(ID).build();

    var found = onLoop(() -> api.getOrder(call(0), request));
    history.put(order("alice", "c1"));
    history.applied.put(0, 9L);

    assertThat(get(found).getOrder().getOrderId()).isEqualTo(ID);
  }

  @Test
  void anOrderIsAnsweredAsSoonAsItsRowIsThereThoughAnotherPartitionStandsStill() throws Exception {
    log.ends.put(0, 10L);
    log.ends.put(1, 10L);
    var request = GetOrderRequest.newBuilder().setOrderId(ID).build();

    var found = onLoop(() -> api.getOrder(call(0), request));
    history.put(order("alice", "c1"));

    assertThat(get(found).getOrder().getOrderId()).isEqualTo(ID);
  }

  @Test
  void aNameTellsItsPartitionSoThatNoOtherIsWaitedFor() throws Exception {
    log.ends.put(0, 4L);
    log.ends.put(1, 10L);
    history.applied.put(0, 3L);
    var byName = GetOrderRequest.newBuilder().setClientOrder(ref()).build();
    var byId = GetOrderRequest.newBuilder().setOrderId(ID).build();

    assertThat(refusal(onLoop(() -> api.getOrder(call(0), byName))).reason())
        .isEqualTo(Reason.ORDER_NOT_FOUND);
    assertThat(refusal(onLoop(() -> api.getOrder(call(SHORT_MILLIS), byId))).reason())
        .isEqualTo(Reason.OUTCOME_UNKNOWN);
  }

  @Test
  void anotherAccountsOrderIsAsAbsentAsOneThatDoesNotExist() throws Exception {
    Order bobs = order("bob", "c1");
    history.put(bobs);
    log.ends.put(0, 10L);
    var request = GetOrderRequest.newBuilder().setOrderId(bobs.orderId()).build();

    assertThat(refusal(onLoop(() -> api.getOrder(call(SHORT_MILLIS), request))).reason())
        .isEqualTo(Reason.OUTCOME_UNKNOWN);
  }

  @Test
  void moreSearchesThanMayWaitAreRefusedForTheirPartitionOnly() throws Exception {
    log.ends.put(0, 10L);
    log.ends.put(1, 0L);
    var here = GetOrderRequest.newBuilder().setClientOrder(ref()).build();
    var there = GetOrderRequest.newBuilder().setClientOrder(ref().setMarket("PEPE-KRW")).build();
    for (int i = 0; i < 250; i++) {
      onLoop(() -> api.getOrder(call(0), here));
    }

    assertThat(refusal(onLoop(() -> api.getOrder(call(0), here))).reason())
        .isEqualTo(Reason.OVERLOADED);
    assertThat(refusal(onLoop(() -> api.getOrder(call(0), there))).reason())
        .isEqualTo(Reason.ORDER_NOT_FOUND);
  }

  @Test
  void aSearchByIdAloneSoonLeavesTheSeatThatItSharesWithAll() throws Exception {
    log.ends.put(0, 10L);
    OrderFinder finder = new OrderFinder(vertx, history, log, SHORT_MILLIS);
    Deadline tenMinutes = Deadline.of(600_000);

    Future<Order> byId = onLoop(() -> finder.find("alice", ID, OptionalInt.empty(), tenMinutes));
    Future<Order> byName = onLoop(() -> finder.find("alice", ID, OptionalInt.of(0), tenMinutes));

    assertThat(refusal(byId).reason()).isEqualTo(Reason.OUTCOME_UNKNOWN);
    assertThat(byName.isComplete()).isFalse();
  }

  @Test
  void aBugWhileSearchingIsAnsweredAsUnknownAndIsLoud() throws Exception {
    log.ends.put(0, 10L);
    history.broken = new IllegalStateException("planted");
    var request = GetOrderRequest.newBuilder().setOrderId(ID).build();
    PrintStream console = System.err;
    var printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));

    try {
      assertThat(refusal(onLoop(() -> api.getOrder(call(0), request))).reason())
          .isEqualTo(Reason.OUTCOME_UNKNOWN);
    } finally {
      System.setErr(console);
    }

    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("ERROR", "java.lang.IllegalStateException: planted");
  }

  @Test
  void anAbsentOrderIsNotFoundOnceTheLogIsApplied() throws Exception {
    log.ends.put(0, 0L);
    log.ends.put(1, 4L);
    history.applied.put(1, 3L);
    var request = GetOrderRequest.newBuilder().setClientOrder(ref()).build();

    assertThat(refusal(onLoop(() -> api.getOrder(call(0), request))).reason())
        .isEqualTo(Reason.ORDER_NOT_FOUND);
  }

  @Test
  void anAbsentOrderIsUnknownWhileTheLogIsNotApplied() throws Exception {
    log.ends.put(0, 10L);
    var request = GetOrderRequest.newBuilder().setOrderId(ID).build();

    assertThat(refusal(onLoop(() -> api.getOrder(call(SHORT_MILLIS), request))).reason())
        .isEqualTo(Reason.OUTCOME_UNKNOWN);
  }

  @Test
  void idsAreCheckedBeforeAnythingIsAsked() throws Exception {
    var malformed = GetOrderRequest.newBuilder().setOrderId(ID.toUpperCase()).build();
    var none = CancelOrderRequest.getDefaultInstance();

    assertThat(refusal(onLoop(() -> api.getOrder(call(0), malformed))))
        .matches(refusal -> refusal.reason() == Reason.INVALID_ID)
        .matches(refusal -> refusal.field().equals("order_id"));
    assertThat(refusal(cancel(none, 0)))
        .matches(refusal -> refusal.reason() == Reason.FIELD_REQUIRED)
        .matches(refusal -> refusal.field().equals("id"));
  }

  // ---- only checked

  @Test
  void anOrderThatIsOnlyToBeCheckedIsShownAndNotRecorded() throws Exception {
    var request = request().setValidateOnly(true).build();

    var order = get(onLoop(() -> api.placeOrder(call(0), request))).getOrder();

    assertThat(order.getOrderId()).isEqualTo(ID);
    assertThat(order.getLimit().getPrice()).isEqualTo("50000");
    assertThat(order.getRemaining()).isEqualTo("0.0001");
    assertThat(order.getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_UNSPECIFIED);
    assertThat(order.hasCreateTime() || order.hasUpdateTime()).isFalse();
    assertThat(log.appended).isEmpty();
    assertNobodyWaits();
  }

  @Test
  void whatIsOnlyToBeCheckedIsRefusedLikeWhatIsToBePlaced() throws Exception {
    var offTick = request().setLimit(limit("50000.001", "0.0001")).setValidateOnly(true).build();

    assertThat(refusal(onLoop(() -> api.placeOrder(call(0), offTick))).reason())
        .isEqualTo(Reason.OFF_TICK);
  }

  // ---- several orders

  @Test
  void ordersOfOneCallAreAppendedInTheirOrderBeforeAnyIsAcknowledged() throws Exception {
    Future<PlaceOrdersResponse> placed =
        placeAll(request().setWait(Wait.WAIT_ACK), elsewhere("p1"), elsewhere("p2"));

    assertThat(log.appended)
        .extracting(OrderRequested::getClientOrderId)
        .containsExactly("c1", "p1", "p2");
    assertThat(placed.isComplete()).isFalse();
    log.acknowledgeAllFrom(5);

    assertThat(get(placed).getResultsList())
        .extracting(result -> result.getOrder().getClientOrderId())
        .containsExactly("c1", "p1", "p2");
    assertNobodyWaits();
  }

  @Test
  void eachOrderOfACallIsAnsweredByTheDecisionOfItsOwnPosition() throws Exception {
    Future<PlaceOrdersResponse> placed = placeAll(request(), request());
    log.acknowledgeAllFrom(5);

    hear(
        6,
        UpdateStage.UPDATE_STAGE_DECIDED,
        InstructionAnswer.INSTRUCTION_ANSWER_REPEATED,
        open(2));
    assertThat(placed.isComplete()).isFalse();
    hear(
        5, UpdateStage.UPDATE_STAGE_DECIDED, InstructionAnswer.INSTRUCTION_ANSWER_APPLIED, open(1));

    assertThat(get(placed).getResultsList())
        .extracting(result -> result.getOrder().getVersion())
        .containsExactly(1L, 2L);
    assertNobodyWaits();
  }

  @Test
  void anOrderThatIsRefusedRefusesNoOtherOfItsCall() throws Exception {
    Future<PlaceOrdersResponse> placed =
        placeAll(
            request().setClientOrderId("off-tick").setLimit(limit("50000.001", "0.0001")),
            request().setWait(Wait.WAIT_ACK),
            request().setMarket("BTC-EUR"),
            request().setClientOrderId("c3").setWaitValue(9));
    get(log.appends.future());
    log.acknowledgeAllFrom(5);

    var results = get(placed).getResultsList();
    assertThat(results)
        .extracting(result -> result.hasError() ? result.getError().getCode() : 0)
        .containsExactly(3, 0, 5, 3);
    assertThat(results.get(0).getError().getDetails(0).unpack(ErrorInfo.class))
        .matches(info -> info.getReason().equals("OFF_TICK"))
        .matches(info -> info.getDomain().equals("sagax.dev"));
    assertThat(
            results.get(0).getError().getDetails(1).unpack(BadRequest.class).getFieldViolations(0))
        .matches(violation -> violation.getField().equals("limit.price"));
    assertThat(results.get(0).getError().getDetails(2).unpack(RequestInfo.class).getRequestId())
        .isEqualTo("r1");
    assertThat(log.appended).hasSize(1);
  }

  @Test
  void anOrderThatMayBeARepeatDelaysNoOtherOfItsCall() throws Exception {
    log.ends.put(0, 10L);

    Future<PlaceOrdersResponse> placed =
        placeAll(
            request().setClientOrderId("off-tick").setLimit(limit("50000.001", "0.0001")),
            request());

    assertThat(log.appended).extracting(OrderRequested::getClientOrderId).containsExactly("c1");
    assertThat(placed.isComplete()).isFalse();
  }

  @Test
  void moreOrdersThanMayWaitAreOverloadedEachForItself() throws Exception {
    Future<PlaceOrdersResponse> placed =
        placeAll(
            request().setWait(Wait.WAIT_ACK),
            request().setClientOrderId("c2").setWait(Wait.WAIT_ACK),
            request().setClientOrderId("c3").setWait(Wait.WAIT_ACK));
    log.acknowledgeAllFrom(5);

    assertThat(get(placed).getResultsList())
        .extracting(result -> result.getError().getCode())
        .containsExactly(0, 0, 8);
    assertThat(log.appended).hasSize(2);
  }

  @Test
  void repeatsAmongRefusedOrdersOfACallAreFoundInOneSearch() throws Exception {
    history.put(order("alice", "c1"));
    OrderApi coarser = apiWithCoarserTick();
    var many = PlaceOrdersRequest.newBuilder();
    many.addOrders(request().setWait(Wait.WAIT_ACK));
    for (int i = 1; i < 100; i++) {
      many.addOrders(request().setClientOrderId("new-" + i));
    }

    Future<PlaceOrdersResponse> placed = onLoop(() -> coarser.placeOrders(call(0), many.build()));
    get(log.appends.future());
    log.acknowledgeAllFrom(9);

    var results = get(placed).getResultsList();
    assertThat(results.getFirst().getOrder().getOrderId()).isEqualTo(ID);
    assertThat(results.subList(1, 100))
        .allMatch(result -> result.getError().getMessage().contains("ticks"));
    assertThat(history.finds.get()).isLessThanOrEqualTo(3);
  }

  @Test
  void noOrdersAndTooManyOrdersAreRefusedAsAWhole() throws Exception {
    var tooMany = PlaceOrdersRequest.newBuilder();
    for (int i = 0; i < 101; i++) {
      tooMany.addOrders(request());
    }

    Refusal none =
        refusal(onLoop(() -> api.placeOrders(call(0), PlaceOrdersRequest.getDefaultInstance())));
    Refusal many = refusal(onLoop(() -> api.placeOrders(call(0), tooMany.build())));

    assertThat(none.reason() + " " + none.field()).isEqualTo("FIELD_REQUIRED orders");
    assertThat(many.reason() + " " + many.field()).isEqualTo("TOO_MANY_ITEMS orders");
    assertThat(log.appended).isEmpty();
  }

  // ---- all orders

  @Test
  void aCancelOfAllIsRecordedOnceForEachPartitionAndAnswersWithTheOrders() throws Exception {
    Future<CancelAllOrdersResponse> cancelled = cancelAll(CancelAllOrdersRequest.newBuilder());
    assertThat(log.appended)
        .extracting(record -> record.getMarket() + record.getCancelAll().getSideValue())
        .containsExactly("0", "0");
    log.acknowledgeAllFrom(5);

    hearCancelling(0, 5, List.of("o1", "o2"), 1);
    hearCancelling(1, 6, List.of(), 0);
    assertThat(cancelled.isComplete()).isFalse();
    hearCancelling(0, 5, List.of("o3"), 0);

    assertThat(get(cancelled).getOrderIdsList()).containsExactly("o1", "o2", "o3");
    assertThat(get(cancelled).getDecided()).isTrue();
    assertNobodyWaits();
  }

  /** Each large market is a record of its own; what is left takes one for each partition. */
  @Test
  void aCancelOfAllNamesMarketsWithVeryManyOrdersOneByOne() throws Exception {
    history.openByMarket.put("BTC-USD", 10_000L);
    history.openByMarket.put("PEPE-KRW", 1_000L);
    var cancelled = cancelAll(CancelAllOrdersRequest.newBuilder().setSideValue(1));

    assertThat(log.appended)
        .extracting(record -> record.getMarket() + record.getCancelAll().getSideValue())
        .containsExactly("BTC-USD1", "1", "1");
    log.acknowledgeAllFrom(5);
    hearCancelling(0, 0, 5, List.of("o1"), 0);
    hearCancelling(2, 1, 7, List.of("o3"), 0);
    assertThat(cancelled.isComplete()).isFalse();
    hearCancelling(1, 0, 6, List.of("o2"), 0);

    assertThat(get(cancelled).getOrderIdsList()).containsExactly("o1", "o2", "o3");
    assertThat(get(cancelled).getDecided()).isTrue();
    assertNobodyWaits();
  }

  @Test
  void aCancelOfAllNamesEveryMarketWhereNobodyKnowsHowManyOrdersThereAre() throws Exception {
    log.ends.put(1, 9_001L);
    history.applied.put(1, -1L);
    var first = cancelAll(CancelAllOrdersRequest.newBuilder().setWait(Wait.WAIT_ACK));
    awaitAppended(3);
    assertThat(log.appended)
        .extracting(OrderRequested::getMarket)
        .containsExactly("", "PEPE-KRW", "");
    log.acknowledgeAllFrom(5);
    get(first);

    history.broken = new IllegalStateException("The database is away.");
    cancelAll(CancelAllOrdersRequest.newBuilder().setWait(Wait.WAIT_ACK));
    awaitAppended(7);
    assertThat(log.appended.subList(3, 7))
        .extracting(OrderRequested::getMarket)
        .containsExactly("BTC-USD", "", "PEPE-KRW", "");
  }

  /** The crash between two of its records leaves some markets: who asks again covers them. */
  @Test
  void aCancelOfAllThatStoppedBetweenTwoMarketsIsCompletedByWhoAsksAgain() throws Exception {
    history.openByMarket.put("BTC-USD", 10_000L);
    cancelAll(CancelAllOrdersRequest.newBuilder().setMarket("").setWait(Wait.WAIT_ACK));
    log.acknowledgements.getFirst().complete(5L);
    log.refuse(Reason.DEPENDENCY_UNAVAILABLE);
    history.open.add("o1");
    history.openByMarket.clear();

    var again = cancelAll(CancelAllOrdersRequest.newBuilder());
    awaitAppended(5);
    log.acknowledgements.get(3).complete(8L);
    log.acknowledgements.get(4).complete(9L);
    hearCancelling(3, 0, 8, List.of("o2"), 0);
    hearCancelling(4, 1, 9, List.of(), 0);

    assertThat(get(again).getOrderIdsList()).containsExactly("o2", "o1");
  }

  @Test
  void anAnswerNamesTheFirstOrdersAndCountsThemAll() throws Exception {
    List<String> ids = IntStream.range(0, 5_001).mapToObj(n -> "%032x".formatted(n)).toList();
    history.open.addAll(ids);
    var cancelled =
        cancelAll(
            CancelAllOrdersRequest.newBuilder().setMarket("BTC-USD").setWait(Wait.WAIT_SETTLED));
    log.acknowledgeAllFrom(5);
    hearCancelling(0, 5, ids, 0);
    awaitTrue(() -> history.asked.size() > 2);
    assertThat(cancelled.isComplete()).isFalse();
    assertThat(history.asked).as("orders asked for at once").allMatch(asked -> asked <= 1_000);

    history.open.removeAll(ids.subList(0, 999));
    awaitTrue(() -> history.asked.size() > 6);
    assertThat(cancelled.isComplete()).isFalse();
    history.open.clear();

    assertThat(get(cancelled).getOrderIdsList()).isEqualTo(ids.subList(0, 5_000));
    assertThat(get(cancelled).getTotal()).isEqualTo(5_001);
    assertThat(get(cancelled).getDecided()).isTrue();
  }

  @Test
  void ordersThatAreClosedAreNotLookedAtAgain() throws Exception {
    history.open.add("o2");
    var cancelled =
        cancelAll(
            CancelAllOrdersRequest.newBuilder().setMarket("BTC-USD").setWait(Wait.WAIT_SETTLED));
    log.acknowledgeAllFrom(5);
    hearCancelling(0, 5, List.of("o1", "o2", "o3"), 0);
    awaitTrue(() -> history.asked.size() > 2);
    history.open.clear();

    get(cancelled);
    assertThat(history.asked.poll()).isEqualTo(3);
    assertThat(history.asked).containsOnly(1);
  }

  @Test
  void aCancelOfAllOfAMarketGoesToItsPartitionOnly() throws Exception {
    cancelAll(CancelAllOrdersRequest.newBuilder().setMarket("PEPE-KRW").setSideValue(2));

    assertThat(log.appended)
        .extracting(record -> record.getMarket() + record.getCancelAll().getSideValue())
        .containsExactly("PEPE-KRW2");
  }

  @Test
  void aCancelOfAllThatIsOnlyAcknowledgedIsNotDecided() throws Exception {
    var cancelled = cancelAll(CancelAllOrdersRequest.newBuilder().setWait(Wait.WAIT_ACK));
    log.acknowledgeAllFrom(5);

    assertThat(get(cancelled)).isEqualTo(CancelAllOrdersResponse.getDefaultInstance());
  }

  @Test
  void whoAsksAgainIsToldWhatTheFirstCancelOfAllIsStillCancelling() throws Exception {
    history.open.add("o2");
    var again =
        cancelAll(
            CancelAllOrdersRequest.newBuilder().setMarket("BTC-USD").setWait(Wait.WAIT_SETTLED));
    log.acknowledgeAllFrom(5);
    hearCancelling(0, 5, List.of("o1"), 0);
    get(vertx.timer(50));
    assertThat(again.isComplete()).isFalse();

    history.open.clear();

    assertThat(get(again).getOrderIdsList()).containsExactly("o1", "o2");
  }

  @Test
  void aCancelOfAllWaitsUntilItsOrdersAreClosed() throws Exception {
    history.open.add(ID);
    var cancelled =
        cancelAll(
            CancelAllOrdersRequest.newBuilder().setMarket("BTC-USD").setWait(Wait.WAIT_SETTLED));
    log.acknowledgeAllFrom(5);
    hearCancelling(0, 5, List.of(ID), 0);
    get(vertx.timer(50));
    assertThat(cancelled.isComplete()).isFalse();

    history.open.clear();

    assertThat(get(cancelled).getOrderIdsList()).containsExactly(ID);
  }

  /** It is recorded and under way; only the database cannot say more just now. */
  @Test
  void aCancelOfAllIsAnsweredThoughNobodyCanSayWhetherItsOrdersAreClosed() throws Exception {
    history.looksFail = true;
    var cancelled =
        cancelAll(
            CancelAllOrdersRequest.newBuilder().setMarket("BTC-USD").setWait(Wait.WAIT_SETTLED),
            400);
    log.acknowledgeAllFrom(5);
    hearCancelling(0, 5, List.of(ID), 0);

    assertThat(get(cancelled).getOrderIdsList()).containsExactly(ID);
    assertThat(get(cancelled).getDecided()).as("more may be under way").isFalse();
  }

  @Test
  void aCancelOfAllThatOnePartitionDoesNotAcknowledgeIsUnknown() throws Exception {
    var cancelled = cancelAll(CancelAllOrdersRequest.newBuilder().setWait(Wait.WAIT_ACK));
    log.acknowledgements.getFirst().complete(5L);
    log.refuse(Reason.DEPENDENCY_UNAVAILABLE);

    assertThat(refusal(cancelled).reason()).isEqualTo(Reason.OUTCOME_UNKNOWN);
  }

  @Test
  void aSwitchIsSetOnceEveryPartitionSaysSo() throws Exception {
    Future<CancelAllAfterResponse> armed = cancelAllAfter(5, "", 0);
    log.acknowledgeAllFrom(5);
    hearCancelling(0, 5, List.of(), 0);
    assertThat(armed.isComplete()).isFalse();
    hearCancelling(1, 6, List.of(), 0);

    assertThat(log.appended)
        .extracting(record -> record.getArmCancelAll().getDeadlineMicros())
        .containsOnly(log.appended.getFirst().getArmCancelAll().getDeadlineMicros());
    assertThat(Times.toMicros("deadline", get(armed).getDeadline()))
        .isEqualTo(log.appended.getFirst().getArmCancelAll().getDeadlineMicros());
  }

  @Test
  void aSwitchThatIsUnsetHasNoDeadline() throws Exception {
    Future<CancelAllAfterResponse> armed = cancelAllAfter(0, "BTC-USD", 0);
    log.acknowledgeAllFrom(5);
    hearCancelling(0, 5, List.of(), 0);

    assertThat(get(armed).hasDeadline()).isFalse();
    assertThat(log.appended.getFirst().getArmCancelAll().getDeadlineMicros()).isZero();
  }

  @Test
  void whetherASwitchIsSetIsUnknownUntilItIsDecided() throws Exception {
    Future<CancelAllAfterResponse> armed = cancelAllAfter(5, "BTC-USD", BUSY_MILLIS);
    log.acknowledgeAllFrom(5);

    assertThat(refusal(armed).reason()).isEqualTo(Reason.OUTCOME_UNKNOWN);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1, 4, 86_401, Long.MAX_VALUE, Long.MIN_VALUE})
  void aTimeoutOutOfItsRangeIsRefused(long seconds) throws Exception {
    assertThat(refusal(cancelAllAfter(seconds, "", 0)))
        .matches(refusal -> refusal.reason() == Reason.INVALID_TIME)
        .matches(refusal -> refusal.field().equals("timeout"));
    assertThat(log.appended).isEmpty();
  }

  @Test
  void aSwitchThatIsDueIsRecordedOnceUntilItIsGone() throws Exception {
    history.due.add(new OrderHistory.Due(1, "alice", "", 5_000));
    log.acknowledging = true;
    startSwitches();
    awaitAppended(1);
    awaitLooks(3);

    assertThat(log.appended).hasSize(1);
    assertThat(log.appended.getFirst().getCancelAll().getDeadlineMicros()).isEqualTo(5_000);
    assertThat(log.appended.getFirst().getMarket()).isEmpty();
  }

  /** After 5 s, 10 s, 20 s, ... and never more seldom than every 5 minutes. */
  @Test
  void aSwitchWhoseRecordsNobodyAppliesIsRecordedMoreAndMoreSeldom() throws Exception {
    history.due.add(new OrderHistory.Due(1, "alice", "BTC-USD", 5_000));
    log.acknowledging = true;
    startSwitches();

    List<Integer> pauses = List.of(5, 10, 20, 40, 80, 160, 300, 300);
    for (int times = 1; times <= pauses.size(); times++) {
      awaitAppended(times);
      now = now.plusSeconds(pauses.get(times - 1) - 1);
      awaitLooks(3);
      assertThat(log.appended).hasSize(times);
      now = now.plusSeconds(1);
    }
    awaitAppended(pauses.size() + 1);
  }

  /** One with more than a page of switches of which none is applied, one that cannot be written. */
  @Test
  void aPartitionThatStandsStillKeepsNothingFromOtherSwitches() throws Exception {
    for (int n = 0; n < 2 * OrderHistory.DUE_PAGE + 50; n++) {
      history.due.add(new OrderHistory.Due(0, "silent" + n, "BTC-USD", 1_000 + n));
    }
    log.acknowledging = true;
    startSwitches();
    awaitAppended(2 * OrderHistory.DUE_PAGE + 50);

    history.due.add(new OrderHistory.Due(0, "late", "BTC-USD", 900_000));
    history.due.add(new OrderHistory.Due(1, "elsewhere", "PEPE-KRW", 900_000));

    awaitAppended(2 * OrderHistory.DUE_PAGE + 52);
    assertThat(log.appended)
        .extracting(OrderRequested::getAccount)
        .doesNotHaveDuplicates()
        .contains("late", "elsewhere");
  }

  @Test
  void aPartitionWhoseRecordsAreNotAcknowledgedWaitsForThemAlone() throws Exception {
    history.due.add(new OrderHistory.Due(0, "alice", "BTC-USD", 1_000));
    startSwitches();
    awaitAppended(1);

    history.due.add(new OrderHistory.Due(0, "bob", "BTC-USD", 2_000));
    history.due.add(new OrderHistory.Due(1, "carol", "PEPE-KRW", 2_000));
    awaitAppended(2);
    log.acknowledgements.getLast().complete(5L);
    awaitLooks(3);
    assertThat(log.appended)
        .extracting(OrderRequested::getAccount)
        .containsExactly("alice", "carol");

    log.acknowledging = true;
    onLoop(() -> {
      log.acknowledgements.getFirst().fail("The broker is away.");
      return Future.succeededFuture();
    });
    awaitAppended(3);
    assertThat(log.appended.getLast().getAccount()).isEqualTo("bob");
    now = now.plusSeconds(1);
    awaitAppended(4);
    assertThat(log.appended.getLast().getAccount()).isEqualTo("alice");
  }

  @Test
  void aSwitchOfWhoHasVeryManyOrdersIsRecordedMarketByMarket() throws Exception {
    history.openByMarket.put("BTC-USD", 900L);
    history.openByMarket.put("PEPE-KRW", 1_001L);
    history.due.add(new OrderHistory.Due(0, "alice", "", 5_000));
    history.due.add(new OrderHistory.Due(1, "alice", "", 6_000));
    log.acknowledging = true;
    startSwitches();
    awaitAppended(3);

    assertThat(log.appended)
        .extracting(record -> record.getMarket() + " " + record.getCancelAll().getPartOfAll())
        .containsExactly(" false", "PEPE-KRW true", " false");
    assertThat(log.appended)
        .extracting(record -> record.getCancelAll().getDeadlineMicros())
        .containsExactly(5_000L, 6_000L, 6_000L);
    assertThat(log.appended).extracting(OrderRequested::getOrderId).doesNotHaveDuplicates();
  }

  private void startSwitches() throws Exception {
    var switches =
        new DeadMansSwitches(vertx, TestMarkets.MARKETS, 2, history, log, log, () -> this.now);
    onLoop(() -> {
      switches.start();
      return Future.succeededFuture();
    });
  }

  /** So many more, the first of which may have begun before. */
  private void awaitLooks(int more) throws Exception {
    int enough = history.looks.get() + more;
    awaitTrue(() -> history.looks.get() >= enough);
  }

  // ---- lists

  @Test
  void aListGoesOnWithItsToken() throws Exception {
    history.put(order("alice", "c1"));
    history.put(order("alice", "c2"));
    history.put(order("alice", "c3"));
    var firstPage = ListOrdersRequest.newBuilder().setPageSize(2).build();

    var first = get(onLoop(() -> api.listOrders(call(0), firstPage)));
    var nextPage = firstPage.toBuilder().setPageToken(first.getNextPageToken()).build();
    var second = get(onLoop(() -> api.listOrders(call(0), nextPage)));

    assertThat(first.getOrdersCount()).isEqualTo(2);
    assertThat(second.getOrdersCount()).isEqualTo(1);
    assertThat(second.getNextPageToken()).isEmpty();
  }

  @Test
  void listsRefuseWrongSizesMarketsAndTokens() throws Exception {
    var tooMany = ListOrdersRequest.newBuilder().setPageSize(501).build();
    var negative = ListOrdersRequest.newBuilder().setPageSize(-1).build();
    var market = ListOrdersRequest.newBuilder().setMarket("BTC-EUR").build();
    var token = ListOrdersRequest.newBuilder().setPageToken("x").build();

    assertThat(refusal(onLoop(() -> api.listOrders(call(0), tooMany))).reason())
        .isEqualTo(Reason.INVALID_PAGE_SIZE);
    assertThat(refusal(onLoop(() -> api.listOrders(call(0), negative))).reason())
        .isEqualTo(Reason.INVALID_PAGE_SIZE);
    assertThat(refusal(onLoop(() -> api.listOrders(call(0), market))).reason())
        .isEqualTo(Reason.UNKNOWN_MARKET);
    assertThat(refusal(onLoop(() -> api.listOrders(call(0), token))).reason())
        .isEqualTo(Reason.INVALID_PAGE_TOKEN);
  }

  @Test
  void aTokenContinuesOnlyTheListItWasMadeFor() throws Exception {
    history.put(order("alice", "c1"));
    history.put(order("alice", "c2"));
    var request = ListOrdersRequest.newBuilder().setPageSize(1).setMarket("BTC-USD").build();
    String token = get(onLoop(() -> api.listOrders(call(0), request))).getNextPageToken();
    var otherFilter = ListOrdersRequest.newBuilder().setPageToken(token).build();
    var bob = new Call(new Caller("bob", Set.of(Scope.READ)), 0, "r1");
    var bobs = request.toBuilder().setPageToken(token).build();

    assertThat(refusal(onLoop(() -> api.listOrders(call(0), otherFilter))).reason())
        .isEqualTo(Reason.INVALID_PAGE_TOKEN);
    assertThat(refusal(onLoop(() -> api.listOrders(bob, bobs))).reason())
        .isEqualTo(Reason.INVALID_PAGE_TOKEN);
  }

  @Test
  void eachFilterOfAListIsPartOfItsToken() throws Exception {
    history.put(order("alice", "c1"));
    history.put(order("alice", "c2"));
    var request = ListOrdersRequest.newBuilder().setPageSize(1).build();
    String token = get(onLoop(() -> api.listOrders(call(0), request))).getNextPageToken();
    var next = request.toBuilder().setPageToken(token);

    for (var other :
        List.of(
            next.clone().setOpenOnly(true),
            next.clone().addStatuses(OrderStatus.ORDER_STATUS_OPEN),
            next.clone().setSide(dev.sagax.proto.order.v1.Side.SIDE_BUY),
            next.clone().setFrom(seconds(1)),
            next.clone().setUntil(seconds(1)))) {
      assertThat(refusal(onLoop(() -> api.listOrders(call(0), other.build()))).reason())
          .as(other.toString())
          .isEqualTo(Reason.INVALID_PAGE_TOKEN);
    }
    assertThat(get(onLoop(() -> api.listOrders(call(0), next.build()))).getOrdersCount())
        .isEqualTo(1);
  }

  @Test
  void listsRefuseStatesSidesAndTimesThatThereAreNot() throws Exception {
    for (int state : List.of(0, 1, 8)) {
      var request = ListOrdersRequest.newBuilder().addStatusesValue(state).build();
      assertThat(refusal(onLoop(() -> api.listOrders(call(0), request))))
          .matches(refusal -> refusal.reason() == Reason.INVALID_ENUM)
          .matches(refusal -> refusal.field().equals("statuses"));
    }
    var side = ListOrdersRequest.newBuilder().setSideValue(3).build();
    var from = ListOrdersRequest.newBuilder().setFrom(seconds(253_402_300_800L)).build();
    var until = ListOrdersRequest.newBuilder().setFrom(seconds(7)).setUntil(seconds(7)).build();

    assertThat(refusal(onLoop(() -> api.listOrders(call(0), side))))
        .matches(refusal -> refusal.reason() == Reason.INVALID_ENUM)
        .matches(refusal -> refusal.field().equals("side"));
    assertThat(refusal(onLoop(() -> api.listOrders(call(0), from))))
        .matches(refusal -> refusal.reason() == Reason.INVALID_TIME)
        .matches(refusal -> refusal.field().equals("from"));
    assertThat(refusal(onLoop(() -> api.listOrders(call(0), until))))
        .matches(refusal -> refusal.reason() == Reason.INVALID_TIME)
        .matches(refusal -> refusal.field().equals("until"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "x 1", "%s", "%s ", "%s x", "%s 99999999999999999999", "%s 1 1"})
  void aPlaceThatIsMadeUpIsRefused(String place) throws Exception {
    var all =
        new OrderHistory.Filter(
            "alice", "", false, new TreeSet<>(), Optional.empty(), 0, Long.MAX_VALUE);
    String token = PageToken.of(OrderLists.nameOf(all), place.formatted(ID));
    var request = ListOrdersRequest.newBuilder().setPageToken(token).build();

    assertThat(refusal(onLoop(() -> api.listOrders(call(0), request))).reason())
        .isEqualTo(Reason.INVALID_PAGE_TOKEN);
  }

  // ---- the world around the API

  /** The log: appends wait for their acknowledgement, which comes on a thread of its own. */
  private static final class Log implements LogAppender, LogFollower {
    final List<OrderRequested> appended = new ArrayList<>();
    final Map<Integer, Long> ends = new HashMap<>(Map.of(0, 0L, 1, 0L));
    RuntimeException broken;
    volatile boolean acknowledging;
    final Promise<Void> appends = Promise.promise();
    private Promise<Long> pending;
    private final List<Promise<Long>> acknowledgements = new ArrayList<>();

    @Override
    public Future<Long> append(Topic topic, int partition, String key, MessageLite message) {
      assertThat(topic).isEqualTo(Topic.ORDER_REQUESTED);
      if (broken != null) {
        throw broken;
      }
      appended.add((OrderRequested) message);
      pending = Promise.promise();
      acknowledgements.add(pending);
      appends.tryComplete();
      if (acknowledging) {
        pending.complete(appended.size() - 1L);
      }
      return pending.future();
    }

    void acknowledge(long offset) {
      pending.complete(offset);
    }

    /** Acknowledges the appends that are waiting, at ascending offsets. */
    void acknowledgeAllFrom(long offset) {
      for (Promise<Long> each : List.copyOf(acknowledgements)) {
        each.complete(offset++);
      }
    }

    void refuse(Reason reason) {
      pending.fail(Refusal.of(reason, "It is not known.").asException());
    }

    @Override
    public Future<Void> started() {
      return Future.succeededFuture();
    }

    @Override
    public Future<Map<Integer, Long>> endOffsets(Topic topic) {
      return Future.succeededFuture(Map.copyOf(ends));
    }

    @Override
    public Future<Void> close() {
      return Future.succeededFuture();
    }
  }

  private static final class History implements OrderHistory {
    private static final Comparator<Due> OLDEST_FIRST =
        Comparator.comparing(Due::deadlineMicros).thenComparing(Due::account);
    final Map<Integer, Long> applied = new java.util.concurrent.ConcurrentHashMap<>();
    final Set<String> open = ConcurrentHashMap.newKeySet();
    final Set<Due> due = ConcurrentHashMap.newKeySet();
    final Map<String, Long> openByMarket = new ConcurrentHashMap<>();

    /** Of how many orders it was asked whether they are open. */
    final Queue<Integer> asked = new ConcurrentLinkedQueue<>();

    volatile boolean looksFail;
    final AtomicInteger looks = new AtomicInteger();
    final AtomicInteger finds = new AtomicInteger();
    volatile RuntimeException broken;
    private final Map<String, Order> orders = new java.util.concurrent.ConcurrentSkipListMap<>();

    void put(Order order) {
      orders.put(order.orderId(), order);
    }

    @Override
    public Future<Map<String, Order>> find(String account, Set<String> orderIds) {
      finds.incrementAndGet();
      Map<String, Order> found = new HashMap<>(orders);
      found.keySet().retainAll(orderIds);
      found.values().removeIf(order -> !order.account().equals(account));
      return Future.succeededFuture(found);
    }

    @Override
    public Future<List<Due>> due(long nowMicros, Collection<Due> after) {
      looks.incrementAndGet();
      List<Due> pages = new ArrayList<>();
      for (Due from : after) {
        due.stream()
            .filter(each -> each.partition() == from.partition())
            .sorted(OLDEST_FIRST)
            .filter(each -> OLDEST_FIRST.compare(each, from) > 0)
            .limit(DUE_PAGE)
            .forEach(pages::add);
      }
      return Future.succeededFuture(pages);
    }

    @Override
    public Future<Map<String, Long>> openByMarket(String account) {
      return Future.succeededFuture(Map.copyOf(openByMarket));
    }

    @Override
    public Future<List<String>> beingCancelled(String account, String market, Optional<Side> side) {
      return looksFail
          ? Future.failedFuture(new TimeoutException())
          : Future.succeededFuture(List.copyOf(open));
    }

    @Override
    public Future<Set<String>> stillOpen(Collection<String> orderIds) {
      asked.add(orderIds.size());
      if (looksFail) {
        return Future.failedFuture(new TimeoutException());
      }
      Set<String> found = new HashSet<>(open);
      found.retainAll(Set.copyOf(orderIds));
      return Future.succeededFuture(found);
    }

    @Override
    public Future<Optional<Order>> find(String orderId) {
      return Future.succeededFuture(Optional.ofNullable(orders.get(orderId)));
    }

    @Override
    public Future<List<Order>> list(Filter filter, Optional<Cursor> after, int limit) {
      return Future.succeededFuture(
          orders.values().stream()
              .filter(
                  order -> after.isEmpty() || order.orderId().compareTo(after.get().orderId()) > 0)
              .limit(limit)
              .toList());
    }

    @Override
    public Future<Map<Integer, Long>> appliedInstructions() {
      return broken == null
          ? Future.succeededFuture(Map.copyOf(applied))
          : Future.failedFuture(broken);
    }
  }

  private Future<PlaceOrderResponse> place(Wait wait, long timeoutMillis) throws Exception {
    PlaceOrderRequest request = request().setWait(wait).build();
    return onLoop(() -> api.placeOrder(call(timeoutMillis), request));
  }

  private Future<PlaceOrdersResponse> placeAll(PlaceOrderRequest.Builder... orders)
      throws Exception {
    var request = PlaceOrdersRequest.newBuilder();
    List.of(orders).forEach(request::addOrders);
    return onLoop(() -> api.placeOrders(call(0), request.build()));
  }

  private Future<CancelAllOrdersResponse> cancelAll(CancelAllOrdersRequest.Builder request)
      throws Exception {
    return cancelAll(request, 0);
  }

  private Future<CancelAllOrdersResponse> cancelAll(
      CancelAllOrdersRequest.Builder request, long timeoutMillis) throws Exception {
    var answer = onLoop(() -> api.cancelAllOrders(call(timeoutMillis), request.build()));
    awaitAppended(1);
    return answer;
  }

  private void awaitAppended(int records) throws Exception {
    awaitTrue(() -> log.appended.size() >= records);
  }

  /** Asked on the event loop, again and again. */
  private void awaitTrue(Callable<Boolean> condition) throws Exception {
    long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!get(onLoop(() -> Future.succeededFuture(condition.call())))) {
      assertThat(System.nanoTime()).as("the time that it may take").isLessThan(endNanos);
      get(vertx.timer(5));
    }
  }

  private Future<CancelAllAfterResponse> cancelAllAfter(
      long seconds, String market, long timeoutMillis) throws Exception {
    var request =
        CancelAllAfterRequest.newBuilder()
            .setTimeout(Duration.newBuilder().setSeconds(seconds))
            .setMarket(market)
            .build();
    return onLoop(() -> api.cancelAllAfter(call(timeoutMillis), request));
  }

  private void hearCancelling(int partition, long instruction, List<String> orders, int more)
      throws Exception {
    hearCancelling(partition, partition, instruction, orders, more);
  }

  /**
   * @param record which of the appended ones it answers
   */
  private void hearCancelling(
      int record, int partition, long instruction, List<String> orders, int more) throws Exception {
    String id =
        log.appended.stream()
            .skip(record)
            .map(OrderRequested::getOrderId)
            .findFirst()
            .orElseThrow();
    hear(
        partition,
        OrderUpdated.newBuilder()
            .setInstruction(instruction)
            .setStage(UpdateStage.UPDATE_STAGE_DECIDED)
            .setAnswer(InstructionAnswer.INSTRUCTION_ANSWER_APPLIED)
            .setOrderId(id)
            .addAllCancelling(orders)
            .setCancellingMore(more)
            .build());
  }

  private static PlaceOrderRequest.Builder elsewhere(String clientOrderId) {
    return request()
        .setMarket("PEPE-KRW")
        .setClientOrderId(clientOrderId)
        .setLimit(limit("100", "1"))
        .setWait(Wait.WAIT_ACK);
  }

  private static Timestamp seconds(long seconds) {
    return Timestamp.newBuilder().setSeconds(seconds).build();
  }

  private Future<CancelOrderResponse> cancel(CancelOrderRequest request, long timeoutMillis)
      throws Exception {
    return onLoop(() -> api.cancelOrder(call(timeoutMillis), request));
  }

  /** Calls as the edge does: on the event loop, with anything thrown as the failure. */
  private <T> Future<T> onLoop(Callable<Future<T>> method) throws Exception {
    Promise<Future<T>> called = Promise.promise();
    loop.runOnContext(now -> {
      try {
        called.complete(method.call());
      } catch (Exception thrown) {
        called.complete(Future.failedFuture(thrown));
      }
    });
    return get(called.future());
  }

  private void hear(long instruction, UpdateStage stage, InstructionAnswer answer, OrderState order)
      throws Exception {
    hear(0, update(instruction, stage, answer).setOrder(order).build());
  }

  private void hear(int partition, OrderUpdated update) throws Exception {
    Promise<Void> heard = Promise.promise();
    loop.runOnContext(now -> {
      waitingCalls.onRecord(
          new LogRecord(
              Topic.ORDER_UPDATED,
              partition,
              1,
              1,
              update.getOrderId().getBytes(StandardCharsets.UTF_8),
              update.toByteArray()));
      heard.complete();
    });
    get(heard.future());
  }

  private static OrderUpdated.Builder update(
      long instruction, UpdateStage stage, InstructionAnswer answer) {
    return OrderUpdated.newBuilder()
        .setInstruction(instruction)
        .setStage(stage)
        .setAnswer(answer)
        .setOrderId(ID);
  }

  private void assertNobodyWaits() throws Exception {
    assertThat(get(onLoop(() -> Future.succeededFuture(waitingCalls.size())))).isZero();
  }

  private static PlaceOrderRequest.Builder request() {
    return PlaceOrderRequest.newBuilder()
        .setMarket("BTC-USD")
        .setClientOrderId("c1")
        .setLimit(limit("50000", "0.0001"));
  }

  private static LimitOrder.Builder limit(String price, String quantity) {
    return LimitOrder.newBuilder().setSideValue(1).setPrice(price).setQuantity(quantity);
  }

  /** The same exchange after a restart with another tick, which 50000 does not keep. */
  private OrderApi apiWithCoarserTick() {
    return new OrderApi(
        vertx,
        TestMarkets.WITH_COARSER_TICK,
        InstantSource.system(),
        log,
        log,
        waitingCalls,
        history,
        market -> {},
        FaultInjector.idle());
  }

  private static CancelOrderRequest byClientId(Wait wait) {
    return CancelOrderRequest.newBuilder().setClientOrder(ref()).setWait(wait).build();
  }

  private static ClientOrderRef.Builder ref() {
    return ClientOrderRef.newBuilder().setMarket("BTC-USD").setClientOrderId("c1");
  }

  private static Call call(long timeoutMillis) {
    return new Call(new Caller("alice", Set.of(Scope.TRADE, Scope.READ)), timeoutMillis, "r1");
  }

  private static Order order(String account, String clientOrderId) {
    return Order.open(
        new PlaceOrder(
            DeterministicId.orderId(account, "BTC-USD", clientOrderId),
            account,
            "BTC-USD",
            clientOrderId,
            1_000,
            new OrderType.Limit(Side.BUY, 50_000_000_000L, 10_000, TimeInForce.GTC),
            MarketRules.of(TestMarkets.BTC_USD),
            SelfTrade.CANCEL_TAKER),
        5,
        1);
  }

  private static OrderState open(long version) {
    OrderUpdated state = TestRecords.updated(order("alice", "c1"));
    return state.getOrder().toBuilder().setVersion(version).build();
  }

  private static OrderState settled() {
    return open(2).toBuilder()
        .setStatus(OrderStatus.ORDER_STATUS_FILLED)
        .setFilledUnits(10_000)
        .setFilledQuoteUnits(5_000_000)
        .setLeftUnits(0)
        .setPlaced(true)
        .build();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
  }

  private static Refusal refusal(Future<?> future) throws InterruptedException {
    Throwable failure = failure(future);
    assertThat(failure).isInstanceOf(RefusedException.class);
    return ((RefusedException) failure).refusal();
  }

  private static Throwable failure(Future<?> future) throws InterruptedException {
    try {
      get(future);
      throw new AssertionError("Expected a failure.");
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      return e.getCause();
    }
  }
}
