package dev.sagax.settle;

import static dev.sagax.settle.redis.RedisFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.local.e2e.Eventually;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.rpc.Health;
import dev.sagax.settle.redis.RedisFixture;
import dev.sagax.settle.redis.RedisLedger;
import dev.sagax.settle.store.PgAuditJournal;
import dev.sagax.settle.store.PgJournal;
import dev.sagax.settle.store.PgLedgerStates;
import dev.sagax.settle.store.PostgresFixture;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The audit that runs by itself, on a real Redis and a real PostgreSQL. */
class SelfAuditTest {
  private static final int PARTITIONS = 2;
  private static final long WAIT_MILLIS = 200;
  private static final String DROP_CONNECTIONS =
      """
      select pg_terminate_backend(pid) from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid()\
      """;
  private static final long LONGEST_PASS_MILLIS = 30_000;
  private static final String ALICE = "{ledger}:acct:alice";
  private static RedisFixture redis;
  private static PostgresFixture postgres;

  private RedisLedger ledger;
  private PgJournal journal;
  private PgLedgerStates states;
  private SelfAudit audit;
  private final Map<String, String> alarms = new ConcurrentHashMap<>();

  /** Ahead of the time; by so much more with each look at the clock. */
  private final AtomicLong aheadMillis = new AtomicLong();

  private volatile long hurryMillis;
  private final long[] transferred = new long[PARTITIONS];
  private long held;
  private long settled;

  @BeforeAll
  static void start(@TempDir Path home) {
    redis = new RedisFixture(home);
    postgres = new PostgresFixture(redis.vertx, home);
  }

  @AfterAll
  static void stop() {
    postgres.close();
    redis.close();
  }

  @BeforeEach
  void openLedger() {
    redis.empty();
    postgres.wipe();
    Arrays.fill(transferred, Flow.TRANSFER.beforeFirst);
    held = Flow.HOLD.beforeFirst;
    settled = Flow.SETTLE.beforeFirst;
    journal = new PgJournal(postgres.pool);
    ledger = redis.ledger(journal);
    await(ledger.open());
    states = new PgLedgerStates(postgres.pool);
    audit = auditOf("this", ledger);
  }

  private SelfAudit auditOf(String auditor, LedgerPages pages) {
    return auditOf(auditor, pages, LONGEST_PASS_MILLIS);
  }

  private SelfAudit auditOf(String auditor, LedgerPages pages, long longestPassMillis) {
    Health health =
        new Health() {
          @Override
          public void report(String dependency, boolean up, String detail) {
            throw new AssertionError("The audit must not end the readiness.");
          }

          @Override
          public void alarm(String name, boolean sounds, String detail) {
            alarms.put(name, sounds ? detail : "");
          }
        };
    InstantSource clock = () -> Instant.now().plusMillis(aheadMillis.addAndGet(hurryMillis));
    AuditPass pass =
        new AuditPass(
            redis.vertx,
            new PgAuditJournal(postgres.pool),
            pages,
            auditor,
            PARTITIONS,
            clock,
            WAIT_MILLIS);
    return new SelfAudit(redis.vertx, pass, states, health, clock, 5, longestPassMillis);
  }

  @Test
  void everyPassVerifiesWhatHasMoved() {
    someTrading();

    assertThat(pass()).isEqualTo(new PassOutcome.Verified(2, 2));

    hold("o3", "alice", 100);
    assertThat(pass()).isEqualTo(new PassOutcome.Verified(2, 3));
    assertThat(await(states.current()).verifiedMicros()).isPositive();
    assertThat(await(states.current()).mode()).isEqualTo(LedgerMode.OPEN);
    assertThat(audit.figures().accounts()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"KRW:a", "KRW:h", "BTC:a"})
  void oneUnitTooManyIsFound(String field) {
    someTrading();
    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);

    redis.command(Command.HINCRBY, ALICE, field, "1");

