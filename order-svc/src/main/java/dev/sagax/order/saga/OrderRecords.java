package dev.sagax.order.saga;

import dev.sagax.order.CancelNotice;
import dev.sagax.order.Decisions.Answer;
import dev.sagax.order.Instruction;
import dev.sagax.order.Instruction.AmendOrder;
import dev.sagax.order.Instruction.ArmCancelAll;
import dev.sagax.order.Instruction.CancelAll;
import dev.sagax.order.Instruction.CancelOrder;
import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.Instruction.PlaceOrder.Replaces;
import dev.sagax.order.MarketRules;
import dev.sagax.order.MarketState;
import dev.sagax.order.MarketStatus;
import dev.sagax.order.Order;
import dev.sagax.order.OrderChange;
import dev.sagax.order.OrderReason;
import dev.sagax.order.OrderStatus;
import dev.sagax.order.OrderType;
import dev.sagax.order.Outcome;
import dev.sagax.order.Outcome.Settled;
import dev.sagax.order.SelfTrade;
import dev.sagax.order.Side;
import dev.sagax.order.TimeInForce;
import dev.sagax.platform.money.Asset;
import dev.sagax.proto.event.v1.AmendInstruction;
import dev.sagax.proto.event.v1.ArmCancelAllInstruction;
import dev.sagax.proto.event.v1.CancelAllInstruction;
import dev.sagax.proto.event.v1.CancelInstruction;
import dev.sagax.proto.event.v1.FilledPart;
import dev.sagax.proto.event.v1.InstructionAnswer;
import dev.sagax.proto.event.v1.LimitTerms;
import dev.sagax.proto.event.v1.MarketBuyTerms;
import dev.sagax.proto.event.v1.MarketSellTerms;
import dev.sagax.proto.event.v1.OrderCancelRequested;
import dev.sagax.proto.event.v1.OrderRequested;
import dev.sagax.proto.event.v1.OrderSettled;
import dev.sagax.proto.event.v1.OrderState;
import dev.sagax.proto.event.v1.OrderTerms;
import dev.sagax.proto.event.v1.OrderUpdated;
import dev.sagax.proto.event.v1.PlaceInstruction;
import dev.sagax.proto.event.v1.ReplaceInstruction;
import dev.sagax.proto.event.v1.ReplacedOrder;
import dev.sagax.proto.event.v1.SetMarketStateInstruction;
import dev.sagax.proto.event.v1.SettleCompleted;
import java.util.Optional;

/**
 * The records of the log as the business knows them, and back. Reading throws {@link
 * IllegalArgumentException} with a sentence where a record says something that cannot be.
 */
public final class OrderRecords {
  private OrderRecords() {}

  public static OrderRequested toRecord(Instruction instruction) {
    OrderRequested.Builder record =
        OrderRequested.newBuilder()
            .setOrderId(instruction.orderId())
            .setAccount(instruction.account())
            .setMarket(instruction.market())
            .setClientOrderId(instruction.clientOrderId())
            .setTimeMicros(instruction.timeMicros());
    return switch (instruction) {
      case PlaceOrder place when place.replaces().isPresent() ->
          record.setReplace(toReplaceInstruction(place, Optional.empty())).build();
      case PlaceOrder place -> record.setPlace(toPlaceInstruction(place)).build();
      case CancelOrder cancel -> record.setCancel(CancelInstruction.getDefaultInstance()).build();
      case AmendOrder amend ->
          record
              .setAmend(AmendInstruction.newBuilder().setQuantityUnits(amend.quantityUnits()))
              .build();
      case CancelAll all ->
          record
              .setCancelAll(
                  CancelAllInstruction.newBuilder()
                      .setSideValue(all.side().map(side -> side.code).orElse(0))
                      .setDeadlineMicros(all.deadlineMicros())
                      .setPartOfAll(all.partOfAll()))
              .build();
      case ArmCancelAll arm ->
          record
              .setArmCancelAll(
                  ArmCancelAllInstruction.newBuilder().setDeadlineMicros(arm.deadlineMicros()))
              .build();
    };
  }

  /** What it asks for; whose place it takes says {@link #toReplaceInstruction}. */
  static PlaceInstruction toPlaceInstruction(PlaceOrder place) {
    return PlaceInstruction.newBuilder()
        .setTerms(toTerms(place.type()))
        .setRules(toRules(place.rules()))
        .setSelfTradePreventionValue(place.selfTrade().code)
        .build();
  }

