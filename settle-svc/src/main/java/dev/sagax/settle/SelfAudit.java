package dev.sagax.settle;

import dev.sagax.platform.rpc.Health;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit that runs by itself: a pass every few seconds while the ledger is open. A breach closes
 * the ledger to orders and says so in the log, in health and in the figures. Runs on the event loop
 * that starts it; the figures can be asked for from any thread.
 */
public final class SelfAudit {
  private static final Logger LOG = LoggerFactory.getLogger(SelfAudit.class);
  private static final String ALARM = "ledger-audit";
  private static final String REPLAY_ALARM = "ledger-replay";
  private static final int SECONDS_WHEN_OFF = 5;

  /** A store that does not answer must not end the audit for good. */
  private static final long LONGEST_SECONDS = 60;

  private static final long LATE_MICROS = TimeUnit.SECONDS.toMicros(60);
  private static final long WAIT_MILLIS = 2_000;

  /** PostgreSQL over a connection that is only half there would be waited for without an end. */
  private static final long LONGEST_PASS_MILLIS = 60_000;

  private final Vertx vertx;
  private final AuditPass pass;
  private final LedgerStates states;
  private final Health health;
  private final InstantSource clock;
  private final int seconds;
  private final long longestPassMillis;
  private volatile AuditFigures figures;
  private long warnedMicros;
  private long timer = -1;
  private boolean stopped;

  /**
   * @param auditor this replica, unlike any other
   * @param seconds between two passes; 0: it never audits, but still follows the ledger's state
   */
  public SelfAudit(
      Vertx vertx,
      AuditJournal journal,
      LedgerPages ledger,
      LedgerStates states,
      Health health,
      String auditor,
      int partitions,
      InstantSource clock,
      int seconds) {
    this(
        vertx,
        new AuditPass(vertx, journal, ledger, auditor, partitions, clock, WAIT_MILLIS),
        states,
        health,
        clock,
        seconds,
        LONGEST_PASS_MILLIS);
  }

  SelfAudit(
      Vertx vertx,
      AuditPass pass,
      LedgerStates states,
      Health health,
      InstantSource clock,
      int seconds,
      long longestPassMillis) {
    this.vertx = vertx;
    this.pass = pass;
    this.states = states;
    this.health = health;
    this.clock = clock;
    this.seconds = seconds;
    this.longestPassMillis = longestPassMillis;
    this.figures = new AuditFigures(LedgerMode.OPEN, LedgerGate.nowMicros(clock), 0, 0, 0, 0);
  }

  /** Begins; the first pass is due at once. */
  public void start() {
    tick();
  }

  public void stop() {
    stopped = true;
    vertx.cancelTimer(timer);
  }

  public AuditFigures figures() {
    return figures;
  }

  /** How long ago the ledger was last verified. */
  public double ageSeconds() {
    return (LedgerGate.nowMicros(clock) - figures.verifiedMicros()) / 1e6;
  }

  private void tick() {
    states
        .current()
        .timeout(longestPassMillis, TimeUnit.MILLISECONDS)
        .compose(this::audit)
        .timeout(LONGEST_SECONDS, TimeUnit.SECONDS)
        .onFailure(this::failed)
        .onComplete(done -> goOn(done.result()));
  }

  private void goOn(PassOutcome outcome) {
    if (stopped) {
      return;
    }
    if (outcome instanceof PassOutcome.Behind) {
      vertx.runOnContext(v -> tick());
    } else {
      long pause = seconds == 0 ? SECONDS_WHEN_OFF : seconds;
      timer = vertx.setTimer(TimeUnit.SECONDS.toMillis(pause), t -> tick());
    }
  }

  private Future<PassOutcome> audit(LedgerState state) {
    figures = figures.seen(state);
    health.alarm(ALARM, state.mode() == LedgerMode.CANCEL_ONLY, state.reason());
    health.alarm(REPLAY_ALARM, state.mode() == LedgerMode.REPLAYING, state.reason());
    return seconds == 0 || state.mode() != LedgerMode.OPEN ? Future.succeededFuture() : pass();
  }

  /**
   * One pass, and what follows from it. One that hangs fails; should it go on later, it does no
   * harm, since what it finds counts only while nobody has audited after it.
   */
  Future<PassOutcome> pass() {
    return pass.run().compose(this::judge).timeout(longestPassMillis, TimeUnit.MILLISECONDS);
  }

  private Future<PassOutcome> judge(PassOutcome outcome) {
    figures = figures.after(outcome, LedgerGate.nowMicros(clock));
    return switch (outcome) {
      case PassOutcome.NotMyTurn other -> Future.succeededFuture(outcome);
      case PassOutcome.Behind behind -> Future.succeededFuture(outcome);
      case PassOutcome.Verified right -> Future.succeededFuture(outcome);
      case PassOutcome.Inconclusive moving -> {
        late(moving.why());
        yield Future.succeededFuture(outcome);
      }
      case PassOutcome.Breach breach -> alarm(breach).map(outcome);
    };
  }

  private Future<Void> alarm(PassOutcome.Breach breach) {
    return states
        .cancelOnly(breach.epoch(), breach.pass(), breach.reason(), LedgerGate.nowMicros(clock))
        .map(closed -> {
          if (closed) {
            figures = figures.oneBreachMore();
            LOG.error(
                "The ledger's audit found a breach; orders can only be cancelled until an operator opens the ledger"
                    + " again epoch={} finding={}",
                breach.epoch(),
                breach.reason());
            health.alarm(ALARM, true, breach.reason());
          }
          return null;
        });
  }

  private void failed(Throwable failure) {
    late(failure.toString());
  }

  /** Said once a minute at most: while a store is away, others say so already. */
  private void late(String why) {
    long now = LedgerGate.nowMicros(clock);
    LOG.debug("A pass of the ledger's audit came to no end: {}", why);
    if (now - Math.max(figures.verifiedMicros(), warnedMicros) > LATE_MICROS) {
      warnedMicros = now;
      LOG.warn("The ledger was not audited for a minute and more: {}", why);
    }
  }
}
