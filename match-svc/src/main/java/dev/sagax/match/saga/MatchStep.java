package dev.sagax.match.saga;

import dev.sagax.match.BookedOrder;
import dev.sagax.match.LastTrade;
import dev.sagax.match.Matching;
import dev.sagax.match.store.PgBook;
import dev.sagax.match.store.PgTrades;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.platform.log.StepHandler;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.tracing.Underway;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The books of one partition, and the rows that outlive them. When the book throws on an
 * instruction, the books are loaded again as they were before the batch, and the batch is decided
 * anew without that instruction.
 */
final class MatchStep implements StepHandler {
  private static final Logger LOG = LoggerFactory.getLogger(MatchStep.class);

  /** A batch ends with the instruction that reaches this; what it commits is bounded. */
  private static final int ENOUGH_TRADES = 1_000;

  /** More failures in a batch are no matter of single orders; each costs a load of the books. */
  private static final int MOST_FAILURES = 20;

  private final int partition;
  private final Supplier<Matching> emptyBooks;
  private final PgBook book;
  private final PgTrades trades;
  private final FaultInjector faults;
  private Matching matching;

  /**
   * @param emptyBooks the markets of the partition with nothing resting
   */
  MatchStep(
      int partition,
      Supplier<Matching> emptyBooks,
      PgBook book,
      PgTrades trades,
      FaultInjector faults) {
    this.faults = faults;
    this.partition = partition;
    this.emptyBooks = emptyBooks;
    this.book = book;
    this.trades = trades;
    this.matching = emptyBooks.get();
  }

  @Override
  public Future<Void> load(SqlClient db) {
    matching = emptyBooks.get();
    return book.load(db, partition, this::restore)
        .compose(v -> trades.last(db, matching.markets()))
        .map(this::restoreLastTrades);
  }

  @Override
  public Future<Void> handle(List<LogRecord> records, StepWrites step) {
    return handle(records, Map.of(), step);
  }

  /**
   * @param failed records that the book threw on before, and how
   */
  private Future<Void> handle(
      List<LogRecord> records, Map<LogRecord, String> failed, StepWrites step) {
    try {
      decide(records, failed, step);
      return Future.succeededFuture();
    } catch (MatchFailedException e) {
      Underway.addTo(LOG.atError(), e.record().traceparent())
          .setCause(e)
          .log(
              "An order cannot be matched and is cancelled topic={} partition={} offset={}",
              e.record().topic(),
              partition,
              e.record().offset());
      if (failed.size() == MOST_FAILURES) {
        throw new PartitionStoppedException(
            "More than %d orders of one batch cannot be matched; the last one: %s"
                .formatted(MOST_FAILURES, e.getMessage()),
            e);
      }
      Map<LogRecord, String> more = new IdentityHashMap<>(failed);
      more.put(e.record(), e.getMessage());
      return loadAgain(step.db()).compose(v -> handle(records, more, step));
    }
  }

  /** The books of one moment, though they are read in pages; any failure ends the connection. */
  private Future<Void> loadAgain(SqlClient db) {
    return db.query("begin isolation level repeatable read read only")
        .execute()
        .compose(v -> load(db))
        .compose(v -> db.query("commit").execute())
        .mapEmpty();
  }

  private void decide(List<LogRecord> records, Map<LogRecord, String> failed, StepWrites step) {
    var requested = new MatchRequestedHandler(matching, faults);
    var cancels = new MatchCancelHandler(matching);
    DecidedBatch batch = new DecidedBatch();
    int handled = 0;
    while (handled < records.size() && batch.weight() < ENOUGH_TRADES) {
      LogRecord record = records.get(handled++);
      String error = failed.get(record);
      switch (record.topic()) {
        case MATCH_REQUESTED -> {
          if (error == null) {
            requested.handle(record, batch);
          } else {
            requested.giveUp(record, error, batch);
          }
        }
        case MATCH_CANCEL_REQUESTED -> cancels.handle(record, batch);
        default ->
            throw new PartitionStoppedException(
                "The match step does not read " + record.topic() + ".", null);
      }
    }
    if (handled < records.size()) {
      step.leave(records.size() - handled);
    }
    book.save(partition, matching.takeChanges(), step);
    batch.leave(trades, step);
    matching
        .takeLevelChanges()
        .forEach((market, levels) ->
            step.emit(Topic.BOOK_UPDATED, market, BookUpdateEvents.encode(market, levels)));
  }

  private void restore(List<BookedOrder> orders) {
    try {
      orders.forEach(matching::restore);
    } catch (RuntimeException e) {
      throw new PartitionStoppedException(
          "The books of partition %d cannot be loaded: %s".formatted(partition, e.getMessage()), e);
    }
  }

  private Void restoreLastTrades(Map<String, LastTrade> lastTrades) {
    lastTrades.forEach(matching::restoreLastTrade);
    return null;
  }
}
