package dev.sagax.settle;

import static dev.sagax.settle.redis.RedisFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import dev.sagax.platform.rpc.Health;
import dev.sagax.settle.redis.RedisFixture;
import dev.sagax.settle.redis.RedisLedger;
import dev.sagax.settle.redis.RedisSite;
import dev.sagax.settle.store.PgAuditJournal;
import dev.sagax.settle.store.PgFrozenJournal;
import dev.sagax.settle.store.PgJournal;
import dev.sagax.settle.store.PgLedgerStates;
import dev.sagax.settle.store.PostgresFixture;
import io.vertx.redis.client.Command;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the audits cost, printed: the CPU time of this process, of Redis and of PostgreSQL. {@code
 * -Dsagax.audit.accounts=50000 -Dsagax.audit.entries=1000000 -Dsagax.audit.orders=7500} measures a
 * large ledger, in which so many orders were held and ended between two passes.
 */
class AuditCostTest {
  private static final int PARTITIONS = 4;
  private static final int ACCOUNTS = Integer.getInteger("sagax.audit.accounts", 1_000);
  private static final int ENTRIES = Integer.getInteger("sagax.audit.entries", 20_000);
  private static final int ORDERS = Integer.getInteger("sagax.audit.orders", 500);
  private static final int PASSES = 4;
  private static final long WAIT_MILLIS = 2_000;
  private static final long LONGEST_MILLIS = 60_000;

  private RedisFixture redis;
  private PostgresFixture postgres;
  private RedisLedger ledger;
  private PgJournal journal;

  @Test
  void passVerifiesWhatMovedAndTheFullAuditAllOfIt(@TempDir Path home) {
    redis = new RedisFixture(home);
    postgres = new PostgresFixture(redis.vertx, home);
    try {
      measure();
    } finally {
      postgres.close();
      redis.close();
    }
  }

  private void measure() {
    journal = new PgJournal(postgres.pool);
    ledger = redis.ledger(journal);
    await(ledger.open());
    long entries = postgres.fillJournal(ENTRIES, ACCOUNTS);
    rebuild();
    await(ledger.ping().otherwiseEmpty().compose(v -> ledger.open()));
    SelfAudit audit = audit();

    assertThat(timed("folding " + entries + " entries into the checkpoint", () -> caughtUp(audit)))
        .isInstanceOf(PassOutcome.Verified.class);
    for (int n = 1; n <= PASSES; n++) {
      assertThat(timed("pass " + n + " over nothing that moved", () -> await(audit.pass())))
          .isInstanceOf(PassOutcome.Verified.class);
    }
    for (int n = 1; n <= PASSES; n++) {
      trade(n);
      assertThat(timed("pass " + n + " over " + ORDERS + " orders", () -> await(audit.pass())))
          .isInstanceOf(PassOutcome.Verified.class);
    }
    for (int n = 1; n <= PASSES; n++) {
      assertThat(timed("full audit " + n, () -> await(full().run())).findings()).isEmpty();
    }
  }

  private static PassOutcome caughtUp(SelfAudit audit) {
    PassOutcome outcome = await(audit.pass());
    while (outcome instanceof PassOutcome.Behind) {
      outcome = await(audit.pass());
    }
    return outcome;
  }

  private SelfAudit audit() {
    AuditPass pass =
        new AuditPass(
            redis.vertx,
            new PgAuditJournal(postgres.pool),
            ledger,
            "this",
            PARTITIONS,
            InstantSource.system(),
            WAIT_MILLIS);
    Health health = (dependency, up, detail) -> {};
    return new SelfAudit(
        redis.vertx,
        pass,
        new PgLedgerStates(postgres.pool),
        health,
        InstantSource.system(),
        5,
        LONGEST_MILLIS);
  }

  private FullAudit full() {
    return new FullAudit(
        redis.vertx,
        journal,
        new PgAuditJournal(postgres.pool),
        ledger,
        PARTITIONS,
        InstantSource.system());
  }

