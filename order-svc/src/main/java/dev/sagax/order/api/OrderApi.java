package dev.sagax.order.api;

import dev.sagax.order.Admission;
import dev.sagax.order.Instruction;
import dev.sagax.order.Instruction.AmendOrder;
import dev.sagax.order.Instruction.CancelOrder;
import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.Order;
import dev.sagax.order.OrderHistory;
import dev.sagax.order.OrderHistory.Cursor;
import dev.sagax.order.OrderHistory.Filter;
import dev.sagax.order.Trading;
import dev.sagax.order.saga.OrderRecords;
import dev.sagax.platform.boot.Patience;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.LogAppender;
import dev.sagax.platform.log.LogFollower;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.Deadline;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.platform.rpc.PageSize;
import dev.sagax.platform.rpc.PageToken;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.platform.rpc.Seats;
import dev.sagax.proto.order.v1.AmendOrderRequest;
import dev.sagax.proto.order.v1.AmendOrderResponse;
import dev.sagax.proto.order.v1.AmendResult;
import dev.sagax.proto.order.v1.CancelOrderRequest;
import dev.sagax.proto.order.v1.CancelOrderResponse;
import dev.sagax.proto.order.v1.ClientOrderRef;
import dev.sagax.proto.order.v1.GetOrderRequest;
import dev.sagax.proto.order.v1.GetOrderResponse;
import dev.sagax.proto.order.v1.ListOrdersRequest;
import dev.sagax.proto.order.v1.ListOrdersResponse;
import dev.sagax.proto.order.v1.OrderServiceGrpcService;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.PlaceOrderResponse;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** OrderService: records instructions in the log, waits for what becomes of them, shows orders. */
public final class OrderApi {
  private static final int DEFAULT_PAGE_SIZE = 50;
  private static final int MAX_PAGE_SIZE = 500;
  private static final int EARLY_CALLS = 1_000;
  private static final int ANY_PARTITION = 0;
  private static final long LOOK_MILLIS = 20;

  private final Vertx vertx;
  private final RequestReader reader;
  private final LogAppender appender;
  private final WaitingCalls waitingCalls;
  private final OrderHistory history;
  private final OrderFinder finder;
  private final RepeatFinder repeats;
  private final Trading trading;
  private final FaultInjector faults;
  private final Seats early = new Seats(EARLY_CALLS);

  /**
   * @param waitingCalls is told the records of `order.updated` by whoever follows them
   * @param log knows the ends of `order.requested`
   */
  public OrderApi(
      Vertx vertx,
      Markets markets,
      InstantSource clock,
      LogAppender appender,
      LogFollower log,
      WaitingCalls waitingCalls,
      OrderHistory history,
      Trading trading,
      FaultInjector faults) {
    this.trading = trading;
    this.faults = faults;
    this.vertx = vertx;
    this.reader = new RequestReader(markets, clock);
    this.appender = appender;
    this.waitingCalls = waitingCalls;
    this.history = history;
    this.finder = new OrderFinder(vertx, history, log);
    this.repeats = new RepeatFinder(vertx, history, log);
  }

  public void register(GrpcEdge edge) {
    edge.unary(OrderServiceGrpcService.PlaceOrder, Set.of(Scope.TRADE), this::placeOrder);
    edge.unary(OrderServiceGrpcService.CancelOrder, Set.of(Scope.TRADE), this::cancelOrder);
    edge.unary(OrderServiceGrpcService.AmendOrder, Set.of(Scope.TRADE), this::amendOrder);
    edge.unary(OrderServiceGrpcService.GetOrder, Set.of(Scope.READ), this::getOrder);
    edge.unary(OrderServiceGrpcService.ListOrders, Set.of(Scope.READ), this::listOrders);
  }

  Future<PlaceOrderResponse> placeOrder(Call call, PlaceOrderRequest request) {
    Deadline deadline = Deadline.of(call.timeoutMillis());
    WaitFor waitFor = WaitFor.of(request.getWait(), request.getWaitValue());
    return admit(call.account(), request, deadline)
        .compose(place -> place(place, waitFor, deadline))
        .map(order -> PlaceOrderResponse.newBuilder().setOrder(order).build());
  }