  /**
   * Of an order that replaces one.
   *
   * @param replaced the order whose place it takes, as far as it is known
   */
  static ReplaceInstruction toReplaceInstruction(PlaceOrder place, Optional<Order> replaced) {
    return ReplaceInstruction.newBuilder()
        .setPlace(toPlaceInstruction(place))
        .setReplaced(toRecord(place.replaces().orElseThrow(), replaced))
        .build();
  }

  private static ReplacedOrder toRecord(Replaces replaces, Optional<Order> replaced) {
    ReplacedOrder.Builder record =
        ReplacedOrder.newBuilder()
            .setOrderId(replaces.orderId())
            .setWhatRests(replaces.whatRests());
    replaced.ifPresent(order ->
        record
            .setOrderNumber(order.number())
            .setOrderedUnits(order.request().type().amountUnits()));
    return record.build();
  }

  private static Replaces toReplaces(ReplacedOrder record) {
    return new Replaces(record.getOrderId(), record.getWhatRests());
  }

  /** A placing that replaces an order is one of before there was a kind for it. */
  private static PlaceOrder toPlaceOrder(OrderRequested record) {
    PlaceInstruction place = record.getPlace();
    return toPlaceOrder(
        record,
        place,
        place.hasReplaces() ? Optional.of(toReplaces(place.getReplaces())) : Optional.empty());
  }

  private static PlaceOrder toReplacement(OrderRequested record) {
    ReplaceInstruction replace = record.getReplace();
    if (replace.getPlace().hasReplaces()) {
      throw new IllegalArgumentException("The replacement names two orders that it replaces.");
    }
    return toPlaceOrder(record, replace.getPlace(), Optional.of(toReplaces(replace.getReplaced())));
  }

  private static PlaceOrder toPlaceOrder(
      OrderRequested record, PlaceInstruction place, Optional<Replaces> replaces) {
    return new PlaceOrder(
        record.getOrderId(),
        record.getAccount(),
        record.getMarket(),
        record.getClientOrderId(),
        record.getTimeMicros(),
        toType(place.getTerms()),
        toRules(place.getRules()),
        toSelfTrade(place.getSelfTradePreventionValue()),
        replaces);
  }

  static Instruction toInstruction(OrderRequested record) {
    return switch (record.getInstructionCase()) {
      case PLACE -> toPlaceOrder(record);
      case REPLACE -> toReplacement(record);
      case CANCEL ->
          new CancelOrder(
              record.getOrderId(),
              record.getAccount(),
              record.getMarket(),
              record.getClientOrderId(),
              record.getTimeMicros());
      case AMEND ->
          new AmendOrder(
              record.getOrderId(),
              record.getAccount(),
              record.getMarket(),
              record.getClientOrderId(),
              record.getTimeMicros(),
              record.getAmend().getQuantityUnits());
      case CANCEL_ALL ->
          new CancelAll(
              record.getOrderId(),
              record.getAccount(),
              record.getMarket(),
              toSide(record.getCancelAll().getSideValue()),
              record.getTimeMicros(),
              record.getCancelAll().getDeadlineMicros(),
              record.getCancelAll().getPartOfAll());
      case ARM_CANCEL_ALL ->
          new ArmCancelAll(
              record.getOrderId(),
              record.getAccount(),
              record.getMarket(),
              record.getTimeMicros(),
              record.getArmCancelAll().getDeadlineMicros());
      case SET_MARKET_STATE, INSTRUCTION_NOT_SET ->
          throw new IllegalArgumentException(
              "The record has no instruction about an order that is known.");
    };
  }

  public static OrderRequested toRecord(MarketStatus status) {
    return OrderRequested.newBuilder()
        .setAccount(status.setBy())
        .setMarket(status.market())
        .setTimeMicros(status.setMicros())
        .setSetMarketState(
            SetMarketStateInstruction.newBuilder()
                .setStateValue(status.state().code)
                .setReason(status.reason()))
        .build();
  }

  /** What a record sets about its market. */
  static MarketStatus toMarketStatus(OrderRequested record) {
    return new MarketStatus(
        record.getMarket(),
        MarketState.ofCode(record.getSetMarketState().getStateValue()),
        record.getSetMarketState().getReason(),
        record.getAccount(),
        record.getTimeMicros());
  }

  private static Optional<Side> toSide(int code) {
    return code == 0 ? Optional.empty() : Optional.of(Side.ofCode(code));
  }

