package dev.sagax.match.saga;

import dev.sagax.match.Instruction;
import dev.sagax.match.MatchRequest;
import dev.sagax.match.Matching;
import dev.sagax.match.Outcome;
import dev.sagax.match.StateSet;
import dev.sagax.match.Trade;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.tracing.Fact;
import dev.sagax.proto.order.v1.OrderReason;
import java.util.List;
import java.util.stream.Collectors;

/** {@code match.requested}: applies the instruction to its book and asks to settle the outcome. */
final class MatchRequestedHandler {
  /** A span is no place for a sweep of the whole book. */
  private static final int MOST_MAKERS = 20;

  private final Matching matching;
  private final FaultInjector faults;

  MatchRequestedHandler(Matching matching, FaultInjector faults) {
    this.matching = matching;
    this.faults = faults;
  }

  /**
   * Emits one {@code settle.requested} for an instruction, also when nothing came of it.
   *
   * @throws PartitionStoppedException if the record cannot be read, or does not fit the
   *     configuration: order-svc has recorded the order and its funds are held, so it must not be
   *     passed over
   * @throws MatchFailedException if the book throws on it
   */
  void handle(LogRecord record, DecidedBatch batch) {
    switch (decode(record)) {
      case StateSet set -> batch.set(set);
      case Instruction instruction -> handle(record, instruction, batch);
    }
  }

  private void handle(LogRecord record, Instruction instruction, DecidedBatch batch) {
    Outcome outcome = apply(record, instruction);
    settle(record, instruction, outcome, batch);
    if (outcome instanceof Outcome.Placed placed) {
      batch.traded(placed.trades());
      if (!placed.trades().isEmpty()) {
        batch.tell(record, Fact.MAKER_ORDER_IDS, () -> makers(placed.trades()));
      }
    }
  }

  /**
   * An instruction that the book threw on before: a dead letter. An order that was to be placed is
   * cancelled and gets its funds back; an order that was to be cancelled or reduced stays as it is.
   */
  void giveUp(LogRecord record, String error, DecidedBatch batch) {
    Instruction instruction = (Instruction) decode(record);
    batch.deadLetter(record, instruction.orderId(), error);
    settle(record, instruction, Matching.giveUp(instruction), batch);
    switch (instruction) {
      case Instruction.Place place ->
          batch.emit(
              record,
              Topic.ORDER_CANCEL_REQUESTED,
              place.market(),
              CancelEvents.encode(
                  place.orderId(),
                  place.market(),
                  place.position(),
                  place.timeMicros(),
                  OrderReason.ORDER_REASON_MATCH_FAILED));
      case Instruction.Cancel cancel -> {}
      case Instruction.Amend amend -> {}
    }
  }

  private void settle(
      LogRecord record, Instruction instruction, Outcome outcome, DecidedBatch batch) {
    batch.tell(record, Fact.ORDER_ID, instruction::orderId);
    batch.tell(record, Fact.MARKET, instruction::market);
    batch.emit(
        record,
        Topic.SETTLE_REQUESTED,
        instruction.market(),
        SettleEvents.encode(
            instruction.position(),
            instruction.timeMicros(),
            matching.market(instruction.market()),
            outcome));
  }

  private static String makers(List<Trade> trades) {
    return trades.stream()
        .map(trade -> trade.maker().orderId())
        .distinct()
        .limit(MOST_MAKERS)
        .collect(Collectors.joining(","));
  }

  private MatchRequest decode(LogRecord record) {
    MatchRequest request = MatchEvents.decode(record);
    try {
      matching.requireFits(request);
      return request;
    } catch (IllegalStateException e) {
      throw new PartitionStoppedException(cannotBeMatched(record, request, e), e);
    }
  }

  private Outcome apply(LogRecord record, Instruction instruction) {
    try {
      faults.pass(FaultPoint.MATCH_BOOK_APPLY, 1);
      return matching.apply(instruction);
    } catch (RuntimeException e) {
      throw new MatchFailedException(record, cannotBeMatched(record, instruction, e), e);
    }
  }

  private static String cannotBeMatched(
      LogRecord record, MatchRequest request, RuntimeException why) {
    String what =
        switch (request) {
          case Instruction instruction -> "Order " + instruction.orderId();
          case StateSet set -> "The state of " + set.market();
        };
    return "%s in record %d of %s-%d cannot be matched: %s"
        .formatted(what, record.position(), record.topic(), record.partition(), why);
  }
}
