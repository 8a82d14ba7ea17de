package dev.sagax.settle.redis;

import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.settle.FlowPartition;
import dev.sagax.settle.Journal;
import dev.sagax.settle.JournalState;
import dev.sagax.settle.LedgerRefusedException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
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
  private static final String REPAIR =
      "rebuild the ledger from the journal: ./sagax ledger rebuild";

  private final RedisSession redis;
  private final SoundAof aof;
  private final Journal journal;
  private final FaultInjector faults;

  LedgerOpening(Vertx vertx, RedisSession redis, Journal journal, FaultInjector faults) {
    this.faults = faults;
    this.redis = redis;
    this.aof = new SoundAof(vertx, redis);
    this.journal = journal;
  }

  /** The session, ready for scripts. */
  Future<RedisSession> open() {
    faults.pass(FaultPoint.SETTLE_LEDGER_BEFORE_OPEN, 1);
    return aof.demandDurability()
        .compose(v -> checkNotDirty())
        .compose(v -> makeAofSound())
        .compose(v -> compareWithJournal(this::beginFresh))
        .compose(v -> loadScripts())
        .map(v -> {
          faults.pass(FaultPoint.SETTLE_LEDGER_AFTER_OPEN, 1);
          return redis;
        });
  }

  /** The same questions, of somebody who only looks: nothing is written. */
  Future<Void> inspect() {
    return aof.demandDurability()
        .compose(v -> checkNotDirty())
        .compose(v -> compareWithJournal(this::requireNoJournal));
  }

  /**
   * The journal is read over this connection's life: a Redis that goes back in time afterwards
   * loses the connection. What the journal has by then the ledger must have now, since marks only
   * grow and are read later.
   */
  private Future<Void> compareWithJournal(Function<JournalState, Future<Void>> ifNone) {
    return journal
        .state()
        .compose(state -> agreeOnEpoch(state, ifNone).compose(v -> checkMarks(state)));
  }

  private Future<Void> checkNotDirty() {
    return redis
        .send(Command.GET, LedgerKeys.DIRTY)
        .compose(who ->
            who == null
                ? Future.succeededFuture()
                : refuse(
                    "A script of the ledger broke off midway (%s): %s.".formatted(who, REPAIR)));
  }

  /**
   * A script torn at the end of the AOF is dropped by one restart and executed by the next one, so
   * a restarted Redis writes its AOF anew before anything else is written.
   */
  private Future<Void> makeAofSound() {
    return aof.runId()
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
    return aof.rewrite()
        .compose(v -> {
          faults.pass(FaultPoint.SETTLE_LEDGER_AFTER_REWRITE, 1);
          return redis.send(Command.SET, LedgerKeys.RUN, runId);
        })
        .mapEmpty();
  }

  private Future<Void> agreeOnEpoch(
      JournalState state, Function<JournalState, Future<Void>> ifNone) {
    return redis
        .send(Command.GET, LedgerKeys.EPOCH)
        .compose(
            reply -> reply == null ? ifNone.apply(state) : agree(state.epoch(), reply.toString()));
  }

  private Future<Void> requireNoJournal(JournalState state) {
    return state.empty()
        ? Future.succeededFuture()
        : refuse(
            "Redis holds no ledger, but the journal in PostgreSQL is not empty: %s."
                .formatted(REPAIR));
  }

  private Future<Void> beginFresh(JournalState state) {
    return requireNoJournal(state).compose(v -> setFirstEpoch());
  }

  private Future<Void> setFirstEpoch() {
    return journal
        .beginEpoch(FIRST_EPOCH)
        .compose(
            epoch -> redis.send(Command.SET, LedgerKeys.EPOCH, epoch.toString(), "NX").map(epoch))
        .onSuccess(redis::epoch)
        .mapEmpty();
  }

  private Future<Void> agree(OptionalLong journaled, String epoch) {
    if (epoch.startsWith(LedgerKeys.REBUILDING)) {
      return refuse(
          "The ledger is being rebuilt; if nobody does any more, start again: ./sagax ledger rebuild.");
    }
    if (journaled.isEmpty() || !epoch.equals(Long.toString(journaled.getAsLong()))) {
      return refuse(
          "Redis holds a ledger of epoch %s, but PostgreSQL has the journal of %s: they do not belong together; connect those that do, or %s."
              .formatted(
                  epoch, journaled.isEmpty() ? "none" : "epoch " + journaled.getAsLong(), REPAIR));
    }
    redis.epoch(journaled.getAsLong());
    return Future.succeededFuture();
  }

  private Future<Void> checkMarks(JournalState state) {
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
                  "The ledger in Redis has applied %s up to position %d, but the journal has %d: the ledger went back in time; %s."
                      .formatted(log, mark, position, REPAIR));
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
