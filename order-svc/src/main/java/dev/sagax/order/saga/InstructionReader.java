package dev.sagax.order.saga;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.order.Admission;
import dev.sagax.order.Instruction;
import dev.sagax.order.Instruction.AmendOrder;
import dev.sagax.order.Instruction.ArmCancelAll;
import dev.sagax.order.Instruction.CancelAll;
import dev.sagax.order.Instruction.CancelOrder;
import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.MarketRules;
import dev.sagax.order.MarketStatus;
import dev.sagax.order.OrderType;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.platform.rpc.OperatorReason;
import dev.sagax.proto.event.v1.OrderRequested;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads instructions and trusts none of them: what order-svc's API would not have written is
 * poison.
 */
final class InstructionReader {
  private static final int MAX_BPS = 10_000;

  private final Markets markets;
  private final Map<String, MarketRules> rules = new HashMap<>();

  InstructionReader(Markets markets) {
    this.markets = markets;
  }

  /** What a record of `order.requested` says. */
  sealed interface Reading {
    record Sound(Instruction instruction) implements Reading {}

    /** It is about the market, not about an order. */
    record OfMarket(MarketStatus status) implements Reading {}

    /**
     * @param orderId as far as it is known
     * @param error a whole sentence
     */
    record Poison(String orderId, String error) implements Reading {}
  }

  Reading read(LogRecord record) {
    if (record.value() == null) {
      return new Reading.Poison("", "The record has no value.");
    }
    OrderRequested requested;
    try {
      requested = OrderRequested.parseFrom(record.value());
    } catch (InvalidProtocolBufferException e) {
      return new Reading.Poison("", "The record is not an OrderRequested: " + e.getMessage());
    }
    try {
      if (requested.hasSetMarketState()) {
        return new Reading.OfMarket(ofMarket(requested, record.partition()));
      }
      Instruction instruction = OrderRecords.toInstruction(requested);
      if (instruction instanceof CancelAll || instruction instanceof ArmCancelAll) {
        checkOfAll(instruction, requested, record.partition());
        return new Reading.Sound(instruction);
      }
      Market market = market(instruction.market());
      check(instruction, market, record.partition());
      return new Reading.Sound(sharing(market, instruction));
    } catch (IllegalArgumentException e) {
      return new Reading.Poison(requested.getOrderId(), e.getMessage());
    } catch (RefusedException e) {
      return new Reading.Poison(requested.getOrderId(), e.refusal().message());
    }
  }

  private MarketStatus ofMarket(OrderRequested requested, int partition) {
    expectOn(partition, market(requested.getMarket()));
    expect(Admission.isId(requested.getAccount()), "The account has a wrong shape.");
    expectTime(requested.getTimeMicros());
    MarketStatus status = OrderRecords.toMarketStatus(requested);
    expect(OperatorReason.isSound(status.reason()), "The reason has a wrong shape.");
    return status;
  }

  private Market market(String name) {
    return markets
        .market(name)
        .orElseThrow(() -> new IllegalArgumentException("There is no market " + name));
  }

  /** The same, with the market's name and rules of one copy for all: orders stay in memory. */
  private Instruction sharing(Market market, Instruction instruction) {
    MarketRules shared = rules.computeIfAbsent(market.name(), name -> MarketRules.of(market));
    return switch (instruction) {
      case PlaceOrder place when place.rules().equals(shared) ->
          new PlaceOrder(
              place.orderId(),
              place.account(),
              market.name(),
              place.clientOrderId(),
              place.timeMicros(),
              place.type(),
              shared,
              place.selfTrade(),
              place.replaces());
      case PlaceOrder underFormerRules -> underFormerRules;
      case CancelOrder cancel -> cancel;
      case AmendOrder amend -> amend;
      case CancelAll all -> all;
      case ArmCancelAll arm -> arm;
    };
  }

  /** An instruction about all orders of an account. */
  private void checkOfAll(Instruction all, OrderRequested record, int partition) {
    if (!all.market().isEmpty()) {
      expectOn(partition, market(all.market()));
    }
    expect(DeterministicId.isWellFormed(all.orderId()), "The instruction's id has a wrong shape.");
    expect(Admission.isId(all.account()), "The account has a wrong shape.");
    expect(
        record.getClientOrderId().isEmpty(),
        "An instruction about all orders has no client order id.");
    expectTime(all.timeMicros());
    long deadline =
        record.getCancelAll().getDeadlineMicros() + record.getArmCancelAll().getDeadlineMicros();
    expect(deadline >= 0, "Expected no deadline or one above zero, but got %s.", deadline);
    expect(
        !record.getCancelAll().getPartOfAll() || deadline > 0 && !all.market().isEmpty(),
        "A part of a cancel of all has a market and a deadline.");
  }

  private static void check(Instruction instruction, Market market, int partition) {
    expectOn(partition, market);
    expect(Admission.isId(instruction.account()), "The account has a wrong shape.");
    expect(Admission.isId(instruction.clientOrderId()), "The client order id has a wrong shape.");
    String orderId =
        DeterministicId.orderId(
            instruction.account(), instruction.market(), instruction.clientOrderId());
    expect(
        orderId.equals(instruction.orderId()),
        "Account, market and client order id make order %s, but the record says %s.",
        orderId,
        instruction.orderId());
    expectTime(instruction.timeMicros());
    switch (instruction) {
      case PlaceOrder place -> check(place, market);
      case CancelOrder cancel -> {}
      case AmendOrder amend ->
          expect(
              amend.quantityUnits() > 0,
              "Expected a quantity above zero, but got %s.",
              amend.quantityUnits());
      case CancelAll all -> {}
      case ArmCancelAll arm -> {}
    }
  }

  private static void expectOn(int partition, Market market) {
    expect(
        market.partition() == partition,
        "Market %s belongs to partition %s, but the record came on partition %s.",
        market.name(),
        market.partition(),
        partition);
  }

  private static void expectTime(long timeMicros) {
    expect(timeMicros > 0, "Expected a time above zero, but got %s.", timeMicros);
  }

  private static void check(PlaceOrder place, Market market) {
    MarketRules rules = place.rules();
    expect(
        rules.base().equals(market.base()) && rules.quote().equals(market.quote()),
        "The record counts in %s and %s, but market %s in %s and %s.",
        rules.base(),
        rules.quote(),
        market.name(),
        market.base(),
        market.quote());
    expect(rules.tickUnits() > 0, "Expected a tick above zero, but got %s.", rules.tickUnits());
    expect(rules.lotUnits() > 0, "Expected a lot above zero, but got %s.", rules.lotUnits());
    expectBps(rules.makerBps());
    expectBps(rules.takerBps());
    Admission.recheck(place.type(), rules);
    place.replaces().ifPresent(replaces -> checkReplacing(place, replaces.orderId()));
  }

  private static void checkReplacing(PlaceOrder place, String replaced) {
    expect(
        DeterministicId.isWellFormed(replaced),
        "The id of the order to replace has a wrong shape.");
    expect(!replaced.equals(place.orderId()), "The order replaces itself.");
    expect(
        place.type() instanceof OrderType.Limit limit && limit.timeInForce().rests(),
        "Only a limit order that may rest replaces another.");
  }

  private static void expectBps(int bps) {
    expect(
        bps >= 0 && bps <= MAX_BPS,
        "Expected a fee of 0 to %s basis points, but got %s.",
        MAX_BPS,
        bps);
  }

  private static void expect(boolean holds, String rule, Object... facts) {
    if (!holds) {
      throw new IllegalArgumentException(rule.formatted(facts));
    }
  }
}