  /**
   * What may go into the log. An order that the market refuses now may repeat one that came before
   * its rules were changed or it took cancels only: then it goes there as that one did, and is
   * answered as a repeat. It is refused only if there surely is none: who is told so may place it
   * anew under another id.
   */
  private Future<PlaceOrder> admit(String account, PlaceOrderRequest request, Deadline deadline) {
    try {
      PlaceOrder place = reader.toPlaceOrder(account, request);
      if (!trading.isKnown()) {
        return untilTradingIsKnown(deadline).compose(v -> admit(account, request, deadline));
      }
      trading.admit(place);
      return Future.succeededFuture(place);
    } catch (RefusedException refused) {
      if (!Admission.isOfMarketRules(refused)) {
        throw refused;
      }
      String orderId =
          DeterministicId.orderId(account, request.getMarket(), request.getClientOrderId());
      int partition = reader.market(request.getMarket()).partition();
      return repeats
          .find(account, orderId, partition, deadline)
          .map(found -> found.orElseThrow(() -> refused))
          .map(standing -> reader.toRepeat(standing.request(), request));
    }
  }

  /** After a start; it must not take orders in a ledger that takes cancels only. */
  private Future<Void> untilTradingIsKnown(Deadline deadline) {
    early.take(ANY_PARTITION);
    return Patience.poll(
            vertx,
            LOOK_MILLIS,
            () -> Future.succeededFuture(trading.isKnown()),
            known -> known || deadline.hasPassed())
        .onComplete(done -> early.leave(ANY_PARTITION))
        .compose(known -> known ? Future.succeededFuture() : Future.failedFuture(notKnown()));
  }

  private static RefusedException notKnown() {
    return Refusal.of(
            Reason.DEPENDENCY_UNAVAILABLE,
            "The ledger has not said yet whether it takes orders; nothing was recorded, try again"
                + " later.")
        .asException();
  }

  private Future<dev.sagax.proto.order.v1.Order> place(
      PlaceOrder place, WaitFor waitFor, Deadline deadline) {
    return record(place, InstructionRules.place(waitFor), waitFor, deadline)
        .map(known -> OrderMapper.toProto(known.orElseGet(() -> Order.accepted(place))));
  }

  Future<CancelOrderResponse> cancelOrder(Call call, CancelOrderRequest request) {
    Deadline deadline = Deadline.of(call.timeoutMillis());
    WaitFor waitFor = WaitFor.of(request.getWait(), request.getWaitValue());
    return switch (request.getIdCase()) {
      case ORDER_ID ->
          find(call.account(), request.getOrderId(), deadline)
              .compose(order -> cancel(reader.toCancelOrder(order.request()), waitFor, deadline));
      case CLIENT_ORDER ->
          cancel(reader.toCancelOrder(call.account(), request.getClientOrder()), waitFor, deadline);
      case ID_NOT_SET -> throw RequestReader.noId();
    };
  }

  private Future<Order> find(String account, String orderId, Deadline deadline) {
    return finder.find(
        account, Admission.orderId("order_id", orderId), OptionalInt.empty(), deadline);
  }

  private Future<Order> find(String account, ClientOrderRef ref, Deadline deadline) {
    CancelOrder named = reader.toCancelOrder(account, ref);
    OptionalInt partition = OptionalInt.of(reader.market(named.market()).partition());
    return finder.find(account, named.orderId(), partition, deadline);
  }

  private Future<CancelOrderResponse> cancel(
      CancelOrder cancel, WaitFor waitFor, Deadline deadline) {
    return record(cancel, InstructionRules.change(), waitFor, deadline)
        .map(settled -> settled.map(OrderMapper::toProto))
        .map(order -> order.orElseGet(() -> OrderMapper.idsOnly(cancel)))
        .map(order -> CancelOrderResponse.newBuilder().setOrder(order).build());
  }

  Future<AmendOrderResponse> amendOrder(Call call, AmendOrderRequest request) {
    Deadline deadline = Deadline.of(call.timeoutMillis());
    WaitFor waitFor = WaitFor.of(request.getWait(), request.getWaitValue());
    Future<Order> found =
        switch (request.getIdCase()) {
          case ORDER_ID -> find(call.account(), request.getOrderId(), deadline);
          case CLIENT_ORDER -> find(call.account(), request.getClientOrder(), deadline);
          case ID_NOT_SET -> throw RequestReader.noId();
        };
    return found
        .map(order -> reader.toAmendOrder(order, request.getQuantity()))
        .compose(amend ->
            record(amend, InstructionRules.change(), waitFor, deadline)
                .map(order -> toResponse(amend, order)));
  }

