package dev.sagax.settle;

import static dev.sagax.settle.redis.RedisFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.vertx.sqlclient.Tuple;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
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
  private static final String ALICE = "{ledger}:acct:alice";
  private static RedisFixture redis;
  private static PostgresFixture postgres;

  private RedisLedger ledger;
  private PgJournal journal;
  private PgLedgerStates states;
  private SelfAudit audit;
  private final Map<String, String> alarms = new HashMap<>();

  /** Ahead of the time; by so much more with each look at the clock. */
  private final AtomicLong aheadMillis = new AtomicLong();

  private volatile long hurryMillis;
  private long transferred;
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
    redis.wipe();
    postgres.wipe();
    transferred = Flow.TRANSFER.beforeFirst;
    held = Flow.HOLD.beforeFirst;
    settled = Flow.SETTLE.beforeFirst;
    journal = new PgJournal(postgres.pool);
    ledger = redis.ledger(journal);
    await(ledger.open());
    states = new PgLedgerStates(postgres.pool);
    audit = auditOf("this");
  }

  private SelfAudit auditOf(String auditor) {
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
    return new SelfAudit(
        redis.vertx,
        new PgAuditJournal(postgres.pool),
        ledger,
        states,
        health,
        auditor,
        PARTITIONS,
        () -> Instant.now().plusMillis(aheadMillis.addAndGet(hurryMillis)),
        5);
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
    Transfer deposit = deposit("alice", 77);
    await(ledger.transfer(new Stretch(0, transferred - 1, transferred), List.of(deposit)));

    assertThat(pass()).isInstanceOf(PassOutcome.Inconclusive.class);
    assertThat(await(states.current()).mode()).isEqualTo(LedgerMode.OPEN);

    journal(deposit);
    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);
  }

  @Test
  void workThatIsNeverJournaledIsABreach() {
    someTrading();
    Transfer deposit = deposit("alice", 77);
    await(ledger.transfer(new Stretch(0, transferred - 1, transferred), List.of(deposit)));
    hurryMillis = 3_000;

    for (int passes = 0; passes < 4; passes++) {
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

  @Test
  void whatMovesWhileItIsReadIsNoBreach() {
    List<PassOutcome> outcomes = new ArrayList<>();
    Future<?> moving = Future.succeededFuture();
    for (int i = 0; i < 400; i++) {
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

  /** A deposit and a hold, journaled a little after they are applied. */
  private Future<?> moveOn(int number) {
    Transfer deposit = deposit("trader" + number % 7, 1_000);
    Hold hold =
        new Hold(++held, id("moving" + number), "trader" + number % 7, "KRW", 600, 1, number);
    Stretch holds = new Stretch(0, held - 1, held);
    return ledger
        .transfer(new Stretch(0, transferred - 1, transferred), List.of(deposit))
        .compose(v -> journalLater(deposit))
        .compose(v -> journal.holdPosition(0))
        .compose(from ->
            ledger
                .hold(holds, List.of(hold))
                .compose(verdicts ->
                    redis
                        .vertx
                        .timer(1)
                        .compose(v ->
                            journal.recordHolds(from.epoch(), holds, List.of(hold), verdicts))));
  }

  @Test
  void anotherReplicaLooksOnWhileOneAudits() {
    someTrading();
    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);

    assertThat(await(auditOf("another").pass())).isEqualTo(new PassOutcome.NotMyTurn());

    sql("update ledger.audit set turn_micros = turn_micros - 60000000");
    assertThat(await(auditOf("another").pass())).isInstanceOf(PassOutcome.Verified.class);
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
        new LedgerGate(states, new AuditDesk(redis.vertx, ledger, journal), InstantSource.system());

    assertThatThrownBy(() -> await(gate.open("operator")))
        .hasMessageContaining("LEDGER_NOT_CONSERVED")
        .hasMessageContaining("stays CANCEL_ONLY: Account alice has");
    redis.command(Command.HINCRBY, ALICE, "KRW:a", "-1");

    assertThat(await(gate.open("operator")).mode()).isEqualTo(LedgerMode.OPEN);
    assertThat(pass()).isInstanceOf(PassOutcome.Verified.class);
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
    Transfer deposit = deposit(account, amount);
    await(ledger.transfer(new Stretch(0, transferred - 1, transferred), List.of(deposit)));
    journal(deposit);
  }

  private Transfer deposit(String account, long amount) {
    transferred++;
    return new Transfer(
        transferred,
        id("t" + transferred),
        Transfer.Direction.DEPOSIT,
        account,
        "t" + transferred,
        "KRW",
        amount,
        7);
  }

  private void journal(Transfer deposit) {
    await(journalLater(deposit));
  }

  private Future<?> journalLater(Transfer deposit) {
    return postgres.pool.withTransaction(db ->
        db.preparedQuery(
                """
                insert into ledger.transfer(transfer_id, partition, position, account, request_id,
                  direction, asset, amount, time_micros, verdict)
                values ($1, 0, $2, $3, $4, 1, 'KRW', $5, 7, 1)\
                """)
            .execute(
                Tuple.of(
                    uuid(deposit.transferId()),
                    deposit.position(),
                    deposit.account(),
                    deposit.requestId(),
                    deposit.amountUnits()))
            .compose(v ->
                db.preparedQuery(POSITION)
                    .execute(Tuple.of("transfer.requested", deposit.position()))));
  }

  private static final String POSITION =
      """
      insert into ledger.step_input(service, partition, topic, position, next_offset)
      values ('settle-svc', 0, $1, $2, 0)
      on conflict (service, partition, topic) do update set position = excluded.position\
      """;

  private void hold(String order, String account, long amount) {
    held++;
    Stretch stretch = new Stretch(0, held - 1, held);
    List<Hold> holds = List.of(new Hold(held, id(order), account, "KRW", amount, amount, 7));
    long epoch = await(journal.holdPosition(0)).epoch();
    await(journal.recordHolds(epoch, stretch, holds, await(ledger.hold(stretch, holds))));
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
          update ledger.hold set hold_left = hold_left - 100, left_units = left_units - 100
          where order_id = '%s')
        insert into ledger.leg(position, partition, leg, order_id, pay, released, receive, fee,
          time_micros, account, pay_asset, receive_asset)
        values (1, 0, 0, '%s', 100, null, 90, 10, 7, 'alice', 'KRW', 'KRW')\
        """
            .formatted(uuid(id("o1")), uuid(id("o1"))));
    await(postgres.pool.preparedQuery(POSITION).execute(Tuple.of("settle.requested", settled)));
  }

  private static void sql(String statement) {
    await(postgres.pool.query(statement).execute());
  }

  private static String id(String name) {
    return DeterministicId.orderId("test", "TEST", name);
  }

  private static UUID uuid(String id) {
    return UUID.fromString(id.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5"));
  }
}
