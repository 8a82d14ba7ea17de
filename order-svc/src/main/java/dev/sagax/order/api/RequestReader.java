package dev.sagax.order.api;

import dev.sagax.order.Admission;
import dev.sagax.order.Instruction.AmendOrder;
import dev.sagax.order.Instruction.ArmCancelAll;
import dev.sagax.order.Instruction.CancelAll;
import dev.sagax.order.Instruction.CancelOrder;
import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.MarketRules;
import dev.sagax.order.Order;
import dev.sagax.order.OrderHistory.Filter;
import dev.sagax.order.OrderStatus;
import dev.sagax.order.OrderType;
import dev.sagax.order.SelfTrade;
import dev.sagax.order.Side;
import dev.sagax.order.TimeInForce;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.proto.order.v1.AmendOrderRequest;
import dev.sagax.proto.order.v1.CancelAllAfterRequest;
import dev.sagax.proto.order.v1.CancelAllOrdersRequest;
import dev.sagax.proto.order.v1.ClientOrderRef;
import dev.sagax.proto.order.v1.LimitOrder;
import dev.sagax.proto.order.v1.ListOrdersRequest;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.PlaceOrdersRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/** Requests to instructions; throws the refusal of the first rule that one breaks. */
final class RequestReader {
  private static final int MAX_ORDERS = 100;
  private static final String NEW_CLIENT_ORDER_ID = "new_client_order_id";
  private static final Map<String, String> AMENDMENT_FIELDS =
      Map.of(
          "limit.price",
          "price",
          "limit.quantity",
          "quantity",
          "client_order_id",
          NEW_CLIENT_ORDER_ID);
  private static final long SHORTEST_SECONDS = 5;
  private static final long LONGEST_SECONDS = 24 * 60 * 60;

  private final Markets markets;
  private final Admission admission;
  private final InstantSource clock;

  RequestReader(Markets markets, InstantSource clock) {
    this.markets = markets;
    this.admission = new Admission(markets);
    this.clock = clock;
  }

  Market market(String name) {
    return admission.market("market", name);
  }

  /**
   * The partition of a market; those of all markets when it is empty.
   *
   * @throws RefusedException UNKNOWN_MARKET
   */
  SortedSet<Integer> partitions(String market) {
    return market.isEmpty()
        ? markets.markets().stream()
            .map(Market::partition)
            .collect(Collectors.toCollection(TreeSet::new))
        : new TreeSet<>(Set.of(market(market).partition()));
  }

  /**
   * @param market only for this one; for all of a partition when empty
   * @throws RefusedException INVALID_ENUM
   */
  CancelAll toCancelAll(String account, String market, CancelAllOrdersRequest request) {
    return new CancelAll(anId(), account, market, toSide(request), nowMicros(), 0);
  }

  /** INVALID_ENUM. */
  Optional<Side> toSide(CancelAllOrdersRequest request) {
    return toSide(request.getSide(), request.getSideValue());
  }

  /**
   * When the timeout ends that begins now; 0 for none.
   *
   * @throws RefusedException INVALID_TIME
   */
  long toDeadline(CancelAllAfterRequest request) {
    long timeout =
        Times.toMicros("timeout", request.getTimeout(), SHORTEST_SECONDS, LONGEST_SECONDS);
    return timeout == 0 ? 0 : nowMicros() + timeout;
  }

  ArmCancelAll toArmCancelAll(String account, String market, long deadlineMicros) {
    return new ArmCancelAll(anId(), account, market, nowMicros(), deadlineMicros);
  }

  private static String anId() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  /** FIELD_REQUIRED, TOO_MANY_ITEMS. */
  static List<PlaceOrderRequest> toOrders(PlaceOrdersRequest request) {
    if (request.getOrdersCount() == 0) {
      throw refuse(Reason.FIELD_REQUIRED, "orders", "Expected at least one order.");
    }
    if (request.getOrdersCount() > MAX_ORDERS) {
      throw refuse(
          Reason.TOO_MANY_ITEMS,
          "orders",
          "Expected at most %d orders, but got %d."
              .formatted(MAX_ORDERS, request.getOrdersCount()));
    }
    return request.getOrdersList();
  }

  /** As how many calls a batch counts; one that is too large is refused, and counts no more. */
  static int items(PlaceOrdersRequest request) {
    return Math.min(request.getOrdersCount(), MAX_ORDERS);
  }