  private void rebuild() {
    RedisSite site =
        await(RedisSite.connect(redis.vertx, redis.rebuildUri(), UUID.randomUUID().toString()));
    await(
        PgFrozenJournal.connect(redis.vertx, postgres.server.uri())
            .compose(frozen ->
                new LedgerRebuild(frozen, site, InstantSource.system(), stage -> {})
                    .run("test", false)
                    .eventually(frozen::close))
            .onComplete(done -> site.close()));
  }

  /** So many orders of as many accounts are held and released, by Redis and journal alike. */
  private void trade(int round) {
    for (int partition = 0; partition < PARTITIONS; partition++) {
      tradeIn(partition, round, ORDERS / PARTITIONS);
    }
  }

  private void tradeIn(int partition, int round, int orders) {
    long held = await(journal.holdPosition(partition)).position();
    long settled =
        await(journal.state()).positions().get(new FlowPartition(Flow.SETTLE, partition));
    List<Hold> holds = new ArrayList<>();
    List<Settlement> settlements = new ArrayList<>();
    for (int n = 1; n <= orders; n++) {
      String account = "account-" + (n * 7_919L + partition) % ACCOUNTS;
      String order = "%08x%08x%08x%08x".formatted(round, partition, n, 7);
      holds.add(new Hold(held + n, order, account, "KRW", 100, 100, 7));
      Leg leg = new Leg(order, account, "KRW", 0, "KRW", 0, 0, 0, 100, 0, 0);
      settlements.add(new Settlement(settled + n, 7, List.of(leg)));
    }
    long epoch = await(journal.holdPosition(partition)).epoch();
    Stretch stretch = new Stretch(partition, held, held + orders);
    await(journal.recordHolds(epoch, stretch, holds, await(ledger.hold(epoch, stretch, holds))));
    await(ledger.settle(new Stretch(partition, settled, settled + orders), settlements));
    sql(
        """
        insert into ledger.leg(position, partition, leg, order_id, pay, released, receive, fee,
          time_micros, account, pay_asset, receive_asset)
        select position - %1$d + %2$d, partition, 0, order_id, 0, 100, 0, 0, 7, account, 'KRW', 'KRW'
        from ledger.hold where partition = %3$d and position > %1$d;
        update ledger.hold set hold_left = 0, left_units = 0
        where partition = %3$d and position > %1$d;
        update ledger.step_input set position = %4$d
        where service = 'settle-svc' and topic = 'settle.requested' and partition = %3$d\
        """
            .formatted(held, settled, partition, settled + orders));
  }

  private void sql(String text) {
    await(postgres.pool.query(text).execute());
  }

  private <T> T timed(String what, Supplier<T> work) {
    Cpu before = cpu();
    long begin = System.nanoTime();
    T result = work.get();
    long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
    System.out.println(
        "%d accounts, %s: %d ms, %s".formatted(ACCOUNTS, what, millis, cpu().since(before)));
    return result;
  }

  /** CPU time so far, in ms. */
  private record Cpu(long process, long redis, long postgres) {
    String since(Cpu before) {
      return "CPU ms: this process %d, Redis %d, PostgreSQL %d"
          .formatted(process - before.process, redis - before.redis, postgres - before.postgres);
    }
  }

  private Cpu cpu() {
    var os = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    String info = redis.command(Command.INFO, "cpu").toString();
    double redisSeconds =
        info.lines()
            .filter(line -> line.startsWith("used_cpu_sys:") || line.startsWith("used_cpu_user:"))
            .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(':') + 1)))
            .sum();
    return new Cpu(
        Duration.ofNanos(os.getProcessCpuTime()).toMillis(),
        Math.round(redisSeconds * 1_000),
        backendsMillis());
  }

  /** Of the connections, which live as long as the test. */
  private long backendsMillis() {
    long millis = 0;
    for (var row :
        await(
            postgres
                .pool
                .query("select pid from pg_stat_activity where backend_type = 'client backend'")
                .execute())) {
      millis +=
          ProcessHandle.of(row.getInteger(0))
              .flatMap(process -> process.info().totalCpuDuration())
              .map(Duration::toMillis)
              .orElse(0L);
    }
    return millis;
  }
}