  static OrderState toRecord(Order order) {
    PlaceOrder request = order.request();
    return OrderState.newBuilder()
        .setOrderId(request.orderId())
        .setAccount(request.account())
        .setMarket(request.market())
        .setClientOrderId(request.clientOrderId())
        .setTerms(toTerms(request.type()))
        .setRules(toRules(request.rules()))
        .setStatusValue(order.status().code)
        .setReasonValue(order.reason().code)
        .setFilledUnits(order.filledUnits())
        .setFilledQuoteUnits(order.filledQuoteUnits())
        .setFeeUnits(order.feeUnits())
        .setLeftUnits(order.leftUnits())
        .setCreateMicros(request.timeMicros())
        .setUpdateMicros(order.updateMicros())
        .setVersion(order.version())
        .setPlaced(order.placed())
        .setSelfTradePreventionValue(request.selfTrade().code)
        .setPreventedUnits(order.preventedUnits())
        .setReducedUnits(order.reducedUnits())
        .setReplacesOrderId(request.replaces().map(Replaces::orderId).orElse(""))
        .setReplacesWhatRests(request.replaces().map(Replaces::whatRests).orElse(false))
        .build();
  }

  static FilledPart toRecord(OrderChange.Filled filled) {
    return FilledPart.newBuilder()
        .setQuantityUnits(filled.quantityUnits())
        .setQuoteUnits(filled.quoteUnits())
        .setFeeUnits(filled.feeUnits())
        .setMaker(filled.maker())
        .build();
  }

  /** What a change of an order has filled of it, if anything. */
  public static Optional<OrderChange.Filled> toFilled(OrderUpdated update) {
    FilledPart fill = update.getFill();
    return update.hasFill()
        ? Optional.of(
            new OrderChange.Filled(
                fill.getQuantityUnits(), fill.getQuoteUnits(), fill.getFeeUnits(), fill.getMaker()))
        : Optional.empty();
  }

  /** The order as a reader of the log sees it: its instruction and number are not said there. */
  public static Order toOrder(OrderState state) {
    PlaceOrder request =
        new PlaceOrder(
            state.getOrderId(),
            state.getAccount(),
            state.getMarket(),
            state.getClientOrderId(),
            state.getCreateMicros(),
            toType(state.getTerms()),
            toRules(state.getRules()),
            toSelfTrade(state.getSelfTradePreventionValue()),
            state.getReplacesOrderId().isEmpty()
                ? Optional.empty()
                : Optional.of(
                    new Replaces(state.getReplacesOrderId(), state.getReplacesWhatRests())));
    return new Order(
        request,
        -1,
        0,
        OrderStatus.ofCode(state.getStatusValue()),
        OrderReason.ofCode(state.getReasonValue()),
        state.getFilledUnits(),
        state.getFilledQuoteUnits(),
        state.getFeeUnits(),
        state.getLeftUnits(),
        state.getPreventedUnits(),
        state.getReducedUnits(),
        state.getUpdateMicros(),
        state.getVersion(),
        state.getPlaced());
  }

  static Outcome toOutcome(SettleCompleted record) {
    return new Outcome(
        record.getInstruction(),
        record.getTimeMicros(),
        record.getMarket(),
        record.getOrderId(),
        record.getOrdersList().stream().map(OrderRecords::toSettled).toList());
  }

  static CancelNotice toCancelNotice(OrderCancelRequested record) {
    OrderReason reason = OrderReason.ofCode(record.getReasonValue());
    return switch (reason) {
      case MATCH_FAILED, SETTLEMENT_FAILED ->
          new CancelNotice(
              record.getOrderId(), record.getInstruction(), record.getTimeMicros(), reason);
      case NONE,
          INSUFFICIENT_FUNDS,
          CANCELLED_BEFORE_PLACED,
          CANCELLED_BY_OWNER,
          WOULD_CROSS,
          IMMEDIATE_OR_CANCEL,
          INSUFFICIENT_LIQUIDITY,
          BUDGET_BELOW_ONE_LOT,
          SELF_TRADE,
          SWEEP_LIMIT,
          WORTH_NOTHING,
          FILL_OR_KILL,
          PRICE_OUT_OF_BAND,
          MARKET_POST_ONLY,
          MARKET_CANCEL_ONLY,
          MARKET_HALTED,
          REPLACED,
          NOTHING_TO_REPLACE,
          TOO_MANY_OPEN_ORDERS,
          ACCOUNT_FROZEN ->
          throw new IllegalArgumentException(
              "Order %s is said to be cancelled for %s, which is no reason to compensate."
                  .formatted(record.getOrderId(), reason));
    };
  }