    assertBreach("Account alice has");
  }

  @Test
  void accountThatTheJournalDoesNotKnowIsFound() {
    someTrading();
    redis.command(Command.HSET, "{ledger}:acct:mallory", "KRW:a", "1");

    assertBreach("Account mallory has 1 KRW available and 0 held in the ledger, but 0 and 0");
  }

  @Test
  void holdThatIsGoneIsFoundByTheNumberOfHolds() {
    someTrading();
    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);

    redis.command(Command.HDEL, "{ledger}:hold:0", id("o2"), id("o2") + ":l");

    assertBreach("Partition 0 has 1 open holds in the ledger, but 2 by the journal");
  }

  /**
   * As in a roll to more partitions: a hold of a new one is in the balance, but not in its view.
   */
  @Test
  void processThatDoesNotKnowAllPartitionsGivesNoVerdict() {
    someTrading();
    redis.command(Command.HINCRBY, ALICE, "KRW:a", "-5");
    redis.command(Command.HINCRBY, ALICE, "KRW:h", "5");
    sql(
        "insert into ledger.never_shrinks values ('number of partitions', %d)"
            .formatted(PARTITIONS + 1));
    try {
      assertThatThrownBy(this::pass)
          .hasStackTraceContaining(
              "The exchange has %d partitions, of which this process knows %d only"
                  .formatted(PARTITIONS + 1, PARTITIONS));
      assertThat(await(states.current()).mode()).isEqualTo(LedgerMode.OPEN);
    } finally {
      sql("delete from ledger.never_shrinks");
    }
    assertBreach("Account alice has");
  }

  @Test
  void withdrawalsAreVerifiedWhileTheyAreHeldAndWhenTheyHaveEnded() {
    someTrading();
    withdraw("w1", "alice", 40);
    withdraw("w2", "bob", 50);
    assertThat(pass()).isEqualTo(new PassOutcome.Verified(2, 4));

    end("w1", "alice", 40, WithdrawalEnd.Ending.CONFIRMED);
    end("w2", "bob", 50, WithdrawalEnd.Ending.RETURNED);
    withdraw("w3", "bob", 60);

    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);
    redis.command(Command.HDEL, "{ledger}:hold:0", id("w3"), id("w3") + ":l");
    assertBreach("Partition 0 has 2 open holds in the ledger, but 3 by the journal");
  }

  private void withdraw(String name, String account, long amount) {
    long position = ++transferred[0];
    Transfer withdrawal =
        new Transfer(
            position,
            id(name),
            Transfer.Direction.HELD_WITHDRAWAL,
            account,
            name,
            "KRW",
            amount,
            7);
    await(ledger.transfer(new Stretch(0, position - 1, position), List.of(withdrawal)));
    sql(
        """
        insert into ledger.transfer(transfer_id, partition, position, account, request_id, direction,
          asset, amount, time_micros, verdict)
        values ('%s', 0, %d, '%s', '%s', 3, 'KRW', %d, 7, 1)\
        """
            .formatted(uuid(id(name)), position, account, name, amount));
    await(
        postgres.pool.preparedQuery(POSITION).execute(Tuple.of("transfer.requested", position, 0)));
  }

  private void end(String name, String account, long amount, WithdrawalEnd.Ending ending) {
    long position = ++transferred[0];
    WithdrawalEnd end =
        new WithdrawalEnd(position, id(name), ending, account, "KRW", amount, "operator", "", 7);
    await(ledger.transfer(new Stretch(0, position - 1, position), List.of(end)));
    sql(
        """
        insert into ledger.withdrawal_end(transfer_id, partition, position, account, asset, amount,
          ending, operator, reason, time_micros)
        values ('%s', 0, %d, '%s', 'KRW', %d, %d, 'operator', '', 7)\
        """
            .formatted(uuid(id(name)), position, account, amount, ending.code));
    await(
        postgres.pool.preparedQuery(POSITION).execute(Tuple.of("transfer.requested", position, 0)));
  }

  @Test
  void holdOfAnotherAmountIsFound() {
    someTrading();
    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);

    redis.command(Command.HINCRBY, "{ledger}:hold:0", id("o2"), "-1");

    assertBreach("The hold of order " + id("o2") + " is 199 units in the ledger, but 200");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{ledger}:supply", "{ledger}:fees"})
  void supplyAndFeesAreCompared(String key) {
    someTrading();
    redis.command(Command.HINCRBY, key, "KRW", "1");

    assertBreach("KRW has a supply of");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update ledger.hold set amount = amount + 1 where position = 1",
        "update ledger.leg set account = 'mallory'",
        "delete from ledger.leg",
        "update ledger.transfer set time_micros = 1 where position = 0",
        "delete from ledger.transfer where position = 1"
      })
  void journalThatWasChangedAfterItWasFoldedIsFound(String change) {
    someTrading();
    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);

    sql(change);

    assertBreach("is not what it was between positions");
  }

  @Test
  void entriesThatDoNotSumToZeroAreFound() {
    someTrading();
    sql("update ledger.leg set fee = fee + 1");

    assertBreach("The journal's entries at settle:0 position 1 sum to 1 KRW, not to zero");
  }

  @Test
  void redisThatMayLoseWritesIsNoticedWhileItRuns() {
    someTrading();
    redis.command(Command.CONFIG, "SET", "appendfsync", "everysec");
    try {
      assertBreach("Redis runs with appendfsync everysec, but the ledger needs appendfsync always");
    } finally {
      redis.command(Command.CONFIG, "SET", "appendfsync", "always");
    }
  }

  @Test
  void workThatIsNotJournaledYetIsNoBreach() {
    someTrading();
    Transfer deposit = deposit(0, "alice", 77);
    await(apply(0, deposit));

    assertThat(pass()).isInstanceOf(PassOutcome.Inconclusive.class);
    assertThat(await(states.current()).mode()).isEqualTo(LedgerMode.OPEN);

    await(journalLater(0, deposit));
    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);
  }

  @Test
  void workThatIsNeverJournaledIsABreach() {
    someTrading();
    await(apply(0, deposit(0, "alice", 77)));
    hurryMillis = 3_000;

    for (int passes = 0; passes < 31; passes++) {
      assertThat(pass()).isInstanceOf(PassOutcome.Inconclusive.class);
    }

    assertBreach("Partition 0 of the flow transfer stands still");
  }

  @ParameterizedTest
  @ValueSource(strings = {ALICE, "{ledger}:hold:0", "{ledger}:supply"})
  void valueThatIsNoNumberIsABreach(String key) {
    someTrading();
    redis.command(Command.HSET, key, "KRW:a", "many");

    assertBreach("The ledger has a value that is no number of units");
  }

  @Test
  void keyOfTheWrongKindIsABreach() {
    someTrading();
    redis.command(Command.DEL, ALICE);
    redis.command(Command.SET, ALICE, "10000");

    assertBreach("The ledger has a key of the wrong kind");
  }

  @Test
  void whatIsLeftOfAnOrderIsCompared() {
    someTrading();
    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);

    redis.command(Command.HINCRBY, "{ledger}:hold:0", id("o2") + ":l", "1");

    assertBreach("Of order " + id("o2") + " 201 units can still be filled by the ledger, but 200");
  }

  /** It moves no units, so only what can still be filled tells of it. */
  @Test
  void orderThatIsReducedAfterItsPageWasReadIsNoBreach() {
    someTrading();
    audit = auditOf("this", new Interrupted(Future::succeededFuture, () -> reduce("o2", 50)));

    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);
    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);
    assertNothingWasSaid();
  }

  @Test
  void whatMovesWhileItIsReadIsNoBreach() {
    List<PassOutcome> outcomes = new ArrayList<>();
    Future<?> moving = Future.succeededFuture();
    for (int i = 0; i < 200; i++) {
      int number = i;
      moving = moving.compose(v -> moveOn(number));
    }

    while (!moving.isComplete()) {
      outcomes.add(pass());
    }

    await(moving);
    outcomes.add(pass());
    assertThat(outcomes)
        .allMatch(o -> o instanceof PassOutcome.Verified || o instanceof PassOutcome.Inconclusive);
    assertThat(outcomes).filteredOn(o -> o instanceof PassOutcome.Verified).hasSizeGreaterThan(3);
  }

  /**
   * A deposit, in either partition, and a hold of the same account, journaled a little after they
   * are applied.
   */
  private Future<?> moveOn(int number) {
    int partition = number % PARTITIONS;
    Transfer deposit = deposit(partition, "trader" + number % 7, 1_000);
    Hold hold =
        new Hold(++held, id("moving" + number), "trader" + number % 7, "KRW", 600, 1, number);
    Stretch holds = new Stretch(0, held - 1, held);
    return apply(partition, deposit)
        .compose(v -> journalLater(partition, deposit))
        .compose(v -> journal.holdPosition(0))
        .compose(from ->
            ledger
                .hold(from.epoch(), holds, List.of(hold))
                .compose(verdicts ->
                    redis
                        .vertx
                        .timer(1)
                        .compose(v ->
                            journal.recordHolds(from.epoch(), holds, List.of(hold), verdicts))));
  }

  @Test
  void healthSaysThatHoldsWaitForTheReplay() {
    sql("update ledger.epoch set state = 'REPLAYING', reason = 'It was rebuilt.'");
    begin();
    Eventually.passes(() -> assertThat(alarms).containsEntry("ledger-replay", "It was rebuilt."));
    assertThat(alarms).containsEntry("ledger-audit", "");

    sql("update ledger.epoch set state = 'OPEN', reason = ''");
    begin();
    Eventually.passes(() -> assertThat(alarms).containsEntry("ledger-replay", ""));
  }

  /** The audit looks at the ledger's state at once when it begins, and not again in this test. */
  private void begin() {
    SelfAudit one = auditOf("this", ledger);
    one.start();
    one.stop();
  }

  @Test
  void anotherReplicaLooksOnWhileOneAudits() {
    someTrading();
    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);

    assertThat(await(another().pass())).isEqualTo(new PassOutcome.NotMyTurn());

    await(leaveTurn());
    assertThat(await(another().pass())).isInstanceOf(PassOutcome.Verified.class);
    assertThat(pass()).isEqualTo(new PassOutcome.NotMyTurn());
  }

  @Test
  void inAnotherEpochItBeginsAnew() {
    someTrading();
    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);

    sql("update ledger.checkpoint set available = available + 1");
    sql("update ledger.epoch set epoch = 2");
    assertThat(pass()).isInstanceOf(PassOutcome.Inconclusive.class);
    redis.command(Command.SET, "{ledger}:epoch", "2");

    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);
  }

  @Test
  void breachDoesNotCountIfTheLedgerWasRebuiltMeanwhile() {
    someTrading();
    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);
    long epoch = await(states.current()).epoch();

    assertThat(await(states.cancelOnly(epoch + 1, 1, "a breach", 1))).isFalse();
    assertThat(await(states.cancelOnly(epoch, 1, "a breach in an old pass", 1))).isFalse();
    assertThat(await(states.current()).mode()).isEqualTo(LedgerMode.OPEN);
  }

  @Test
  void ledgerIsOpenedAgainOnlyWhenNothingIsWrong() {
    someTrading();
    redis.command(Command.HINCRBY, ALICE, "KRW:a", "1");
    assertBreach("Account alice");
    LedgerGate gate =
        new LedgerGate(
            states,
            new AuditDesk(
                new FullAudit(
                    redis.vertx,
                    journal,
                    new PgAuditJournal(postgres.pool),
                    ledger,
                    PARTITIONS,
                    InstantSource.system())),
            InstantSource.system());

    assertThatThrownBy(() -> await(gate.open("operator")))
        .hasMessageContaining("LEDGER_NOT_CONSERVED")
        .hasMessageContaining("stays CANCEL_ONLY: Account alice has");
    redis.command(Command.HINCRBY, ALICE, "KRW:a", "-1");

    assertThat(await(gate.open("operator")).mode()).isEqualTo(LedgerMode.OPEN);
    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);
  }

  /** Log after log, the sum of holds passes what a long counts; at no moment was it ever so. */
  @Test
  void largeAmountThatIsHeldAndReleasedAgainAndAgainIsNoBreach() {
    long most = 1L << 62;
    transfer("whale", most);
    for (int n = 0; n < 4; n++) {
      hold("large" + n, "whale", most);
      release("large" + n, "whale", most);
    }

    assertThat(pass()).isEqualTo(new PassOutcome.Verified(1, 4));
    hold("larger", "whale", most);
    assertThat(pass()).isEqualTo(new PassOutcome.Verified(1, 1));
  }

  @Test
  void amountThatIsNoNumberIsFound() {
    someTrading();
    redis.command(Command.HSET, ALICE, "KRW:a", "much");

    assertBreach("no number of units");
  }

  @Test
  void rebuildInTheMiddleOfAPassIsNoBreach() {
    someTrading();
    audit =
        auditOf(
            "this",
            new Interrupted(
                () -> {
                  Transfer unjournaled = deposit(0, "alice", 77);
                  return apply(0, unjournaled);
                },
                () -> rebuiltWithout77()));

    pass();

    assertNothingWasSaid();
    assertThat(await(states.current()).epoch()).isEqualTo(2);
    assertThat(await(states.current()).verifiedMicros()).isZero();
    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);
  }

  /** Of what the old ledger applied, the new one refuses a deposit, and the log goes on. */
  private Future<?> rebuiltWithout77() {
    Transfer instead = deposit(0, "bob", 5);
    long position = transferred[0];
    return sqlLater("update ledger.epoch set epoch = 2")
        .compose(v ->
            redis.vertx.executeBlocking(() -> {
              redis.command(Command.HINCRBY, ALICE, "KRW:a", "-77");
              redis.command(Command.HINCRBY, "{ledger}:supply", "KRW", "-77");
              redis.command(Command.HSET, "{ledger}:log:transfer:0", "mark", "" + (position - 2));
              redis.command(Command.SET, "{ledger}:epoch", "2");
              return null;
            }))
        .compose(v -> ledger.ping().otherwiseEmpty())
        .compose(v -> ledger.transfer(new Stretch(0, position - 2, position), List.of(instead)))
        .compose(v -> journalLater(0, instead));
  }

  @Test
  void otherReplicaThatAuditsMeanwhileMakesNoBreach() {
    someTrading();
    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);
    audit =
        auditOf(
            "this",
            new Interrupted(
                () -> Future.succeededFuture(),
                () -> {
                  Transfer deposit = deposit(1, "alice", 77);
                  return apply(1, deposit)
                      .compose(v -> journalLater(1, deposit))
                      .compose(v -> leaveTurn())
                      .compose(v -> another().pass());
                }));

    sql("update ledger.audit set verified_micros = 1");
    assertThat(pass()).isNotInstanceOf(PassOutcome.Verified.class);

    assertNothingWasSaid();
  }

  @Test
  void redisThatDiesInTheMiddleOfAPassIsNoBreach() {
    someTrading();
    audit =
        auditOf(
            "this",
            new Interrupted(
                () ->
                    redis.vertx.executeBlocking(() -> {
                      redis.server.kill();
                      return null;
                    }),
                Future::succeededFuture));

    assertThatThrownBy(this::pass).isInstanceOf(LedgerUnavailableException.class);
    assertNothingWasSaid();

    redis.server.start();
    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);
  }

  @Test
  void postgresThatDropsItsConnectionsInTheMiddleOfAPassIsNoBreach() {
    someTrading();
    audit =
        auditOf(
            "this",
            new Interrupted(
                Future::succeededFuture, () -> sqlLater(DROP_CONNECTIONS).otherwiseEmpty()));

    await(audit.pass().otherwiseEmpty());

    assertNothingWasSaid();
    Eventually.passes(() ->
        assertThat(await(audit.pass().otherwiseEmpty())).isInstanceOf(PassOutcome.Verified.class));
  }

  @Test
  void passThatHangsFails() {
    someTrading();
    SqlConnection other = await(postgres.pool.getConnection());
    await(other.query("begin; lock ledger.checkpoint in exclusive mode").execute());

    assertThatThrownBy(() -> await(auditOf("this", ledger, 300).pass()))
        .hasRootCauseInstanceOf(TimeoutException.class);

    await(other.query("rollback").execute());
    await(other.close());
    assertNothingWasSaid();
    Eventually.passes(() -> assertThat(pass()).isInstanceOf(PassOutcome.Verified.class));
  }

  /** Nobody was alarmed, and the ledger takes orders. */
  private void assertNothingWasSaid() {
    assertThat(await(states.current()).mode()).isEqualTo(LedgerMode.OPEN);
    assertThat(audit.figures().breaches()).isZero();
    assertThat(alarms.values()).allMatch(String::isEmpty);
  }

  private SelfAudit another() {
    return auditOf("another", ledger);
  }

  private static Future<?> leaveTurn() {
    return sqlLater("update ledger.audit set turn_micros = turn_micros - 60000000");
  }

  /** The ledger, where something happens before and after the first page is read. */
  private final class Interrupted implements LedgerPages {
    private final Supplier<Future<?>> before;
    private final Supplier<Future<?>> after;
    private boolean happened;

    Interrupted(Supplier<Future<?>> before, Supplier<Future<?>> after) {
      this.before = before;
      this.after = after;
    }

    @Override
    public Future<LedgerPage> page(
        int partitions, Collection<String> accounts, Collection<LedgerPage.HoldKey> holds) {
      if (happened) {
        return ledger.page(partitions, accounts, holds);
      }
      happened = true;
      return before
          .get()
          .compose(v -> ledger.page(partitions, accounts, holds))
          .compose(page -> after.get().map(page));
    }

    @Override
    public Future<Scanned> scanAccounts(String cursor, int count) {
      return ledger.scanAccounts(cursor, count);
    }

    @Override
    public Future<Scanned> scanHolds(int partition, String cursor, int count) {
      return ledger.scanHolds(partition, cursor, count);
    }

    @Override
    public Future<List<String>> doubtfulSettings() {
      return ledger.doubtfulSettings();
    }
  }

  private PassOutcome pass() {
    return await(audit.pass());
  }

  private void assertBreach(String finding) {
    assertThat(pass())
        .isInstanceOfSatisfying(
            PassOutcome.Breach.class, breach -> assertThat(breach.reason()).contains(finding));
    assertThat(await(states.current()).mode()).isEqualTo(LedgerMode.CANCEL_ONLY);
    assertThat(await(states.current()).reason()).contains(finding);
    assertThat(alarms.get("ledger-audit")).contains(finding);
    assertThat(audit.figures().breaches()).isEqualTo(1);
  }

  /** Two accounts with an open hold each, one of them settled in part. */
  private void someTrading() {
    transfer("alice", 10_000);
    transfer("bob", 5_000);
    hold("o1", "alice", 300);
    hold("o2", "bob", 200);
    settle();
  }

  private void transfer(String account, long amount) {
    Transfer deposit = deposit(0, account, amount);
    await(apply(0, deposit));
    await(journalLater(0, deposit));
  }

  private Future<?> apply(int partition, Transfer transfer) {
    long position = transfer.position();
    return ledger.transfer(new Stretch(partition, position - 1, position), List.of(transfer));
  }

  private Transfer deposit(int partition, String account, long amount) {
    String request = "t" + partition + "/" + ++transferred[partition];
    return new Transfer(
        transferred[partition],
        id(request),
        Transfer.Direction.DEPOSIT,
        account,
        request,
        "KRW",
        amount,
        7);
  }

  private static Future<?> journalLater(int partition, Transfer deposit) {
    return postgres.pool.withTransaction(db ->
        db.preparedQuery(
                """
                insert into ledger.transfer(transfer_id, partition, position, account, request_id,
                  direction, asset, amount, time_micros, verdict)
                values ($1, $6, $2, $3, $4, 1, 'KRW', $5, 7, 1)\
                """)
            .execute(
                Tuple.of(
                    uuid(deposit.transferId()),
                    deposit.position(),
                    deposit.account(),
                    deposit.requestId(),
                    deposit.amountUnits(),
                    partition))
            .compose(v ->
                db.preparedQuery(POSITION)
                    .execute(Tuple.of("transfer.requested", deposit.position(), partition))));
  }

  private static final String POSITION =
      """
      insert into ledger.step_input(service, partition, topic, position, next_offset)
      values ('settle-svc', $3, $1, $2, 0)
      on conflict (service, partition, topic) do update set position = excluded.position\
      """;

  private void hold(String order, String account, long amount) {
    held++;
    Stretch stretch = new Stretch(0, held - 1, held);
    List<Hold> holds = List.of(new Hold(held, id(order), account, "KRW", amount, amount, 7));
    long epoch = await(journal.holdPosition(0)).epoch();
    await(journal.recordHolds(epoch, stretch, holds, await(ledger.hold(epoch, stretch, holds))));
  }

  /**
   * Alice pays a part of her hold, to herself less a fee: that sums to zero and leaves the hold
   * open.
   */
  private void settle() {
    settled++;
    Leg leg = new Leg(id("o1"), "alice", "KRW", 100, "KRW", 90, 10, 100, 0, 100, 100);
    Settlement settlement = new Settlement(settled, 7, List.of(leg));
    List<Verdict.OfSettlement> verdicts =
        await(ledger.settle(new Stretch(0, settled - 1, settled), List.of(settlement)));
    assertThat(verdicts).containsExactly(new Verdict.Settled(List.of(OptionalLong.empty())));
    sql(
        """
        with moved as (
          update ledger.hold set hold_left = hold_left - 100, left_units = left_units - 100,
            filled = filled + 100, filled_quote = filled_quote + 100, fee = fee + 10
          where order_id = '%s')
        insert into ledger.leg(position, partition, leg, order_id, pay, released, receive, fee,
          time_micros, account, pay_asset, receive_asset)
        values (1, 0, 0, '%s', 100, null, 90, 10, 7, 'alice', 'KRW', 'KRW')\
        """
            .formatted(uuid(id("o1")), uuid(id("o1"))));
    await(settledTo());
  }

  /** Bob asks for less; his hold stays as it is. */
  private Future<?> reduce(String order, long units) {
    long position = ++settled;
    Leg leg = new Leg(id(order), "bob", "KRW", 0, "KRW", 0, 0, 0, units, 0, 0);
    return ledger
        .settle(
            new Stretch(0, position - 1, position),
            List.of(new Settlement(position, 7, List.of(leg))))
        .compose(v ->
            sqlLater(
                """
                with moved as (
                  update ledger.hold set left_units = left_units - %d where order_id = '%s')
                insert into ledger.leg(position, partition, leg, order_id, pay, released, receive,
                  fee, time_micros, account, pay_asset, receive_asset)
                values (%d, 0, 0, '%s', 0, null, 0, 0, 7, 'bob', 'KRW', 'KRW')\
                """
                    .formatted(units, uuid(id(order)), position, uuid(id(order)))))
        .compose(v -> settledTo());
  }

  /** Ends a hold of which nothing was filled. */
  private void release(String order, String account, long amount) {
    settled++;
    Leg leg = new Leg(id(order), account, "KRW", 0, "KRW", 0, 0, 0, amount, 0, 0);
    List<Verdict.OfSettlement> verdicts =
        await(
            ledger.settle(
                new Stretch(0, settled - 1, settled),
                List.of(new Settlement(settled, 7, List.of(leg)))));
    assertThat(verdicts).containsExactly(new Verdict.Settled(List.of(OptionalLong.of(amount))));
    sql(
        """
        with moved as (
          update ledger.hold set hold_left = 0, left_units = 0 where order_id = '%s')
        insert into ledger.leg(position, partition, leg, order_id, pay, released, receive, fee,
          time_micros, account, pay_asset, receive_asset)
        values (%d, 0, 0, '%s', 0, %d, 0, 0, 7, '%s', 'KRW', 'KRW')\
        """
            .formatted(uuid(id(order)), settled, uuid(id(order)), amount, account));
    await(settledTo());
  }

  private Future<?> settledTo() {
    return postgres.pool.preparedQuery(POSITION).execute(Tuple.of("settle.requested", settled, 0));
  }

  private static void sql(String statement) {
    await(sqlLater(statement));
  }

  private static Future<?> sqlLater(String statement) {
    return postgres.pool.query(statement).execute();
  }

  private static String id(String name) {
    return DeterministicId.orderId("test", "TEST", name);
  }

  private static UUID uuid(String id) {
    return UUID.fromString(id.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5"));
  }
}
