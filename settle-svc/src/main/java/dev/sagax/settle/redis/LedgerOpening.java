package dev.sagax.settle.redis;

import dev.sagax.platform.boot.Patience;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.settle.FlowPartition;
import dev.sagax.settle.Journal;
import dev.sagax.settle.JournalState;
import dev.sagax.settle.LedgerRefusedException;
import dev.sagax.settle.LedgerUnavailableException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must be true before the first command of a connection: Redis keeps every write, its AOF has
 * no torn end that a later restart would execute, and ledger and journal belong together.
 *
 * <p>Fails with {@link LedgerRefusedException} if only a person can help.
 */
final class LedgerOpening {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerOpening.class);
  private static final long FIRST_EPOCH = 1;
  private static final long POLL_MILLIS = 20;

  private final Vertx vertx;
  private final RedisSession redis;
  private final Journal journal;
  private final JournalState state;
  private final FaultInjector faults;

  /**
   * @param state of the journal, read before the connection was made: marks only grow, so what the
   *     journal has by then the ledger must have now
   */
  LedgerOpening(
      Vertx vertx, RedisSession redis, Journal journal, JournalState state, FaultInjector faults) {
    this.faults = faults;
    this.vertx = vertx;
    this.redis = redis;
    this.journal = journal;
    this.state = state;
  }

  /** The session, ready for scripts. */
  Future<RedisSession> open() {
    faults.pass(FaultPoint.SETTLE_LEDGER_BEFORE_OPEN, 1);
    return checkDurability()
        .compose(v -> checkNotDirty())
        .compose(v -> makeAofSound())
        .compose(v -> agreeOnEpoch())
        .compose(v -> checkMarks())
        .compose(v -> loadScripts())
        .map(v -> {
          faults.pass(FaultPoint.SETTLE_LEDGER_AFTER_OPEN, 1);
          return redis;
        });
  }

  private Future<Void> checkDurability() {
    return new RedisSettings(redis)
        .doubtful()
        .compose(doubts -> doubts.isEmpty() ? Future.succeededFuture() : refuse(doubts.getFirst()));
  }

  private Future<Void> checkNotDirty() {
    return redis
        .send(Command.GET, LedgerKeys.DIRTY)
        .compose(who ->
            who == null
                ? Future.succeededFuture()
                : refuse(
                    "A script of the ledger broke off midway (%s): rebuild the ledger from the journal."
                        .formatted(who)));
  }

  /**
   * A script torn at the end of the AOF is dropped by one restart and executed by the next one, so
   * a restarted Redis writes its AOF anew before anything else is written.
   */
  private Future<Void> makeAofSound() {
    return info("server")
        .map(info -> info.get("run_id"))
        .compose(runId ->
            redis
                .send(Command.GET, LedgerKeys.RUN)
                .compose(known ->
                    known != null && known.toString().equals(runId)
                        ? Future.succeededFuture()
                        : rewriteAof(runId)));
  }

  private Future<Void> rewriteAof(String runId) {
    faults.pass(FaultPoint.SETTLE_LEDGER_BEFORE_REWRITE, 1);
    LOG.info("Redis has been started; its AOF is rewritten before the first write runId={}", runId);
    return redis
        .send(Command.BGREWRITEAOF)
        .otherwise(alreadyRunning -> null)
        .compose(v -> awaitRewrite())
        .compose(v -> {
          faults.pass(FaultPoint.SETTLE_LEDGER_AFTER_REWRITE, 1);
          return redis.send(Command.SET, LedgerKeys.RUN, runId);
        })
        .mapEmpty();
  }

  private Future<Void> awaitRewrite() {
    return Patience.poll(vertx, POLL_MILLIS, () -> info("persistence"), LedgerOpening::rewriteEnded)
        .compose(info ->
            info.get("aof_last_bgrewrite_status").equals("ok")
                ? Future.succeededFuture()
                : Future.failedFuture(
                    new LedgerUnavailableException("Redis could not rewrite its AOF.")));
  }

  private static boolean rewriteEnded(Map<String, String> info) {
    return info.get("aof_rewrite_in_progress").equals("0")
        && info.get("aof_rewrite_scheduled").equals("0");
  }

  private Future<Map<String, String>> info(String section) {
    return redis
        .send(Command.INFO, section)
        .map(reply ->
            reply
                .toString()
                .lines()
                .filter(line -> line.contains(":"))
                .map(line -> line.split(":", 2))
                .collect(
                    java.util.stream.Collectors.toMap(
                        pair -> pair[0], pair -> pair[1].strip(), (a, b) -> b)));
  }

  private Future<Void> agreeOnEpoch() {
    return redis
        .send(Command.GET, LedgerKeys.EPOCH)
        .compose(reply ->
            reply == null ? beginFresh() : agree(state.epoch(), Long.parseLong(reply.toString())));
  }

  private Future<Void> beginFresh() {
    if (!state.empty()) {
      return refuse(
          "Redis holds no ledger, but the journal in PostgreSQL is not empty: rebuild the ledger from the journal.");
    }
    return journal
        .beginEpoch(FIRST_EPOCH)
        .compose(
            epoch -> redis.send(Command.SET, LedgerKeys.EPOCH, epoch.toString(), "NX").map(epoch))
        .onSuccess(redis::epoch)
        .mapEmpty();
  }

  private Future<Void> agree(OptionalLong journaled, long epoch) {
    if (journaled.isEmpty() || journaled.getAsLong() != epoch) {
      return refuse(
          "Redis holds a ledger of epoch %d, but PostgreSQL has the journal of %s: they do not belong together."
              .formatted(epoch, journaled.isEmpty() ? "none" : "epoch " + journaled.getAsLong()));
    }
    redis.epoch(epoch);
    return Future.succeededFuture();
  }

  private Future<Void> checkMarks() {
    List<Future<Void>> checks = new ArrayList<>();
    state.positions().forEach((log, position) -> checks.add(checkMark(log, position)));
    return Future.all(checks).mapEmpty();
  }

  private Future<Void> checkMark(FlowPartition log, long position) {
    return redis
        .send(Command.HGET, LedgerKeys.log(log), LedgerKeys.MARK)
        .compose(reply -> {
          long mark = reply == null ? log.flow().beforeFirst : reply.toLong();
          return mark >= position
              ? Future.succeededFuture()
              : refuse(
                  "The ledger in Redis has applied %s up to position %d, but the journal has %d: the ledger went back in time; rebuild it from the journal."
                      .formatted(log, mark, position));
        });
  }

  private Future<Void> loadScripts() {
    List<Future<Response>> loads = new ArrayList<>();
    for (LedgerScript script : LedgerScript.values()) {
      loads.add(redis.send(Command.SCRIPT, "LOAD", script.text));
    }
    return Future.all(loads).mapEmpty();
  }

  private static <T> Future<T> refuse(String sentence) {
    return Future.failedFuture(new LedgerRefusedException(sentence));
  }
}
