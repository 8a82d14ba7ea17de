package dev.sagax.match.saga;

import dev.sagax.match.Matching;
import dev.sagax.match.Outcome;
import dev.sagax.match.Release;
import dev.sagax.match.Release.Ending;
import dev.sagax.match.Reversal;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.order.v1.OrderReason;

/**
 * {@code match.cancel.requested}: compensation, the ledger refused an outcome of this book. Undoes
 * it, asks the ledger to release what it took, and tells order-svc which orders end.
 */
final class MatchCancelHandler {
  private final Matching matching;

  MatchCancelHandler(Matching matching) {
    this.matching = matching;
  }

  /**
   * @throws PartitionStoppedException if the record cannot be read or undone
   */
  void handle(LogRecord record, DecidedBatch batch) {
    Reversal reversal = CancelEvents.decode(record);
    Outcome.Undone undone = undo(record, reversal);
    batch.undone(reversal.market(), undone.tradeIds());
    batch.emit(
        record,
        Topic.SETTLE_REQUESTED,
        reversal.market(),
        SettleEvents.encode(
            reversal.position(),
            reversal.timeMicros(),
            matching.market(reversal.market()),
            undone));
    undone.releases().stream()
        .filter(release -> release.ending() instanceof Ending.SettlementFailed)
        .map(Release::order)
        .filter(order -> !matching.rests(order))
        .forEach(order ->
            batch.emit(
                record,
                Topic.ORDER_CANCEL_REQUESTED,
                reversal.market(),
                CancelEvents.encode(
                    order.orderId(),
                    reversal.market(),
                    reversal.position(),
                    reversal.timeMicros(),
                    OrderReason.ORDER_REASON_SETTLEMENT_FAILED)));
  }

  private Outcome.Undone undo(LogRecord record, Reversal reversal) {
    try {
      return matching.undo(reversal);
    } catch (RuntimeException e) {
      throw new PartitionStoppedException(
          "Record %d of %s-%d cannot be undone: %s"
              .formatted(record.position(), record.topic(), record.partition(), e.getMessage()),
          e);
    }
  }
}
