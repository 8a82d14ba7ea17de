package dev.sagax.order.api;

import dev.sagax.order.Admission;
import dev.sagax.order.Instruction;
import dev.sagax.order.Instruction.AmendOrder;
import dev.sagax.order.Instruction.CancelOrder;
import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.Order;
import dev.sagax.order.OrderHistory;
import dev.sagax.order.OrderReason;
import dev.sagax.order.OrderStatus;
import dev.sagax.order.Trading;
import dev.sagax.order.api.OrderIntake.Admitted;
import dev.sagax.order.saga.OrderRecords;
import dev.sagax.platform.boot.Patience;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.platform.log.LogAppender;
import dev.sagax.platform.log.LogFollower;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.Deadline;
import dev.sagax.platform.rpc.ErrorStatus;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.proto.order.v1.AmendOrderRequest;
import dev.sagax.proto.order.v1.AmendOrderResponse;
import dev.sagax.proto.order.v1.AmendResult;
import dev.sagax.proto.order.v1.CancelAllAfterRequest;
import dev.sagax.proto.order.v1.CancelAllAfterResponse;
import dev.sagax.proto.order.v1.CancelAllOrdersRequest;
import dev.sagax.proto.order.v1.CancelAllOrdersResponse;
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
import dev.sagax.proto.order.v1.PlaceOrderResult;
import dev.sagax.proto.order.v1.PlaceOrdersRequest;
import dev.sagax.proto.order.v1.PlaceOrdersResponse;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** OrderService: records instructions in the log, waits for what becomes of them, shows orders. */
public final class OrderApi {
  private static final long LOOK_MILLIS = 20;

  /** An answer names so many orders of a cancel of all; the contract says the number. */
  private static final int MOST_IDS = 5_000;

  private static final int IDS_A_LOOK = 1_000;