  PlaceOrder toPlaceOrder(String account, PlaceOrderRequest request) {
    Market market = market(request.getMarket());
    String clientOrderId = admission.clientOrderId("client_order_id", request.getClientOrderId());
    MarketRules rules = MarketRules.of(market, markets.fees(account, market));
    OrderType type = toType(rules, request);
    Admission.check(type, rules, market);
    return new PlaceOrder(
        DeterministicId.orderId(account, market.name(), clientOrderId),
        account,
        market.name(),
        clientOrderId,
        nowMicros(),
        type,
        rules,
        toSelfTrade(request));
  }

  /**
   * A request that repeats an order that stands, under the rules which that one was admitted under.
   *
   * @throws RefusedException ID_REUSED if its content is another
   */
  PlaceOrder toRepeat(PlaceOrder standing, PlaceOrderRequest request) {
    PlaceOrder repeat =
        new PlaceOrder(
            standing.orderId(),
            standing.account(),
            standing.market(),
            standing.clientOrderId(),
            nowMicros(),
            toType(standing.rules(), request),
            standing.rules(),
            toSelfTrade(request),
            standing.replaces());
    List<String> differences = standing.differences(repeat);
    if (!differences.isEmpty()) {
      throw InstructionRules.reused(differences);
    }
    return repeat;
  }

  /** The cancel of an order by the caller's own name of it. */
  CancelOrder toCancelOrder(String account, ClientOrderRef ref) {
    Market market = admission.market("client_order.market", ref.getMarket());
    String clientOrderId =
        admission.clientOrderId("client_order.client_order_id", ref.getClientOrderId());
    String orderId = DeterministicId.orderId(account, market.name(), clientOrderId);
    return new CancelOrder(orderId, account, market.name(), clientOrderId, nowMicros());
  }

  /**
   * The placing of the order that replaces one.
   *
   * @throws RefusedException ORDER_NOT_AMENDABLE if that one never rests
   */
  PlaceOrderRequest toReplacement(Order standing, AmendOrderRequest request) {
    PlaceOrder replaced = standing.request();
    MarketRules rules = replaced.rules();
    OrderType.Limit limit = Admission.resting(standing);
    if (request.getNewClientOrderId().equals(replaced.clientOrderId())) {
      throw refuse(
          Reason.ID_REUSED, NEW_CLIENT_ORDER_ID, "Expected another id than that of the order.");
    }
    LimitOrder.Builder terms =
        LimitOrder.newBuilder()
            .setSideValue(limit.side().code)
            .setPrice(orElse(request.getPrice(), rules.quote().format(limit.priceUnits())))
            .setQuantity(orElse(request.getQuantity(), rules.base().format(standing.askedUnits())))
            .setTimeInForceValue(limit.timeInForce().code);
    return PlaceOrderRequest.newBuilder()
        .setMarket(replaced.market())
        .setClientOrderId(request.getNewClientOrderId())
        .setLimit(terms)
        .setSelfTradePreventionValue(replaced.selfTrade().code)
        .build();
  }

  /**
   * Whether an amendment replaces its order; FIELD_REQUIRED if it has a price and no id for the new
   * order.
   */
  static boolean replaces(AmendOrderRequest request) {
    if (request.getNewClientOrderId().isEmpty() && !request.getPrice().isEmpty()) {
      throw refuse(
          Reason.FIELD_REQUIRED,
          NEW_CLIENT_ORDER_ID,
          "Expected an id of your own for the order at the new price.");
    }
    return !request.getNewClientOrderId().isEmpty();
  }

  /** The same failure, with the names that its fields have in an amendment. */
  static Throwable ofAmendment(Throwable failure) {
    if (!(failure instanceof RefusedException refused)) {
      return failure;
    }
    Refusal refusal = refused.refusal();
    String field = AMENDMENT_FIELDS.getOrDefault(refusal.field(), refusal.field());
    return new Refusal(refusal.reason(), field, refusal.message(), refusal.metadata())
        .asException();
  }

  private static String orElse(String text, String otherwise) {
    return text.isEmpty() ? otherwise : text;
  }

  /** The reduction of an order that stands. */
  AmendOrder toAmendOrder(Order standing, String quantity) {
    PlaceOrder order = standing.request();
    return new AmendOrder(
        order.orderId(),
        order.account(),
        order.market(),
        order.clientOrderId(),
        nowMicros(),
        admission.reduction(standing, quantity));
  }

  CancelOrder toCancelOrder(PlaceOrder order) {
    return new CancelOrder(
        order.orderId(), order.account(), order.market(), order.clientOrderId(), nowMicros());
  }

