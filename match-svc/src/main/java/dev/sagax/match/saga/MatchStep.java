package dev.sagax.match.saga;

import dev.sagax.match.BookedOrder;
import dev.sagax.match.Matching;
import dev.sagax.match.Trade;
import dev.sagax.match.store.PgBook;
import dev.sagax.match.store.PgTrades;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.platform.log.StepHandler;
import dev.sagax.platform.log.StepWrites;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The books of one partition, and the rows that outlive them. */
final class MatchStep implements StepHandler {
  /** A batch ends with the instruction that reaches this; what it commits is bounded. */
  private static final int ENOUGH_TRADES = 1_000;

  private final int partition;
  private final Matching matching;
  private final PgBook book;
  private final PgTrades trades;
  private final MatchRequestedHandler requested;
  private final MatchCancelHandler cancels = new MatchCancelHandler();

  MatchStep(int partition, Matching matching, PgBook book, PgTrades trades) {
    this.partition = partition;
    this.matching = matching;
    this.book = book;
    this.trades = trades;
    this.requested = new MatchRequestedHandler(matching);
  }

  @Override
  public Future<Void> load(SqlClient snapshot) {
    return book.load(snapshot, partition)
        .map(this::restore)
        .compose(v -> trades.lastIds(snapshot, matching.markets()))
        .map(this::restoreLastTrades);
  }

  @Override
  public Future<Void> handle(List<LogRecord> records, StepWrites step) {
    List<Trade> traded = new ArrayList<>();
    int handled = 0;
    while (handled < records.size() && traded.size() < ENOUGH_TRADES) {
      traded.addAll(handle(records.get(handled++), step));
    }
    if (handled < records.size()) {
      step.leave(records.size() - handled);
    }
    book.save(partition, matching.takeChanges(), step);
    trades.insert(traded, step);
    return Future.succeededFuture();
  }

  private List<Trade> handle(LogRecord record, StepWrites step) {
    return switch (record.topic()) {
      case MATCH_REQUESTED -> requested.handle(record, step);
      case MATCH_CANCEL_REQUESTED -> cancels.handle(record);
      default ->
          throw new PartitionStoppedException(
              "The match step does not read " + record.topic() + ".", null);
    };
  }

  private Void restore(List<BookedOrder> orders) {
    try {
      orders.forEach(matching::restore);
      return null;
    } catch (RuntimeException e) {
      throw new PartitionStoppedException(
          "The books of partition %d cannot be loaded: %s".formatted(partition, e.getMessage()), e);
    }
  }

  private Void restoreLastTrades(Map<String, Long> lastIds) {
    lastIds.forEach(matching::restoreLastTrade);
    return null;
  }
}