  private final Vertx vertx;
  private final RequestReader reader;
  private final LogAppender appender;
  private final WaitingCalls waitingCalls;
  private final OrderIntake intake;
  private final OrderFinder finder;
  private final OrderLists lists;
  private final OrderHistory history;
  private final FaultInjector faults;
  private final LargeMarkets largeMarkets;

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
    this.faults = faults;
    this.vertx = vertx;
    this.reader = new RequestReader(markets, clock);
    this.appender = appender;
    this.waitingCalls = waitingCalls;
    this.intake = new OrderIntake(vertx, reader, trading, history, log);
    this.finder = new OrderFinder(vertx, history, log);
    this.lists = new OrderLists(history);
    this.history = history;
    this.largeMarkets = new LargeMarkets(vertx, markets, history, log);
  }

  public void register(GrpcEdge edge) {
    edge.unary(OrderServiceGrpcService.PlaceOrder, this::placeOrder);
    edge.unary(OrderServiceGrpcService.PlaceOrders, RequestReader::items, this::placeOrders);
    edge.unary(OrderServiceGrpcService.CancelOrder, this::cancelOrder);
    edge.unary(OrderServiceGrpcService.AmendOrder, this::amendOrder);
    edge.unary(OrderServiceGrpcService.CancelAllOrders, this::cancelAllOrders);
    edge.unary(OrderServiceGrpcService.CancelAllAfter, this::cancelAllAfter);
    edge.unary(OrderServiceGrpcService.GetOrder, this::getOrder);
    edge.unary(OrderServiceGrpcService.ListOrders, this::listOrders);
  }

  Future<PlaceOrderResponse> placeOrder(Call call, PlaceOrderRequest request) {
    Deadline deadline = Deadline.of(call.timeoutMillis());
    WaitFor waitFor = WaitFor.of(request.getWait(), request.getWaitValue());
    return intake
        .admit(call.account(), request, deadline)
        .map(place -> InstructionRules.replacing(place, Optional.empty()))
        .compose(place -> place(place, request.getValidateOnly(), waitFor, deadline))
        .map(order -> PlaceOrderResponse.newBuilder().setOrder(order).build());
  }

  Future<PlaceOrdersResponse> placeOrders(Call call, PlaceOrdersRequest request) {
    Deadline deadline = Deadline.of(call.timeoutMillis());
    List<PlaceOrderRequest> orders = RequestReader.toOrders(request);
    return intake
        .admit(call.account(), orders, deadline)
        .map(admitted -> placeEach(call, orders, admitted, deadline))
        .compose(results -> Future.join(results).map(done -> results))
        .map(results ->
            PlaceOrdersResponse.newBuilder()
                .addAllResults(results.stream().map(Future::result).toList())
                .build());
  }

  /**
   * Appends one after the other without waiting. Only what may be a repeat is appended later, and
   * then it is one. None of the results fails.
   */
  private List<Future<PlaceOrderResult>> placeEach(
      Call call, List<PlaceOrderRequest> orders, List<Admitted> admitted, Deadline deadline) {
    List<Future<PlaceOrderResult>> results = new ArrayList<>(orders.size());
    for (int i = 0; i < orders.size(); i++) {
      results.add(
          placeOneOfMany(orders.get(i), admitted.get(i), deadline)
              .map(order -> PlaceOrderResult.newBuilder().setOrder(order).build())
              .otherwise(failure -> toResult(call, failure)));
    }
    return results;
  }

  private Future<dev.sagax.proto.order.v1.Order> placeOneOfMany(
      PlaceOrderRequest request, Admitted admitted, Deadline deadline) {
    try {
      WaitFor waitFor = WaitFor.of(request.getWait(), request.getWaitValue());
      return switch (admitted) {
        case Admitted.Fit fit -> place(fit.order(), request.getValidateOnly(), waitFor, deadline);
        case Admitted.Refused refused -> Future.failedFuture(refused.why());
        case Admitted.Sought sought ->
            sought
                .repeat()
                .map(repeat -> InstructionRules.replacing(repeat, Optional.empty()))
                .compose(repeat -> place(repeat, request.getValidateOnly(), waitFor, deadline));
      };
    } catch (RuntimeException thrown) {
      return Future.failedFuture(thrown);
    }
  }

  private static PlaceOrderResult toResult(Call call, Throwable failure) {
    String method = OrderServiceGrpcService.PlaceOrders.fullMethodName();
    return PlaceOrderResult.newBuilder().setError(ErrorStatus.of(failure, call, method)).build();
  }

  private Future<dev.sagax.proto.order.v1.Order> place(
      PlaceOrder place, boolean validateOnly, WaitFor waitFor, Deadline deadline) {
    if (validateOnly) {
      return Future.succeededFuture(OrderMapper.unplaced(place));
    }
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
    return found.compose(order ->
        RequestReader.replaces(request)
            ? replace(order, request, waitFor, deadline)
            : reduce(order, request, waitFor, deadline));
  }

  private Future<AmendOrderResponse> reduce(
      Order standing, AmendOrderRequest request, WaitFor waitFor, Deadline deadline) {
    AmendOrder amend = reader.toAmendOrder(standing, request.getQuantity());
    return record(amend, InstructionRules.change(), waitFor, deadline)
        .map(order -> toResponse(amend, order));
  }

  /** Whether it came in time only the book knows, so the call waits for the outcome. */
  private Future<AmendOrderResponse> replace(
      Order standing, AmendOrderRequest request, WaitFor waitFor, Deadline deadline) {
    PlaceOrder.Replaces replaces =
        new PlaceOrder.Replaces(standing.orderId(), request.getQuantity().isEmpty());
    WaitFor outcome = waitFor == WaitFor.APPEND ? WaitFor.APPEND : WaitFor.SETTLEMENT;
    return intake
        .admit(standing.account(), reader.toReplacement(standing, request), deadline)
        .recover(refused -> Future.failedFuture(RequestReader.ofAmendment(refused)))
        .map(place -> InstructionRules.replacing(place, Optional.of(replaces)))
        .compose(place ->
            record(place, InstructionRules.place(outcome), outcome, deadline)
                .map(order -> toResponse(place, order)));
  }

  /**
   * @param replacement as it stands once its outcome is settled, if that is known
   */
  private static AmendOrderResponse toResponse(PlaceOrder place, Optional<Order> replacement) {
    AmendOrderResponse.Builder response = AmendOrderResponse.newBuilder();
    return replacement
        .map(order ->
            response.setOrder(OrderMapper.toProto(order)).setResult(replacementResult(order)))
        .orElseGet(() -> response.setOrder(OrderMapper.idsOnly(place)))
        .build();
  }

  /** An order that may rest expires only as it arrives. */
  private static AmendResult replacementResult(Order replacement) {
    if (!replacement.placed()) {
      return AmendResult.AMEND_RESULT_UNSPECIFIED;
    }
    if (replacement.reason() == OrderReason.NOTHING_TO_REPLACE) {
      return AmendResult.AMEND_RESULT_TOO_LATE;
    }
    if (replacement.status() == OrderStatus.REJECTED
        || replacement.reason() == OrderReason.MATCH_FAILED) {
      return AmendResult.AMEND_RESULT_REJECTED;
    }
    boolean neverRested =
        replacement.status() == OrderStatus.EXPIRED
            || replacement.reason() == OrderReason.SETTLEMENT_FAILED;
    return neverRested && replacement.filledUnits() == 0
        ? AmendResult.AMEND_RESULT_CANCELLED_ONLY
        : AmendResult.AMEND_RESULT_REPLACED;
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

  Future<CancelAllOrdersResponse> cancelAllOrders(Call call, CancelAllOrdersRequest request) {
    Deadline deadline = Deadline.of(call.timeoutMillis());
    WaitFor waitFor = WaitFor.of(request.getWait(), request.getWaitValue());
    SortedSet<Integer> partitions = reader.partitions(request.getMarket());
    reader.toSide(request);
    return places(call.account(), request.getMarket(), partitions)
        .compose(places ->
            everywhere(
                places,
                place ->
                    record(
                        reader.toCancelAll(call.account(), place.market(), request),
                        place.partition(),
                        InstructionRules.cancelAll(),
                        waitFor,
                        deadline)))
        .map(Cancelling::of)
        .compose(cancelling ->
            cancelling.decided()
                ? withEarlier(call.account(), request, cancelling, deadline)
                : Future.succeededFuture(cancelling))
        .compose(cancelling ->
            waitFor == WaitFor.SETTLEMENT
                ? untilClosed(cancelling.orderIds(), deadline).map(cancelling)
                : Future.succeededFuture(cancelling))
        .map(Cancelling::toResponse);
  }

  /**
   * Where an instruction about all orders is recorded.
   *
   * @param market only for this market; for all of the partition when empty
   */
  private record CancelPlace(int partition, String market) {}

  /** In each partition first the markets with very many orders, then all. */
  private Future<List<CancelPlace>> places(
      String account, String market, SortedSet<Integer> partitions) {
    if (!market.isEmpty()) {
      return Future.succeededFuture(List.of(new CancelPlace(partitions.first(), market)));
    }
    return largeMarkets
        .backlog()
        .compose(backlog -> largeMarkets.of(account, backlog))
        .map(large -> {
          List<CancelPlace> places = new ArrayList<>();
          for (int partition : partitions) {
            large
                .getOrDefault(partition, List.of())
                .forEach(name -> places.add(new CancelPlace(partition, name)));
            places.add(new CancelPlace(partition, ""));
          }
          return places;
        });
  }

  /**
   * The orders that a cancel of all cancels.
   *
   * @param decided false if not all of them are known
   */
  private record Cancelling(List<String> orderIds, boolean decided) {

    static Cancelling of(List<Optional<List<String>>> answers) {
      return new Cancelling(
          answers.stream().flatMap(Optional::stream).flatMap(List::stream).toList(),
          answers.stream().allMatch(Optional::isPresent));
    }

    CancelAllOrdersResponse toResponse() {
      return CancelAllOrdersResponse.newBuilder()
          .addAllOrderIds(orderIds.subList(0, Math.min(orderIds.size(), MOST_IDS)))
          .setDecided(decided)
          .setTotal(orderIds.size())
          .build();
    }
  }

  /**
   * With what earlier cancels of all have sent to the book and what is still open: so who asks
   * again because an answer was lost is told of the orders that his first call cancels.
   */
  private Future<Cancelling> withEarlier(
      String account, CancelAllOrdersRequest request, Cancelling cancelling, Deadline deadline) {
    return EventLoop.back(
            vertx,
            () ->
                history
                    .beingCancelled(account, request.getMarket(), reader.toSide(request))
                    .timeout(deadline.remainingMillis(), TimeUnit.MILLISECONDS))
        .map(open -> {
          Set<String> orderIds = new LinkedHashSet<>(cancelling.orderIds());
          orderIds.addAll(open);
          return new Cancelling(List.copyOf(orderIds), cancelling.decided());
        })
        .otherwise(unknown -> new Cancelling(cancelling.orderIds(), false));
  }

  /**
   * Looks at some of them at a time, and never again at one that was closed. A look that fails says
   * nothing: the cancel is recorded, and the next look may tell.
   */
  private Future<Void> untilClosed(List<String> orderIds, Deadline deadline) {
    Deque<String> later = new ArrayDeque<>(orderIds);
    Set<String> watched = new LinkedHashSet<>();
    return orderIds.isEmpty()
        ? Future.succeededFuture()
        : Patience.poll(
                vertx,
                LOOK_MILLIS,
                () -> lookWhetherClosed(watched, later, deadline),
                closed -> closed || deadline.hasPassed())
            .mapEmpty();
  }

  private Future<Boolean> lookWhetherClosed(
      Set<String> watched, Deque<String> later, Deadline deadline) {
    while (watched.size() < IDS_A_LOOK && !later.isEmpty()) {
      watched.add(later.remove());
    }
    return history
        .stillOpen(List.copyOf(watched))
        .timeout(deadline.remainingMillis(), TimeUnit.MILLISECONDS)
        .map(open -> {
          watched.retainAll(open);
          return watched.isEmpty() && later.isEmpty();
        })
        .otherwise(false);
  }

  Future<CancelAllAfterResponse> cancelAllAfter(Call call, CancelAllAfterRequest request) {
    Deadline deadline = Deadline.of(call.timeoutMillis());
    long deadlineMicros = reader.toDeadline(request);
    return everywhere(
            reader.partitions(request.getMarket()),
            partition ->
                record(
                    reader.toArmCancelAll(call.account(), request.getMarket(), deadlineMicros),
                    partition,
                    InstructionRules.arm(),
                    WaitFor.DECISION,
                    deadline))
        .map(answers -> {
          if (!answers.stream().allMatch(Optional::isPresent)) {
            throw notEverywhere();
          }
          CancelAllAfterResponse.Builder response = CancelAllAfterResponse.newBuilder();
          if (deadlineMicros > 0) {
            response.setDeadline(Times.toTimestamp(deadlineMicros));
          }
          return response.build();
        });
  }

  /**
   * Records an instruction in several places. If it is not recorded everywhere, it has to be sent
   * again.
   *
   * @param record as {@link #record}
   * @return the answers; fails with OUTCOME_UNKNOWN if it is known only of some that they failed
   */
  private static <P, A> Future<List<A>> everywhere(
      Collection<P> places, Function<P, Future<A>> record) {
    List<Future<A>> answers = new ArrayList<>();
    for (P place : places) {
      try {
        answers.add(record.apply(place));
      } catch (RefusedException overloaded) {
        answers.add(Future.failedFuture(overloaded));
      }
    }
    return Future.join(answers)
        .transform(done -> {
          if (answers.stream().allMatch(Future::succeeded)) {
            return Future.succeededFuture(answers.stream().map(Future::result).toList());
          }
          return Future.failedFuture(
              answers.stream().allMatch(Future::failed) ? done.cause() : notEverywhere());
        });
  }

  private static RefusedException notEverywhere() {
    return Refusal.of(
            Reason.OUTCOME_UNKNOWN,
            "Not every part of the log has acknowledged the instruction in time. Ask again.")
        .asException();
  }

  /**
   * Appends an instruction and waits for its news. Waits before it appends, because the news may
   * come before the append is acknowledged.
   *
   * @return the answer, as far as it is known when the call has to answer
   */
  private <A> Future<Optional<A>> record(
      Instruction instruction,
      int partition,
      WaitingCall.Rule<A> rule,
      WaitFor waitFor,
      Deadline deadline) {
    WaitingCall<A> waiting = waitingCalls.open(instruction.orderId(), partition, rule);
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

  /** As the other, for an instruction about one order. */
  private Future<Optional<Order>> record(
      Instruction instruction, WaitingCall.OrderRule rule, WaitFor waitFor, Deadline deadline) {
    int partition = reader.market(instruction.market()).partition();
    return record(instruction, partition, rule, waitFor, deadline);
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

  private static void recorded(WaitingCall<?> waiting, long position, WaitFor waitFor) {
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
    return lists.page(reader.toFilter(call.account(), request), request, deadline);
  }
}