  /**
   * @param order as the amendment left it, if that is known
   */
  private static AmendOrderResponse toResponse(AmendOrder amend, Optional<Order> order) {
    AmendOrderResponse.Builder response = AmendOrderResponse.newBuilder();
    if (order.isEmpty()) {
      return response.setOrder(OrderMapper.idsOnly(amend)).build();
    }
    boolean reduced = order.get().askedUnits() == amend.quantityUnits();
    return response
        .setOrder(OrderMapper.toProto(order.get()))
        .setResult(reduced ? AmendResult.AMEND_RESULT_REDUCED : AmendResult.AMEND_RESULT_TOO_LATE)
        .build();
  }

  /**
   * Appends an instruction and waits for its news. Waits before it appends, because the news may
   * come before the append is acknowledged.
   *
   * @return the order, as far as it is known when the call has to answer
   */
  private Future<Optional<Order>> record(
      Instruction instruction, WaitingCall.Rule rule, WaitFor waitFor, Deadline deadline) {
    int partition = reader.market(instruction.market()).partition();
    WaitingCall waiting = waitingCalls.open(instruction.orderId(), partition, rule);
    long timer = vertx.setTimer(deadline.remainingMillis(), passed -> waiting.outOfTime());
    waiting.answer().onComplete(answered -> vertx.cancelTimer(timer));
    append(instruction, partition)
        .onSuccess(position -> recorded(waiting, position, waitFor))
        .onFailure(waiting::failed);
    return waiting
        .answer()
        .map(answer -> {
          faults.pass(FaultPoint.ORDER_API_BEFORE_REPLY, 1);
          return answer;
        });
  }

  private Future<Long> append(Instruction instruction, int partition) {
    return EventLoop.back(
        vertx,
        () ->
            appender.append(
                Topic.ORDER_REQUESTED,
                partition,
                instruction.orderId(),
                OrderRecords.toRecord(instruction)));
  }

  private static void recorded(WaitingCall waiting, long position, WaitFor waitFor) {
    if (waitFor == WaitFor.APPEND) {
      waiting.answerNow();
    } else {
      waiting.recorded(position);
    }
  }

  Future<GetOrderResponse> getOrder(Call call, GetOrderRequest request) {
    Deadline deadline = Deadline.of(call.timeoutMillis());
    Future<Order> found =
        switch (request.getIdCase()) {
          case ORDER_ID -> find(call.account(), request.getOrderId(), deadline);
          case CLIENT_ORDER -> find(call.account(), request.getClientOrder(), deadline);
          case ID_NOT_SET -> throw RequestReader.noId();
        };
    return found
        .map(OrderMapper::toProto)
        .map(order -> GetOrderResponse.newBuilder().setOrder(order).build());
  }

  Future<ListOrdersResponse> listOrders(Call call, ListOrdersRequest request) {
    Deadline deadline = Deadline.of(call.timeoutMillis());
    if (!request.getMarket().isEmpty()) {
      reader.market(request.getMarket());
    }
    int pageSize = PageSize.of(request.getPageSize(), DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    Filter filter = new Filter(call.account(), request.getMarket(), request.getOpenOnly());
    Optional<Cursor> after =
        PageToken.read(nameOf(filter), request.getPageToken(), OrderApi::toCursor);
    return history
        .list(filter, after, pageSize + 1)
        .timeout(deadline.remainingMillis(), TimeUnit.MILLISECONDS)
        .map(found -> toPage(filter, found, pageSize));
  }

  private static List<String> nameOf(Filter filter) {
    String openOnly = Boolean.toString(filter.openOnly());
    return List.of("ListOrders", filter.account(), filter.market(), openOnly);
  }

  private static String toPlace(PlaceOrder last) {
    return last.orderId() + ' ' + last.timeMicros();
  }

  private static Cursor toCursor(String place) {
    String[] parts = place.split(" ", 2);
    if (parts.length < 2 || !DeterministicId.isWellFormed(parts[0])) {
      throw new IllegalArgumentException("Expected an order's id and its time.");
    }
    return new Cursor(Long.parseLong(parts[1]), parts[0]);
  }

  /**
   * @param found one order more than the page holds, if there is one
   */
  private static ListOrdersResponse toPage(Filter filter, List<Order> found, int pageSize) {
    List<Order> page = found.subList(0, Math.min(pageSize, found.size()));
    ListOrdersResponse.Builder response = ListOrdersResponse.newBuilder();
    page.stream().map(OrderMapper::toProto).forEach(response::addOrders);
    if (found.size() > pageSize) {
      String place = toPlace(page.getLast().request());
      response.setNextPageToken(PageToken.of(nameOf(filter), place));
    }
    return response.build();
  }
}
