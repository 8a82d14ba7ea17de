package dev.sagax.match.saga;

import dev.sagax.match.Trade;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import java.util.List;

/** {@code match.cancel.requested}: compensation, settlement refused an outcome of this book. */
final class MatchCancelHandler {

  List<Trade> handle(LogRecord record) {
    throw new PartitionStoppedException(
        "Record %d of %s-%d asks to undo a match, but compensation is not built yet."
            .formatted(record.position(), record.topic(), record.partition()),
        null);
  }
}
