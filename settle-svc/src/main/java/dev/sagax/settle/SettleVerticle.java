package dev.sagax.settle;

import dev.sagax.platform.boot.Patience;
import dev.sagax.platform.boot.ServiceConfig;
import dev.sagax.platform.boot.ServicePlatform;
import dev.sagax.platform.boot.ServiceVerticle;
import dev.sagax.platform.metrics.Looks;
import dev.sagax.platform.metrics.Metrics;
import dev.sagax.settle.api.LedgerApi;
import dev.sagax.settle.api.SagaPartApi;
import dev.sagax.settle.redis.RedisLedger;
import dev.sagax.settle.saga.SagaLogEnds;
import dev.sagax.settle.saga.SettleSaga;
import dev.sagax.settle.store.LedgerSchema;
import dev.sagax.settle.store.PgAccountEntries;
import dev.sagax.settle.store.PgAuditJournal;
import dev.sagax.settle.store.PgHoldFigures;
import dev.sagax.settle.store.PgJournal;
import dev.sagax.settle.store.PgLedgerStates;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

/** settle-svc: the ledger, the only writer of balances. */
public final class SettleVerticle extends ServiceVerticle {
  private static final int HOLD_CONNECTIONS = 4;
  private static final int LIST_AND_AUDIT_CONNECTIONS = 2;
  private static final int SELF_AUDIT_CONNECTIONS = 2;
  private static final int FIGURES_CONNECTIONS = 1;
  private static final long PING_MILLIS = 2_000;
  private static final long REPLAY_MILLIS = 1_000;

  public SettleVerticle(ServiceConfig config) {
    super(PgJournal.STEP_SERVICE, config);
  }

  @Override
  protected Future<Void> assemble(ServicePlatform platform) {
    PgJournal journal = new PgJournal(platform.db());
    RedisLedger ledger =
        new RedisLedger(
            platform.vertx(),
            platform.config().redisUri(),
            journal,
            platform.health(),
            platform.faults());
    int partitions = platform.config().partitions();
    HoldDesk holds =
        new HoldDesk(ledger, new PgJournal(platform.ownDb(HOLD_CONNECTIONS)), platform.faults());
    Pool longReadsDb = platform.longReadsDb(LIST_AND_AUDIT_CONNECTIONS);
    PgJournal longReads = new PgJournal(longReadsDb);
    AuditDesk audits =
        new AuditDesk(
            new FullAudit(
                platform.vertx(),
                longReads,
                new PgAuditJournal(longReadsDb),
                ledger,
                partitions,
                InstantSource.system()));
    PgLedgerStates states = new PgLedgerStates(platform.db());
    LedgerGate gate = new LedgerGate(states, audits, InstantSource.system());
    new LedgerApi(
            partitions,
            holds,
            audits,
            ledger,
            journal,
            longReads,
            states,
            gate,
            new PgAccountEntries(platform.db(), partitions),
            new AccountCuts(
                platform.vertx(),
                journal,
                new PgAuditJournal(platform.db()),
                ledger,
                partitions,
                InstantSource.system()),
            InstantSource.system())
        .register(platform.edge());
    new SagaPartApi(platform.db()).register(platform.edge());
    LedgerReplay replay =
        new LedgerReplay(
            states, journal, new SagaLogEnds(platform), audits, InstantSource.system());
    return platform
        .migrate(new LedgerSchema())
        .compose(v -> open(platform.vertx(), ledger))
        .map(v -> {
          platform.vertx().setPeriodic(PING_MILLIS, timer -> ledger.ping());
          platform.vertx().setPeriodic(REPLAY_MILLIS, timer -> replay.look());
          lookAtHolds(platform, ledger);
          platform.runSaga(
              SettleSaga.definition(ledger, platform.markets(), platform.accountPartitions()));
          return null;
        })
        .compose(
            v -> platform.vertx().deployVerticle(new AuditVerticle(selfAudit(platform, ledger))))
        .mapEmpty();
  }

  private static void lookAtHolds(ServicePlatform platform, RedisLedger ledger) {
    int partitions = platform.config().partitions();
    AtomicReference<Double> open = new AtomicReference<>(Double.NaN); // not counted yet
    PgHoldFigures figures =
        new PgHoldFigures(
            platform.longReadsDb(FIGURES_CONNECTIONS), partitions, platform.metrics());
    platform
        .metrics()
        .gauge(
            "sagax_holds_open",
            "Open holds in the ledger, of orders and of withdrawals; each replica counts them all.",
            open::get);
    Looks.start(platform.vertx(), platform.metrics(), "ages of holds", figures::look);
    Looks.start(
        platform.vertx(),
        platform.metrics(),
        "holds",
        () ->
            ledger
                .countHolds(partitions)
                .onSuccess(counts -> open.set(counts.stream().mapToDouble(Long::doubleValue).sum()))
                .mapEmpty());
  }

  private static SelfAudit selfAudit(ServicePlatform platform, RedisLedger ledger) {
    Pool db = platform.impatientDb(SELF_AUDIT_CONNECTIONS);
    SelfAudit audit =
        new SelfAudit(
            platform.vertx(),
            new PgAuditJournal(db),
            ledger,
            new PgLedgerStates(db),
            platform.health(),
            UUID.randomUUID().toString(),
            platform.config().partitions(),
            InstantSource.system(),
            platform.config().auditSeconds());
    measure(platform.metrics(), audit);
    return audit;
  }

  private static void measure(Metrics metrics, SelfAudit audit) {
    metrics
        .gauge(
            "sagax_ledger_audit_ok",
            "1 while the ledger's audit has found no breach.",
            () -> audit.figures().mode() == LedgerMode.CANCEL_ONLY ? 0 : 1)
        .gauge(
            "sagax_ledger_audit_age_seconds",
            "Since when the ledger was last verified, or this process started.",
            audit::ageSeconds)
        .counter(
            "sagax_ledger_audit_accounts_total",
            "Accounts that this replica has compared, each time counted.",
            () -> audit.figures().accounts())
        .counter(
            "sagax_ledger_audit_passes_total",
            "Passes of the audit by this replica; only one replica audits at a time.",
            () -> audit.figures().passes())
        .counter(
            "sagax_ledger_audit_breaches_total",
            "Breaches that this replica has found.",
            () -> audit.figures().breaches());
    for (LedgerMode mode : LedgerMode.values()) {
      metrics.gauge(
          "sagax_ledger_state",
          "1 for the state that the ledger is in.",
          () -> audit.figures().mode() == mode ? 1 : 0,
          "state",
          mode.name());
    }
  }

  /**
   * A ledger that is away is waited for. One that needs a person does not keep the service from
   * starting: it is not ready, says what to do, and looks again with every ping.
   */
  private static Future<Void> open(Vertx vertx, RedisLedger ledger) {
    return Patience.until(
            vertx,
            "The ledger",
            failure -> !(failure instanceof LedgerRefusedException),
            ledger::open)
        .recover(failure ->
            failure instanceof LedgerRefusedException
                ? Future.succeededFuture()
                : Future.failedFuture(failure));
  }
}
