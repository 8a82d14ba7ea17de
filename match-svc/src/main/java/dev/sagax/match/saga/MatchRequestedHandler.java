package dev.sagax.match.saga;

import dev.sagax.match.Instruction;
import dev.sagax.match.Matching;
import dev.sagax.match.Outcome;
import dev.sagax.match.Trade;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import java.util.List;

/** {@code match.requested}: applies the instruction to its book and asks to settle the outcome. */
final class MatchRequestedHandler {
  private final Matching matching;

  MatchRequestedHandler(Matching matching) {
    this.matching = matching;
  }

  /**
   * Emits one {@code settle.requested}, also when nothing came of the instruction.
   *
   * @return the trades
   * @throws PartitionStoppedException if the record cannot be read or matched: order-svc has
   *     recorded the order and its funds are held, so it must not be passed over
   */
  List<Trade> handle(LogRecord record, StepWrites step) {
    Instruction instruction = MatchEvents.decode(record);
    Outcome outcome = apply(record, instruction);
    step.emit(
        Topic.SETTLE_REQUESTED,
        instruction.market(),
        SettleEvents.encode(instruction, matching.market(instruction.market()), outcome));
    return switch (outcome) {
      case Outcome.Placed placed -> placed.trades();
      case Outcome.Cancelled cancelled -> List.of();
      case Outcome.NothingLeft nothing -> List.of();
    };
  }

  private Outcome apply(LogRecord record, Instruction instruction) {
    try {
      return matching.apply(instruction);
    } catch (RuntimeException e) {
      throw new PartitionStoppedException(
          "Order %s in record %d of %s-%d cannot be matched: %s"
              .formatted(
                  instruction.orderId(),
                  record.position(),
                  record.topic(),
                  record.partition(),
                  e.getMessage()),
          e);
    }
  }
}
