package dev.sagax.match.saga;

import dev.sagax.match.Instruction;
import dev.sagax.match.Matching;
import dev.sagax.match.Outcome;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.order.v1.OrderReason;

/** {@code match.requested}: applies the instruction to its book and asks to settle the outcome. */
final class MatchRequestedHandler {
  private final Matching matching;
  private final FaultInjector faults;

  MatchRequestedHandler(Matching matching, FaultInjector faults) {
    this.matching = matching;
    this.faults = faults;
  }

  /**
   * Emits one {@code settle.requested}, also when nothing came of the instruction.
   *
   * @throws PartitionStoppedException if the record cannot be read, or does not fit the
   *     configuration: order-svc has recorded the order and its funds are held, so it must not be
   *     passed over
   * @throws MatchFailedException if the book throws on it
   */
  void handle(LogRecord record, DecidedBatch batch) {
    Instruction instruction = decode(record);
    Outcome outcome = apply(record, instruction);
    settle(instruction, outcome, batch);
    if (outcome instanceof Outcome.Placed placed) {
      batch.traded(placed.trades());
    }
  }

  /**
   * An instruction that the book threw on before: a dead letter. An order that was to be placed is
   * cancelled and gets its funds back; an order that was to be cancelled stays as it is.
   */
  void giveUp(LogRecord record, String error, DecidedBatch batch) {
    Instruction instruction = decode(record);
    batch.deadLetter(record, instruction.orderId(), error);
    settle(instruction, Matching.giveUp(instruction), batch);
    switch (instruction) {
      case Instruction.Place place ->
          batch.emit(
              Topic.ORDER_CANCEL_REQUESTED,
              place.market(),
              CancelEvents.encode(
                  place.orderId(),
                  place.market(),
                  place.position(),
                  place.timeMicros(),
                  OrderReason.ORDER_REASON_MATCH_FAILED));
      case Instruction.Cancel cancel -> {}
    }
  }

  private void settle(Instruction instruction, Outcome outcome, DecidedBatch batch) {
    batch.emit(
        Topic.SETTLE_REQUESTED,
        instruction.market(),
        SettleEvents.encode(
            instruction.position(),
            instruction.timeMicros(),
            matching.market(instruction.market()),
            outcome));
  }

  private Instruction decode(LogRecord record) {
    Instruction instruction = MatchEvents.decode(record);
    try {
      matching.requireFits(instruction);
      return instruction;
    } catch (IllegalStateException e) {
      throw new PartitionStoppedException(cannotBeMatched(record, instruction, e), e);
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
      LogRecord record, Instruction instruction, RuntimeException why) {
    return "Order %s in record %d of %s-%d cannot be matched: %s"
        .formatted(
            instruction.orderId(), record.position(), record.topic(), record.partition(), why);
  }
}
