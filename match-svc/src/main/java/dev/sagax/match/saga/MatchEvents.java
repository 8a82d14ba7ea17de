package dev.sagax.match.saga;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.match.Instruction;
import dev.sagax.match.MatchRequest;
import dev.sagax.match.StateSet;
import dev.sagax.match.book.SelfTrade;
import dev.sagax.match.book.Side;
import dev.sagax.match.book.Taker;
import dev.sagax.match.book.TimeInForce;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.proto.event.v1.AmendMatch;
import dev.sagax.proto.event.v1.LimitTerms;
import dev.sagax.proto.event.v1.MarketRules;
import dev.sagax.proto.event.v1.MatchRequested;
import dev.sagax.proto.event.v1.PlaceInstruction;
import dev.sagax.proto.event.v1.ReplaceInstruction;
import dev.sagax.proto.event.v1.ReplacedOrder;
import dev.sagax.proto.market.v1.MarketState;
import dev.sagax.proto.order.v1.SelfTradePrevention;
import java.util.Optional;

/** Records of {@code match.requested} as instructions. */
final class MatchEvents {

  private MatchEvents() {}

  /**
   * @throws PartitionStoppedException if the record cannot be read
   */
  static MatchRequest decode(LogRecord record) {
    try {
      if (record.value() == null) {
        throw new IllegalArgumentException("It has no value.");
      }
      return request(record.position(), MatchRequested.parseFrom(record.value()));
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new PartitionStoppedException(
          "Record %d of %s-%d cannot be read: %s"
              .formatted(record.position(), record.topic(), record.partition(), e.getMessage()),
          e);
    }
  }

  private static MatchRequest request(long seq, MatchRequested event) {
    return event.hasMarketState() ? stateSet(event) : instruction(seq, event);
  }

  private static StateSet stateSet(MatchRequested event) {
    expect(!event.getMarket().isEmpty(), "market");
    MarketState state = event.getMarketState().getState();
    expect(
        state != MarketState.MARKET_STATE_UNSPECIFIED && state != MarketState.UNRECOGNIZED,
        "market_state.state");
    return new StateSet(event.getMarket(), state.getNumber());
  }

  private static Instruction instruction(long seq, MatchRequested event) {
    expect(DeterministicId.isWellFormed(event.getOrderId()), "order_id");
    expect(!event.getAccount().isEmpty(), "account");
    expect(!event.getMarket().isEmpty(), "market");
    return switch (event.getRequestCase()) {
      case PLACE -> place(seq, event, event.getPlace(), replacedByOld(event.getPlace()));
      case REPLACE -> replace(seq, event, event.getReplace());
      case CANCEL -> cancel(event);
      case AMEND -> amend(event);
      case MARKET_STATE, REQUEST_NOT_SET -> throw unreadable("request");
    };
  }

  private static Instruction cancel(MatchRequested event) {
    expect(event.getCancel().getOrderNumber() > 0, "cancel.order_number");
    return new Instruction.Cancel(
        event.getInstruction(),
        event.getTimeMicros(),
        event.getMarket(),
        event.getOrderId(),
        event.getAccount(),
        event.getCancel().getOrderNumber());
  }

  private static Instruction amend(MatchRequested event) {
    AmendMatch amend = event.getAmend();
    expect(amend.getOrderNumber() > 0, "amend.order_number");
    expect(amend.getQuantityUnits() > 0, "amend.quantity_units");
    expect(amend.getOrderedUnits() > 0, "amend.ordered_units");
    return new Instruction.Amend(
        event.getInstruction(),
        event.getTimeMicros(),
        event.getMarket(),
        event.getOrderId(),
        event.getAccount(),
        amend.getOrderNumber(),
        amend.getQuantityUnits(),
        amend.getOrderedUnits());
  }

  /** The number of the record that places an order is the order's number in the book. */
  private static Instruction place(
      long seq,
      MatchRequested event,
      PlaceInstruction place,
      Optional<Instruction.Replaced> replaced) {
    expect(place.hasRules(), "place.rules");
    MarketRules rules = place.getRules();
    return new Instruction.Place(
        event.getInstruction(),
        event.getTimeMicros(),
        event.getMarket(),
        event.getOrderId(),
        taker(seq, event.getAccount(), place),
        new Instruction.FrozenRules(rules.getBaseScale(), rules.getMakerBps(), rules.getTakerBps()),
        replaced);
  }