  private static Settled toSettled(OrderSettled settled) {
    boolean ended = settled.getLeftUnits() == 0;
    return new Settled(
        settled.getOrderId(),
        settled.getFilledUnits(),
        settled.getFilledQuoteUnits(),
        settled.getFeeUnits(),
        settled.getLeftUnits(),
        ended ? endStatus(settled) : openStatus(settled),
        ended ? OrderReason.ofCode(settled.getEndReasonValue()) : OrderReason.NONE,
        settled.getPreventedUnits(),
        settled.getReducedUnits());
  }

  private static OrderStatus openStatus(OrderSettled settled) {
    return settled.getFilledUnits() > 0 ? OrderStatus.PARTIALLY_FILLED : OrderStatus.OPEN;
  }

  private static OrderStatus endStatus(OrderSettled settled) {
    OrderStatus status = OrderStatus.ofCode(settled.getEndStatusValue());
    if (!status.closed() || status == OrderStatus.REJECTED) {
      throw new IllegalArgumentException(
          "Nothing is left of order %s, but it is said to end %s."
              .formatted(settled.getOrderId(), status));
    }
    return status;
  }

  static InstructionAnswer toRecord(Answer answer) {
    return switch (answer) {
      case APPLIED -> InstructionAnswer.INSTRUCTION_ANSWER_APPLIED;
      case REPEATED -> InstructionAnswer.INSTRUCTION_ANSWER_REPEATED;
      case CONFLICT -> InstructionAnswer.INSTRUCTION_ANSWER_CONFLICT;
      case NOT_FOUND -> InstructionAnswer.INSTRUCTION_ANSWER_NOT_FOUND;
      case CLOSED -> InstructionAnswer.INSTRUCTION_ANSWER_CLOSED;
    };
  }

  private static OrderTerms toTerms(OrderType type) {
    OrderTerms.Builder terms = OrderTerms.newBuilder();
    switch (type) {
      case OrderType.Limit limit ->
          terms.setLimit(
              LimitTerms.newBuilder()
                  .setSideValue(limit.side().code)
                  .setPriceUnits(limit.priceUnits())
                  .setQuantityUnits(limit.quantityUnits())
                  .setTimeInForceValue(limit.timeInForce().code));
      case OrderType.MarketBuy buy ->
          terms.setMarketBuy(MarketBuyTerms.newBuilder().setQuoteUnits(buy.quoteUnits()));
      case OrderType.MarketSell sell ->
          terms.setMarketSell(MarketSellTerms.newBuilder().setQuantityUnits(sell.quantityUnits()));
    }
    return terms.build();
  }

  private static OrderType toType(OrderTerms terms) {
    return switch (terms.getTypeCase()) {
      case LIMIT ->
          new OrderType.Limit(
              Side.ofCode(terms.getLimit().getSideValue()),
              terms.getLimit().getPriceUnits(),
              terms.getLimit().getQuantityUnits(),
              TimeInForce.ofCode(terms.getLimit().getTimeInForceValue()));
      case MARKET_BUY -> new OrderType.MarketBuy(terms.getMarketBuy().getQuoteUnits());
      case MARKET_SELL -> new OrderType.MarketSell(terms.getMarketSell().getQuantityUnits());
      case TYPE_NOT_SET ->
          throw new IllegalArgumentException("The record has no order type that is known.");
    };
  }

  /** Records from before there was a choice say nothing. */
  private static SelfTrade toSelfTrade(int value) {
    return value == 0 ? SelfTrade.CANCEL_TAKER : SelfTrade.ofCode(value);
  }

  private static dev.sagax.proto.event.v1.MarketRules toRules(MarketRules rules) {
    return dev.sagax.proto.event.v1.MarketRules.newBuilder()
        .setBaseAsset(rules.base().name())
        .setQuoteAsset(rules.quote().name())
        .setBaseScale(rules.base().scale())
        .setQuoteScale(rules.quote().scale())
        .setTickUnits(rules.tickUnits())
        .setLotUnits(rules.lotUnits())
        .setMakerBps(rules.makerBps())
        .setTakerBps(rules.takerBps())
        .build();
  }

  private static MarketRules toRules(dev.sagax.proto.event.v1.MarketRules rules) {
    return new MarketRules(
        new Asset(rules.getBaseAsset(), rules.getBaseScale()),
        new Asset(rules.getQuoteAsset(), rules.getQuoteScale()),
        rules.getTickUnits(),
        rules.getLotUnits(),
        rules.getMakerBps(),
        rules.getTakerBps());
  }
}