  /** UNKNOWN_MARKET, INVALID_ENUM, INVALID_TIME. */
  Filter toFilter(String account, ListOrdersRequest request) {
    if (!request.getMarket().isEmpty()) {
      market(request.getMarket());
    }
    SortedSet<OrderStatus> statuses = new TreeSet<>();
    request.getStatusesValueList().forEach(number -> statuses.add(toStatus(number)));
    long from = request.hasFrom() ? Times.toMicros("from", request.getFrom()) : 0;
    long until = request.hasUntil() ? Times.toMicros("until", request.getUntil()) : Long.MAX_VALUE;
    if (request.hasUntil() && until <= from) {
      throw refuse(
          Reason.INVALID_TIME, "until", "Expected a time after that of from, but it is not.");
    }
    return new Filter(
        account,
        request.getMarket(),
        request.getOpenOnly(),
        statuses,
        toSide(request.getSide(), request.getSideValue()),
        from,
        until);
  }

  private static OrderStatus toStatus(int number) {
    try {
      OrderStatus status = OrderStatus.ofCode(number);
      if (status != OrderStatus.ACCEPTED) {
        return status;
      }
    } catch (IllegalArgumentException unknown) {
      // Refused below.
    }
    throw refuse(
        Reason.INVALID_ENUM,
        "statuses",
        "Expected states that an order is listed in, but got number " + number + ".");
  }

  private static Optional<Side> toSide(dev.sagax.proto.order.v1.Side side, int number) {
    return switch (side) {
      case SIDE_UNSPECIFIED -> Optional.empty();
      case SIDE_BUY -> Optional.of(Side.BUY);
      case SIDE_SELL -> Optional.of(Side.SELL);
      case UNRECOGNIZED ->
          throw refuse(
              Reason.INVALID_ENUM, "side", "There is no side with the number " + number + ".");
    };
  }

  private static OrderType toType(MarketRules rules, PlaceOrderRequest request) {
    return switch (request.getTypeCase()) {
      case LIMIT -> toLimit(rules, request.getLimit());
      case MARKET_BUY -> Admission.marketBuy(rules, request.getMarketBuy().getQuoteAmount());
      case MARKET_SELL -> Admission.marketSell(rules, request.getMarketSell().getQuantity());
      case TYPE_NOT_SET ->
          throw refuse(
              Reason.FIELD_REQUIRED, "type", "Expected one of limit, market_buy, market_sell.");
    };
  }

  private static OrderType.Limit toLimit(MarketRules rules, LimitOrder limit) {
    return Admission.limit(
        rules, toSide(limit), limit.getPrice(), limit.getQuantity(), toTimeInForce(limit));
  }

  private static Side toSide(LimitOrder limit) {
    return switch (limit.getSide()) {
      case SIDE_BUY -> Side.BUY;
      case SIDE_SELL -> Side.SELL;
      case SIDE_UNSPECIFIED, UNRECOGNIZED ->
          throw refuse(
              Reason.INVALID_ENUM,
              "limit.side",
              "Expected SIDE_BUY or SIDE_SELL, but got number " + limit.getSideValue() + ".");
    };
  }

  private static TimeInForce toTimeInForce(LimitOrder limit) {
    return switch (limit.getTimeInForce()) {
      case TIME_IN_FORCE_UNSPECIFIED, TIME_IN_FORCE_GTC -> TimeInForce.GTC;
      case TIME_IN_FORCE_IOC -> TimeInForce.IOC;
      case TIME_IN_FORCE_POST_ONLY -> TimeInForce.POST_ONLY;
      case TIME_IN_FORCE_FOK -> TimeInForce.FOK;
      case UNRECOGNIZED ->
          throw refuse(
              Reason.INVALID_ENUM,
              "limit.time_in_force",
              "There is no time in force with the number " + limit.getTimeInForceValue() + ".");
    };
  }

  private static SelfTrade toSelfTrade(PlaceOrderRequest request) {
    return switch (request.getSelfTradePrevention()) {
      case SELF_TRADE_PREVENTION_UNSPECIFIED, SELF_TRADE_PREVENTION_CANCEL_TAKER ->
          SelfTrade.CANCEL_TAKER;
      case SELF_TRADE_PREVENTION_CANCEL_MAKER -> SelfTrade.CANCEL_MAKER;
      case SELF_TRADE_PREVENTION_CANCEL_BOTH -> SelfTrade.CANCEL_BOTH;
      case UNRECOGNIZED ->
          throw refuse(
              Reason.INVALID_ENUM,
              "self_trade_prevention",
              "There is no self-trade prevention with the number "
                  + request.getSelfTradePreventionValue()
                  + ".");
    };
  }

  private long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
  }

  static RefusedException noId() {
    return refuse(Reason.FIELD_REQUIRED, "id", "Expected one of order_id, client_order.");
  }

  private static RefusedException refuse(Reason reason, String field, String message) {
    return Refusal.ofField(reason, field, message).asException();
  }
}