  private static Instruction replace(long seq, MatchRequested event, ReplaceInstruction replace) {
    expect(!replace.getPlace().hasReplaces(), "replace.place.replaces");
    return place(
        seq,
        event,
        replace.getPlace(),
        Optional.of(replaced(replace.getPlace(), replace.getReplaced(), "replace.replaced")));
  }

  /** A placing that replaces an order is one of before there was a kind for it. */
  private static Optional<Instruction.Replaced> replacedByOld(PlaceInstruction place) {
    return place.hasReplaces()
        ? Optional.of(replaced(place, place.getReplaces(), "place.replaces"))
        : Optional.empty();
  }

  private static Instruction.Replaced replaced(
      PlaceInstruction place, ReplacedOrder replaced, String field) {
    expect(place.getTerms().hasLimit(), "place.terms.type");
    expect(DeterministicId.isWellFormed(replaced.getOrderId()), field + ".order_id");
    expect(replaced.getOrderNumber() >= 0, field + ".order_number");
    return new Instruction.Replaced(
        replaced.getOrderId(),
        replaced.getOrderNumber(),
        replaced.getOrderedUnits(),
        replaced.getWhatRests());
  }

  private static Taker taker(long seq, String account, PlaceInstruction place) {
    var terms = place.getTerms();
    SelfTrade selfTrade = selfTrade(place.getSelfTradePrevention());
    return switch (terms.getTypeCase()) {
      case LIMIT -> limit(seq, account, terms.getLimit(), selfTrade);
      case MARKET_BUY ->
          new Taker.MarketBuy(
              seq,
              account,
              terms.getMarketBuy().getQuoteUnits(),
              place.getRules().getLotUnits(),
              selfTrade);
      case MARKET_SELL ->
          new Taker.MarketSell(seq, account, terms.getMarketSell().getQuantityUnits(), selfTrade);
      case TYPE_NOT_SET -> throw unreadable("place.terms.type");
    };
  }

  private static Taker limit(long seq, String account, LimitTerms limit, SelfTrade selfTrade) {
    return new Taker.Limit(
        seq,
        account,
        side(limit.getSide()),
        limit.getPriceUnits(),
        limit.getQuantityUnits(),
        timeInForce(limit.getTimeInForce()),
        selfTrade);
  }

  private static Side side(dev.sagax.proto.order.v1.Side side) {
    return switch (side) {
      case SIDE_BUY -> Side.BUY;
      case SIDE_SELL -> Side.SELL;
      case SIDE_UNSPECIFIED, UNRECOGNIZED -> throw unreadable("place.terms.limit.side");
    };
  }

  private static TimeInForce timeInForce(dev.sagax.proto.order.v1.TimeInForce timeInForce) {
    return switch (timeInForce) {
      case TIME_IN_FORCE_GTC -> TimeInForce.GTC;
      case TIME_IN_FORCE_IOC -> TimeInForce.IOC;
      case TIME_IN_FORCE_POST_ONLY -> TimeInForce.POST_ONLY;
      case TIME_IN_FORCE_FOK -> TimeInForce.FOK;
      case TIME_IN_FORCE_UNSPECIFIED, UNRECOGNIZED ->
          throw unreadable("place.terms.limit.time_in_force");
    };
  }

  /** Records from before there was a choice say nothing. */
  private static SelfTrade selfTrade(SelfTradePrevention mode) {
    return switch (mode) {
      case SELF_TRADE_PREVENTION_UNSPECIFIED, SELF_TRADE_PREVENTION_CANCEL_TAKER ->
          SelfTrade.CANCEL_TAKER;
      case SELF_TRADE_PREVENTION_CANCEL_MAKER -> SelfTrade.CANCEL_MAKER;
      case SELF_TRADE_PREVENTION_CANCEL_BOTH -> SelfTrade.CANCEL_BOTH;
      case UNRECOGNIZED -> throw unreadable("place.self_trade_prevention");
    };
  }

  private static void expect(boolean holds, String field) {
    if (!holds) {
      throw unreadable(field);
    }
  }

  private static IllegalArgumentException unreadable(String field) {
    return new IllegalArgumentException("The field " + field + " has no value that is known.");
  }
}
