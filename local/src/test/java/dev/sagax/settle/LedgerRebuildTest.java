package dev.sagax.settle;

import static dev.sagax.settle.redis.RedisFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.settle.redis.RedisFixture;
import dev.sagax.settle.redis.RedisLedger;
import dev.sagax.settle.redis.RedisSite;
import dev.sagax.settle.store.PgAuditJournal;
import dev.sagax.settle.store.PgFrozenJournal;
import dev.sagax.settle.store.PgJournal;
import dev.sagax.settle.store.PgLedgerStates;
import dev.sagax.settle.store.PostgresFixture;
import io.vertx.redis.client.Command;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rebuild with a real PostgreSQL and a real Redis. */
class LedgerRebuildTest {
  /** Partition of all that this test does by hand. */
  private static final int P = 1;

  /** Lines of the journal to be rebuilt; -Dsagax.rebuild.entries=1000000 measures a large one. */
  private static final int ENTRIES = Integer.getInteger("sagax.rebuild.entries", 50_000);

  private static final long MAX_SECONDS = 60;

  private static RedisFixture redis;
  private static PostgresFixture postgres;

  private PgJournal journal;
  private RedisLedger ledger;
  private HoldDesk desk;

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
  void freshLedger() {
    postgres.wipe();
    redis.wipe();
    journal = new PgJournal(postgres.pool);
    ledger = redis.ledger(journal);
    desk = new HoldDesk(ledger, journal, FaultInjector.idle());
    await(ledger.open());
  }

