package dev.sagax.settle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Consumer;

/** Reads stretches of the journal page by page, so that no reply is large. */
final class JournalReader {
  private static final int LINES = 1_000;

  private final AuditJournal journal;

  JournalReader(AuditJournal journal) {
    this.journal = journal;
  }

  /** Every line of a log in (after, to]; fails if {@code use} throws. */
  Future<Void> eachLine(FlowPartition log, long after, long to, Consumer<JournalLine> use) {
    Promise<Void> done = Promise.promise();
    if (to > after) {
      readOn(log, after, Integer.MAX_VALUE, to, use, done);
    } else {
      done.complete();
    }
    return done.future();
  }

  /** One promise for all pages: a chain of futures would grow with the log. */
  private void readOn(
      FlowPartition log,
      long after,
      int afterLeg,
      long to,
      Consumer<JournalLine> use,
      Promise<Void> done) {
    journal
        .lines(log, after, afterLeg, to, LINES)
        .map(lines -> {
          lines.forEach(use);
          return lines;
        })
        .onFailure(done::fail)
        .onSuccess(lines -> {
          if (lines.size() < LINES) {
            done.complete();
          } else {
            JournalLine last = lines.getLast();
            readOn(log, last.position(), last.leg(), to, use, done);
          }
        });
  }
}