  @Test
  void lostRedisIsWhatTheJournalSays() {
    deposit(0, "alice", "KRW", 1_000);
    deposit(1, "bob", "BTC", 50);
    assertThat(await(desk.place(batch(4, hold(4, "a", "alice", "KRW", 600)))))
        .containsExactly(new Verdict.Held());
    redis.wipe();

    LedgerRebuild.Rebuilt rebuilt = rebuild();

    assertFencedOnce();
    assertThat(rebuilt.epoch()).isEqualTo(2);
    assertThat(rebuilt.proof().findings()).isEmpty();
    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 400, 600));
    assertThat(await(ledger.balances("bob"))).containsExactly(new Balance("BTC", 50, 0));
    assertThat(verify().findings()).isEmpty();
    assertThat(redis.image().marksAfter())
        .containsOnly(
            Map.entry(new FlowPartition(Flow.TRANSFER, P), 1L),
            Map.entry(new FlowPartition(Flow.HOLD, P), 4L));
  }

  @Test
  void whatWasNeverJournaledIsUndoneAndDecidedAgain() {
    deposit(0, "alice", "KRW", 1_000);
    Hold early = hold(0, "a", "alice", "KRW", 600);
    await(ledger.hold(1, new Stretch(P, -1, 0), List.of(early)));
    await(
        ledger.transfer(
            new Stretch(P, 0, 1),
            List.of(transfer(1, Transfer.Direction.WITHDRAWAL, "alice", "KRW", 400))));

    rebuild();

    assertFencedOnce();
    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 1_000, 0));
    assertThat(verify().findings()).isEmpty();
    assertThatThrownBy(() -> await(desk.place(batch(0, early))))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("being replayed");

    endReplay();
    assertThat(await(desk.place(batch(0, early)))).containsExactly(new Verdict.Held());
    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 400, 600));
    assertThat(verify().findings()).isEmpty();
  }

  @Test
  void decisionOfTheOldLedgerIsNotJournaledAfterwards() {
    deposit(0, "alice", "KRW", 1_000);
    Hold hold = hold(0, "a", "alice", "KRW", 600);
    Journal.HoldPosition before = await(journal.holdPosition(P));
    List<Verdict.OfHold> verdicts = await(ledger.hold(1, new Stretch(P, -1, 0), List.of(hold)));
    long version = fenceOfASettleStep();

    rebuild();

    assertThat(
            await(
                journal.recordHolds(
                    before.epoch(), new Stretch(P, -1, 0), List.of(hold), verdicts)))
        .isFalse();
    assertThat(fenceOfASettleStep()).isEqualTo(version + 1);
  }

  /** The account has spent what it received by an outcome that the journal does not have yet. */
  @Test
  void accountMayHaveLessThanNothingUntilTheLogIsReplayed() {
    deposit(0, "alice", "KRW", 100);
    await(
        ledger.transfer(
            new Stretch(P, 0, 1),
            List.of(transfer(1, Transfer.Direction.DEPOSIT, "alice", "KRW", 400))));
    await(desk.place(batch(0, hold(0, "a", "alice", "KRW", 450))));

    rebuild();

    assertFencedOnce();
    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", -350, 450));
    List<Transfer> again = List.of(transfer(1, Transfer.Direction.DEPOSIT, "alice", "KRW", 400));
    assertThat(await(ledger.transfer(new Stretch(P, 0, 1), again)))
        .containsExactly(new Verdict.Transferred());
    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 50, 450));
  }

  @Test
  void dirtyLedgerIsRefusedUntilItIsRebuilt() {
    deposit(0, "alice", "KRW", 100);
    redis.command(Command.SET, "{ledger}:dirty", "settle:1 to 7");
    redis.command(Command.HINCRBY, "{ledger}:acct:alice", "KRW:a", "1");
    RedisLedger other = redis.ledger(journal);
    assertThatThrownBy(() -> await(other.open()))
        .isInstanceOf(LedgerRefusedException.class)
        .hasMessageContaining("./sagax ledger rebuild");
    assertThat(verify().findings()).first().asString().contains("broke off midway");

    rebuild();

    await(other.open());
    assertThat(await(other.balances("alice"))).containsExactly(new Balance("KRW", 100, 0));
    assertThat(verify().findings()).isEmpty();
  }

  @Test
  void keysOfOthersStay() {
    redis.command(Command.SET, "somebody:else", "1");
    redis.command(Command.SET, "{ledger}:strange", "1");

    rebuild();

    assertThat(redis.command(Command.GET, "somebody:else")).hasToString("1");
    assertThat(redis.command(Command.EXISTS, "{ledger}:strange").toInteger()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update ledger.transfer set amount = amount - 1",
        "update ledger.transfer set account = 'mallory' where account = 'bob'",
        "delete from ledger.hold",
        """
        insert into ledger.hold(order_id, position, amount, hold_left, left_units, filled, filled_quote,
          fee, time_micros, partition, verdict, account, asset)
        values ('00000000-0000-0000-0000-000000000001', 2, 9, 9, 9, 0, 0, 0, 1, 1, 1, 'alice', 'KRW')\
        """
      })
  void journalThatIsNotWhatWasVerifiedIsNotWrittenOverAGoodRedis(String damage) {
    deposit(0, "alice", "KRW", 1_000);
    deposit(1, "bob", "KRW", 10);
    await(desk.place(batch(4, hold(4, "a", "alice", "KRW", 600))));
    verifyByAudit();
    sql(damage);

    assertThatThrownBy(this::rebuild)
        .isInstanceOf(LedgerRefusedException.class)
        .hasMessageContaining("is not what it was between positions")
        .hasMessageContaining("Restore PostgreSQL")
        .hasMessageContaining("--force");
    assertNothingWasTouched();

    assertThat(force().epoch()).isEqualTo(2);
    assertThat(verify().findings()).isEmpty();
    assertThat(await(new PgLedgerStates(postgres.pool).current()).reason())
        .startsWith("test An operator said that the journal is right in spite of this: ")
        .contains("is not what it was between positions");
    assertThat(rebuild().epoch()).as("nobody is asked twice").isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource(
      value = LedgerRebuild.Stage.class,
      names = {"CLAIMED", "CHECKED", "FENCED"})
  void forcedRebuildThatIsCutOffBeforeTheFreezeLeavesWhatTheAuditHasKept(LedgerRebuild.Stage last) {
    deposit(0, "alice", "KRW", 1_000);
    deposit(1, "bob", "KRW", 10);
    await(desk.place(batch(4, hold(4, "a", "alice", "KRW", 600))));
    verifyByAudit();
    sql("update ledger.transfer set amount = amount - 1; update ledger.hold set time_micros = 5");

    assertThatThrownBy(() -> rebuild(true, cutOffAfter(last))).hasMessage("Cut off after " + last);
    assertThatThrownBy(this::rebuild)
        .hasMessageContaining("The journal of transfer:1 is not what it was")
        .hasMessageContaining("The journal of hold:1 is not what it was");

    assertThatThrownBy(() -> rebuild(true, cutOffAfter(LedgerRebuild.Stage.FROZEN)))
        .hasMessage("Cut off after FROZEN");
    assertThat(await(new PgLedgerStates(postgres.pool).current()).reason())
        .contains("The journal of transfer:1 is not what it was")
        .contains("The journal of hold:1 is not what it was");
    assertThat(rebuild().comparedRows()).as("what was forgotten is not compared").isZero();
  }

  @Test
  void rebuildSaysHowManyRowsItHasCompared() {
    deposit(0, "alice", "KRW", 1_000);
    await(desk.place(batch(4, hold(4, "a", "alice", "KRW", 600))));
    assertThat(rebuild().comparedRows()).isZero();
    assertFencedOnce();
    endReplay();
    verifyByAudit();

    assertThat(rebuild().comparedRows()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "update ledger.hold set hold_left = hold_left - 1 | open holds sum to 599",
        "update ledger.hold set position = 5 | at positions 5 to 5, but is written up to 4",
        "update ledger.transfer set partition = 3 | has rows of transfer:3",
        "update ledger.leg set fee = 1 | entries at settle:1 position 1 sum to 1 KRW, not to zero",
        "update ledger.transfer set amount = 9223372036854775807 | larger than any may be"
      })
  void journalThatContradictsItselfIsRefusedWhoeverSaysThatItIsRight(String damage, String named) {
    deposit(0, "alice", "KRW", 1_000);
    deposit(1, "bob", "KRW", 10);
    await(desk.place(batch(4, hold(4, "a", "alice", "KRW", 600))));
    sql(
        """
        insert into ledger.leg(position, partition, leg, order_id, pay, released, receive, fee,
          time_micros, account, pay_asset, receive_asset)
        select 1, 1, 0, order_id, 0, null, 0, 0, 1, 'alice', 'KRW', 'KRW' from ledger.hold;
        insert into ledger.step_input(service, partition, topic, position, next_offset)
        values ('settle-svc', 1, 'settle.requested', 1, 1)\
        """);
    sql(damage);

    for (boolean journalIsRight : List.of(false, true)) {
      assertThatThrownBy(() -> rebuild(journalIsRight, stage -> {}))
          .isInstanceOf(LedgerRefusedException.class)
          .hasMessageContaining(named)
          .hasMessageContaining("Restore PostgreSQL");
    }
    assertNothingWasTouched();
  }

  private void verifyByAudit() {
    assertThat(foldByAudit()).isInstanceOf(PassOutcome.Verified.class);
  }

  /** The audit has kept digests of the whole journal, whatever it finds in Redis then. */
  private PassOutcome foldByAudit() {
    AuditPass pass =
        new AuditPass(
            redis.vertx,
            new PgAuditJournal(postgres.pool),
            ledger,
            "auditor",
            4,
            InstantSource.system(),
            5_000);
    PassOutcome outcome = await(pass.run());
    while (outcome instanceof PassOutcome.Behind) {
      outcome = await(pass.run());
    }
    return outcome;
  }

  /** The services that use the ledger go on, under the same epoch. */
  private void assertNothingWasTouched() {
    assertThat(await(journal.state()).epoch()).hasValue(1);
    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 400, 600));
    await(ledger.transfer(new Stretch(P, -1, -1), List.of()));
  }

  @ParameterizedTest
  @EnumSource(LedgerRebuild.Stage.class)
  void cutOffAnywhereItIsRunAgain(LedgerRebuild.Stage last) {
    deposit(0, "alice", "KRW", 1_000);
    await(desk.place(batch(2, hold(2, "a", "alice", "KRW", 600))));
    redis.command(Command.HINCRBY, "{ledger}:acct:alice", "KRW:a", "7");
    RedisLedger other = redis.ledger(journal);

    assertThatThrownBy(() -> rebuild(last)).hasMessage("Cut off after " + last);
    boolean closed =
        last.compareTo(LedgerRebuild.Stage.FENCED) >= 0
            && last.compareTo(LedgerRebuild.Stage.OPENED) < 0;
    if (closed) {
      assertThatThrownBy(() -> await(other.open()))
          .isInstanceOf(LedgerRefusedException.class)
          .hasMessageContaining("./sagax ledger rebuild");
      assertThatThrownBy(() -> await(ledger.hold(1, new Stretch(P, 2, 3), List.of())))
          .isInstanceOf(LedgerUnavailableException.class);
    }

    rebuild();

    await(other.open());
    assertThat(await(other.balances("alice"))).containsExactly(new Balance("KRW", 400, 600));
    assertThat(verify().findings()).isEmpty();
  }

  @Test
  void secondRebuildWaitsItsTurn() {
    PgFrozenJournal first = await(PgFrozenJournal.connect(redis.vertx, postgres.server.uri()));
    await(first.claim());

    assertThatThrownBy(this::rebuild)
        .isInstanceOf(LedgerRefusedException.class)
        .hasMessageContaining("Another rebuild");

    await(first.close());
    rebuild();
  }

  /** A rebuild whose claim was lost with its connection may still run. */
  @Test
  void rebuildThatWasOvertakenWritesNothing() {
    deposit(0, "alice", "KRW", 1_000);
    RedisSite overtaken = site();
    await(overtaken.fence(await(overtaken.owner())));

    rebuild();

    for (var late :
        List.of(
            overtaken.clear(),
            overtaken.write(List.of(new LedgerPiece.OfSupply("KRW", 9))),
            overtaken.open(9))) {
      assertThatThrownBy(() -> await(late)).isInstanceOf(LedgerRefusedException.class);
    }
    overtaken.close();
    assertThat(verify().findings()).isEmpty();
  }

  @Test
  void rebuildThatStoodStillDuringAnotherOneDoesNotFenceAHealthyLedger() {
    deposit(0, "alice", "KRW", 1_000);
    RedisSite overtaken = site();
    String owner = await(overtaken.owner());

    rebuild();

    assertThatThrownBy(() -> await(overtaken.fence(owner)))
        .isInstanceOf(LedgerRefusedException.class)
        .hasMessageContaining("Another rebuild");
    overtaken.close();
    await(redis.ledger(journal).open());
  }

  /** The partition was quiet during the rebuild, so nothing told its desk about it. */
  @Test
  void holdOfAQuietPartitionWaitsForTheReplayToo() {
    deposit(0, "alice", "KRW", 1_000);
    await(desk.place(batch(0, hold(0, "a", "alice", "KRW", 600))));
    Hold late = hold(1, "b", "alice", "KRW", 100);
    HoldBatch next = new HoldBatch(P, 0, 1, List.of(late));
    rebuild();
    assertFencedOnce();

    assertThatThrownBy(() -> await(desk.place(next)))
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessageContaining("rebuilt under epoch 2");
    assertThatThrownBy(() -> await(desk.place(next)))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("being replayed");

    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 400, 600));
    assertThat(verify().findings()).isEmpty();
    endReplay();
    assertThat(await(desk.place(next))).containsExactly(new Verdict.Held());
  }

  @Test
  void redisThatMayLoseWritesIsNotRebuilt() {
    redis.command(Command.CONFIG, "SET", "appendfsync", "everysec");
    try {
      assertThatThrownBy(this::rebuild)
          .isInstanceOf(LedgerRefusedException.class)
          .hasMessageContaining("appendfsync always");
    } finally {
      redis.command(Command.CONFIG, "SET", "appendfsync", "always");
    }
    assertThat(await(journal.state()).epoch()).hasValue(1);
  }

  @Test
  void rebuiltLedgerSurvivesAKillOfRedis() {
    deposit(0, "alice", "KRW", 1_000);
    redis.wipe();
    rebuild();

    redis.server.kill();
    redis.server.start();

    assertThat(verify().findings()).isEmpty();
    await(redis.ledger(journal).open());
  }

  /**
   * What a crash of the machine may leave of a file; the last write was acknowledged all the same.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 40, 400})
  void cutFileIsRefusedAndRebuilt(int bytes) throws java.io.IOException {
    for (int n = 0; n < 20; n++) {
      deposit(n, "alice", "KRW", 1_000);
    }
    redis.server.stop();
    cutTail(bytes);
    redis.server.start();
    RedisLedger after = redis.ledger(journal);

    assertThatThrownBy(() -> await(after.open()))
        .isInstanceOf(LedgerRefusedException.class)
        .hasMessageContaining("the journal has 19")
        .hasMessageContaining("./sagax ledger rebuild");
    assertThat(verify().conserved()).isFalse();

    rebuild();

    await(after.open());
    assertThat(await(after.balances("alice"))).containsExactly(new Balance("KRW", 20_000, 0));
    assertThat(verify().findings()).isEmpty();
  }

  private static void cutTail(int bytes) throws java.io.IOException {
    Path file = redis.file("appendonly.aof");
    try (var channel =
        java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - bytes);
    }
  }

  @Test
  void largeJournalIsRebuiltInAMinute() {
    long entries = postgres.fillJournal(ENTRIES, Math.max(10, ENTRIES / 100));
    foldByAudit();
    redis.wipe();

    Map<LedgerRebuild.Stage, Long> millis = new EnumMap<>(LedgerRebuild.Stage.class);
    long begin = System.nanoTime();
    LedgerRebuild.Rebuilt rebuilt =
        rebuild(
            stage -> millis.put(stage, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin)));

    System.out.println("Rebuilt " + entries + " entries, ms after the start: " + millis);
    assertThat(rebuilt.proof().journalEntries()).isEqualTo(entries).isGreaterThanOrEqualTo(ENTRIES);
    assertThat(rebuilt.proof().findings()).isEmpty();
    assertThat(millis.get(LedgerRebuild.Stage.OPENED)).isLessThan(MAX_SECONDS * 1_000);
  }

  // ---- what services do

  /** A deposit that is applied and journaled. */
  private void deposit(long position, String account, String asset, long units) {
    List<Transfer> deposit =
        List.of(transfer(position, Transfer.Direction.DEPOSIT, account, asset, units));
    await(ledger.transfer(new Stretch(P, position - 1, position), deposit));
    sql(
        """
        insert into ledger.transfer(partition, position, transfer_id, account, request_id,
          direction, asset, amount, time_micros, verdict)
        values (%d, %d, '%s', '%s', 'r%d', 1, '%s', %d, 1, 1)\
        """
            .formatted(P, position, UUID.randomUUID(), account, position, asset, units));
    sql(
        """
        insert into ledger.step_input(service, partition, topic, position, next_offset)
        values ('settle-svc', %d, 'transfer.requested', %d, %d)
        on conflict (service, partition, topic) do update set position = excluded.position\
        """
            .formatted(P, position, position + 1));
  }

  /** A service that was open under the old epoch finds out, and opens the ledger anew. */
  private void assertFencedOnce() {
    assertThatThrownBy(() -> await(ledger.transfer(new Stretch(P, -1, -1), List.of())))
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessageContaining("rebuilt");
    await(ledger.open());
  }

  private static Transfer transfer(
      long position, Transfer.Direction direction, String account, String asset, long units) {
    return new Transfer(position, id("t" + position), direction, account, "r", asset, units, 1);
  }

  private static Hold hold(long position, String order, String account, String asset, long units) {
    return new Hold(position, id(order), account, asset, units, 4, 77);
  }

  private static HoldBatch batch(long end, Hold... holds) {
    return new HoldBatch(P, Flow.HOLD.beforeFirst, end, List.of(holds));
  }

  private static String id(String name) {
    return DeterministicId.orderId("test", "TEST", name);
  }

  private static long fenceOfASettleStep() {
    sql(
        """
        insert into ledger.step(service, partition, version) values ('settle-svc', 0, 7)
        on conflict do nothing\
        """);
    return await(postgres.pool.query("select version from ledger.step").execute())
        .iterator()
        .next()
        .getLong(0);
  }

  private static void endReplay() {
    sql("update ledger.epoch set state = 'OPEN'");
  }

  private static void sql(String text) {
    await(postgres.pool.query(text).execute());
  }

  // ---- what the operator does

  private LedgerRebuild.Rebuilt rebuild() {
    return rebuild(stage -> {});
  }

  private LedgerRebuild.Rebuilt rebuild(LedgerRebuild.Stage last) {
    return rebuild(cutOffAfter(last));
  }

  private static java.util.function.Consumer<LedgerRebuild.Stage> cutOffAfter(
      LedgerRebuild.Stage last) {
    return stage -> {
      if (stage == last) {
        throw new IllegalStateException("Cut off after " + last);
      }
    };
  }

  private LedgerRebuild.Rebuilt rebuild(java.util.function.Consumer<LedgerRebuild.Stage> reached) {
    return rebuild(false, reached);
  }

  private LedgerRebuild.Rebuilt force() {
    return rebuild(true, stage -> {});
  }

  private LedgerRebuild.Rebuilt rebuild(
      boolean journalIsRight, java.util.function.Consumer<LedgerRebuild.Stage> reached) {
    RedisSite site = site();
    return await(
        PgFrozenJournal.connect(redis.vertx, postgres.server.uri())
            .compose(frozen ->
                new LedgerRebuild(frozen, site, InstantSource.system(), reached)
                    .run("test", journalIsRight)
                    .eventually(() -> frozen.close()))
            .onComplete(done -> site.close()));
  }

  private AuditReport verify() {
    RedisSite site = site();
    return await(new LedgerVerification(journal, site).run().onComplete(done -> site.close()));
  }

  private static RedisSite site() {
    return await(RedisSite.connect(redis.vertx, redis.rebuildUri(), UUID.randomUUID().toString()));
  }
}
