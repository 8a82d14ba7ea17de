package dev.sagax.settle.saga;

import static dev.sagax.settle.redis.RedisFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.MessageLite;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.event.v1.AccountFreeze;
import dev.sagax.proto.event.v1.TransferCompleted;
import dev.sagax.proto.event.v1.TransferDirection;
import dev.sagax.proto.event.v1.TransferRejected;
import dev.sagax.proto.event.v1.TransferRequested;
import dev.sagax.proto.event.v1.TransferStage;
import dev.sagax.proto.event.v1.WithdrawalDecision;
import dev.sagax.proto.event.v1.WithdrawalEnding;
import dev.sagax.settle.AccountEntry;
import dev.sagax.settle.AuditReport;
import dev.sagax.settle.Balance;
import dev.sagax.settle.FlowPartition;
import dev.sagax.settle.Hold;
import dev.sagax.settle.HoldBatch;
import dev.sagax.settle.Journal;
import dev.sagax.settle.LedgerRebuild;
import dev.sagax.settle.LedgerVerification;
import dev.sagax.settle.OpenHold;
import dev.sagax.settle.Transfer;
import dev.sagax.settle.Verdict;
import dev.sagax.settle.redis.RedisSite;
import dev.sagax.settle.store.PgAccountEntries;
import dev.sagax.settle.store.PgFrozenJournal;
import dev.sagax.settle.store.SettleRows;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Withdrawals that are held until an operator decides, frozen accounts and external ids, through
 * the ledger in Redis into the journal in PostgreSQL. After each test ledger and journal are
 * audited.
 */
class WithdrawalSagaTest extends SettleStepFixture {
  private static final String W1 = DeterministicId.transferId("withdrawal", "alice", "w1");
  private long position;
  private long holdPosition;

  @BeforeEach
  void fund() {
    position = 0;
    holdPosition = -1;
    run(deposit("alice", "d1", "KRW", 1_000));
  }

  @AfterEach
  void ledgerAndJournalAreOne() {
    AuditReport report = await(fullAudit().run());
    assertThat(report.findings()).isEmpty();
    assertThat(verify().findings()).isEmpty();
  }

  // ---- two steps

  @Test
  void aWithdrawalIsHeldAndStaysInTheSupplyUntilItIsConfirmed() {
    assertThat(answers(run(withdrawal("alice", "w1", 300)))).containsExactly("1 APPLIED HELD");
    assertThat(alice()).isEqualTo(new Balance("KRW", 700, 300));
    assertThat(supply()).isEqualTo("1000");
    assertThat(openHolds()).containsExactly(new OpenHold(W1, 0, "alice", "KRW", 300, 300, 2, true));

    assertThat(answers(run(confirmation("alice", W1)))).containsExactly("2 APPLIED CONFIRMED");
    assertThat(alice()).isEqualTo(new Balance("KRW", 700, 0));
    assertThat(supply()).isEqualTo("700");
    assertThat(openHolds()).isEmpty();
  }

  @Test
  void aReturnedWithdrawalIsAvailableAgain() {
    run(withdrawal("alice", "w1", 300));

    assertThat(answers(run(returning("alice", W1)))).containsExactly("2 APPLIED RETURNED");

    assertThat(alice()).isEqualTo(new Balance("KRW", 1_000, 0));
    assertThat(supply()).isEqualTo("1000");
  }

  @Test
  void aWithdrawalEndsOnce() {
    run(withdrawal("alice", "w1", 300));
    run(confirmation("alice", W1));

    assertThat(answers(run(confirmation("alice", W1), returning("alice", W1))))
        .containsExactly("3 REPEATED CONFIRMED", "4 REFUSED CONFIRMED");
    assertThat(answers(run(withdrawal("alice", "w1", 300))))
        .containsExactly("5 REPEATED CONFIRMED");

    assertThat(alice()).isEqualTo(new Balance("KRW", 700, 0));
    assertThat(supply()).isEqualTo("700");
  }

  @Test
  void whatIsNotHeldCannotEnd() {
    String missing = DeterministicId.transferId("withdrawal", "alice", "none");
    String deposited = DeterministicId.transferId("deposit", "alice", "d1");

    assertThat(
            answers(
                run(
                    confirmation("alice", missing),
                    confirmation("alice", deposited),
                    withdrawal("alice", "w1", 1_001),
                    confirmation("alice", W1),
                    returning("bob", W1))))
        .containsExactly(
            "1 UNKNOWN",
            "2 REFUSED",
            "3 APPLIED INSUFFICIENT_FUNDS",
            "4 REFUSED INSUFFICIENT_FUNDS",
            "5 UNKNOWN");
    assertThat(alice()).isEqualTo(new Balance("KRW", 1_000, 0));
  }

  /** A confirmation that came too early is not remembered: it would take out what nobody asked. */
  @Test
  void aConfirmationBeforeItsWithdrawalHasNoEffect() {
    assertThat(
            answers(
                run(
                    confirmation("alice", W1),
                    withdrawal("alice", "w1", 300),
                    returning("alice", W1))))
        .containsExactly("1 UNKNOWN", "2 APPLIED HELD", "3 APPLIED RETURNED");
    assertThat(alice()).isEqualTo(new Balance("KRW", 1_000, 0));
  }

  @Test
  void aWithdrawalOfTheOldKindStillLeavesAtOnce() {
    TransferRequested old =
        withdrawal("alice", "w1", 300).toBuilder()
            .setDirection(TransferDirection.TRANSFER_DIRECTION_WITHDRAWAL)
            .build();

    assertThat(answers(run(old))).containsExactly("1 APPLIED");
    assertThat(answers(run(withdrawal("alice", "w1", 300), confirmation("alice", W1))))
        .containsExactly("2 REPEATED", "3 REFUSED");

    assertThat(alice()).isEqualTo(new Balance("KRW", 700, 0));
    assertThat(supply()).isEqualTo("700");
  }

  // ---- again, and otherwise cut

  /**
   * The process dies between Redis and PostgreSQL after each prefix, and reads in other batches.
   */
  @Test
  void whatIsReadAgainInOtherBatchesIsAnsweredTheSame() {
    List<LogRecord> records =
        records(
            confirmation("alice", W1),
            withdrawal("alice", "w1", 300),
            withdrawal("alice", "w1", 300),
            confirmation("alice", W1),
            returning("alice", W1),
            withdrawal("alice", "w2", 100),
            returning("alice", DeterministicId.transferId("withdrawal", "alice", "w2")),
            returning("alice", DeterministicId.transferId("withdrawal", "alice", "w2")),
            freeze("alice", true),
            withdrawal("alice", "w3", 1),
            deposit("alice", "d2", "KRW", 5),
            freeze("alice", false),
            withdrawal("alice", "w3", 1),
            withdrawal("alice", "w4", 1));
    RecordedStep died = new RecordedStep(postgres.pool);
    await(handler.handle(records, died));

    List<MessageLite> again = new ArrayList<>();
    for (int from = 0; from < records.size(); from += 3) {
      restart();
      List<LogRecord> two = records.subList(from, Math.min(from + 2, records.size()));
      await(handler.handle(two, new RecordedStep(postgres.pool)));
      restart();
      List<LogRecord> three = records.subList(from, Math.min(from + 3, records.size()));
      RecordedStep step = new RecordedStep(postgres.pool);
      await(handler.handle(three, step));
      await(step.commit(three));
      step.emitted.forEach(e -> again.add(e.message()));
    }

    assertThat(again).isEqualTo(died.emitted.stream().map(RecordedStep.Emitted::message).toList());
    assertThat(answers(died))
        .containsExactly(
            "1 UNKNOWN",
            "2 APPLIED HELD",
            "3 REPEATED HELD",
            "4 APPLIED CONFIRMED",
            "5 REFUSED CONFIRMED",
            "6 APPLIED HELD",
            "7 APPLIED RETURNED",
            "8 REPEATED RETURNED",
            "9 APPLIED frozen",
            "10 APPLIED ACCOUNT_FROZEN",
            "11 APPLIED",
            "12 APPLIED free",
            "13 REPEATED ACCOUNT_FROZEN",
            "14 APPLIED HELD");
    assertThat(alice()).isEqualTo(new Balance("KRW", 704, 1));
    assertThat(supply()).isEqualTo("705");
  }

  @Test
  void aHoldThatTheLedgerHasLostStopsThePartitionUntilTheLedgerIsRebuilt() {
    run(withdrawal("alice", "w1", 300));
    redis.command(Command.HDEL, "{ledger}:hold:0", W1, W1 + ":l");
    List<LogRecord> records = records(confirmation("alice", W1));

    assertThatThrownBy(() -> await(handler.handle(records, new RecordedStep(postgres.pool))))
        .isInstanceOf(PartitionStoppedException.class)
        .hasMessageContaining("which the journal has as held");

    rebuild();
    restart();
    RecordedStep step = new RecordedStep(postgres.pool);
    await(handler.handle(records, step));
    await(step.commit(records));
    assertThat(answers(step)).containsExactly("2 APPLIED CONFIRMED");
  }

  // ---- frozen accounts

  @Test
  void nothingNewIsHeldForAFrozenAccountAndWhatIsHeldGoesItsWay() {
    run(withdrawal("alice", "w1", 300));
    assertThat(hold("before", 100)).isEqualTo(new Verdict.Held());

    run(freeze("alice", true));

    assertThat(hold("after", 100)).isEqualTo(new Verdict.AccountFrozen());
    assertThat(answers(run(withdrawal("alice", "w2", 1))))
        .containsExactly("3 APPLIED ACCOUNT_FROZEN");
    assertThat(answers(run(confirmation("alice", W1)))).containsExactly("4 APPLIED CONFIRMED");
    assertThat(answers(run(deposit("alice", "d2", "KRW", 5)))).containsExactly("5 APPLIED");

    run(freeze("alice", false));
    assertThat(hold("later", 100)).isEqualTo(new Verdict.Held());
    assertThat(alice()).isEqualTo(new Balance("KRW", 505, 200));
  }

  @Test
  void aRebuiltLedgerHasTheSameHoldsAndIsAsFrozen() {
    run(
        withdrawal("alice", "w1", 300),
        freeze("alice", true),
        freeze("bob", true),
        freeze("bob", false));
    redis.wipe();

    rebuild();
    restart();

    assertThat(redis.image().frozen()).containsExactly("alice");
    assertThat(await(journal.frozenAccounts("", 10)))
        .extracting(dev.sagax.settle.AccountFreeze::account)
        .containsExactly("alice");
    assertThat(await(journal.frozenAccounts("alice", 10))).isEmpty();
    assertThat(hold("after", 100)).isEqualTo(new Verdict.AccountFrozen());
    assertThat(answers(run(confirmation("alice", W1)))).containsExactly("5 APPLIED CONFIRMED");
    assertThat(supply()).isEqualTo("700");
  }

  @Test
  void aFreezeThatTheLedgerHasLostIsFound() {
    run(freeze("alice", true));
    redis.command(Command.DEL, "{ledger}:frozen");

    assertThat(verify().findings())
        .containsExactly("Account alice is frozen by the journal, but not in the ledger.");

    redis.command(Command.HSET, "{ledger}:frozen", "{ledger}:acct:alice", "1");
  }

  // ---- external ids

  @Test
  void anExternalIdBelongsToOneDepositOfAllAccounts() {
    TransferRequested first = external(deposit("alice", "d2", "KRW", 5), "chain:7");

    assertThat(
            answers(
                run(
                    first,
                    first,
                    external(deposit("bob", "d1", "KRW", 5), "chain:7"),
                    external(deposit("alice", "d2", "KRW", 5), "chain:8"))))
        .containsExactly(
            "1 APPLIED", "2 REPEATED", "3 APPLIED EXTERNAL_ID_USED", "4 CONFLICT external_id");
    restart();
    assertThat(
            answers(
                run(
                    external(deposit("alice", "d3", "KRW", 5), "chain:7"),
                    external(deposit("alice", "d4", "KRW", 5), "chain:8"))))
        .containsExactly("5 APPLIED EXTERNAL_ID_USED", "6 APPLIED");
    assertThat(alice()).isEqualTo(new Balance("KRW", 1_010, 0));
  }

  /** A deposit that was not credited is none of the world outside: its id is free for a new one. */
  @Test
  void aRejectedDepositGivesItsExternalIdUpToTheNextOne() {
    TransferRequested tooMuch = external(deposit("alice", "d2", "KRW", 1L << 62), "chain:7");
    TransferRequested next = external(deposit("bob", "d1", "KRW", 5), "chain:7");

    assertThat(
            answers(run(tooMuch, external(deposit("carol", "d1", "KRW", 5), "chain:7"), tooMuch)))
        .as("while it is not decided the id is taken, and that answer stands")
        .containsExactly(
            "1 APPLIED SUPPLY_LIMIT", "2 APPLIED EXTERNAL_ID_USED", "3 REPEATED SUPPLY_LIMIT");
    restart();
    assertThat(
            answers(
                run(
                    next,
                    external(deposit("alice", "d3", "KRW", 5), "chain:7"),
                    external(deposit("carol", "d1", "KRW", 5), "chain:7"),
                    tooMuch,
                    next)))
        .containsExactly(
            "4 APPLIED",
            "5 APPLIED EXTERNAL_ID_USED",
            "6 REPEATED EXTERNAL_ID_USED",
            "7 REPEATED SUPPLY_LIMIT",
            "8 REPEATED");
    assertThat(answers(run(external(deposit("dave", "d1", "KRW", 5), "chain:7"))))
        .containsExactly("9 APPLIED EXTERNAL_ID_USED");
    assertThat(supply()).isEqualTo("1005");
    assertThat(alice()).isEqualTo(new Balance("KRW", 1_000, 0));
  }

  @Test
  void anExternalIdMayBeGivenUpMoreThanOnce() {
    run(external(deposit("alice", "d2", "KRW", 1L << 62), "chain:7"));
    run(external(deposit("bob", "d2", "KRW", 1L << 62), "chain:7"));

    assertThat(
            answers(
                run(
                    external(deposit("alice", "d3", "KRW", 5), "chain:7"),
                    external(deposit("bob", "d3", "KRW", 5), "chain:7"))))
        .containsExactly("3 APPLIED", "4 APPLIED EXTERNAL_ID_USED");
  }

  /**
   * The ledger has applied a batch, and the process dies before the journal has it. The batch that
   * is read again is cut otherwise, so that the first deposit is rejected in the journal when the
   * second is looked at: that one must not be asked for now, because its place in the ledger is
   * passed.
   */
  @Test
  void whatWasRefusedForItsExternalIdStaysRefusedHoweverTheBatchIsCut() {
    List<LogRecord> records =
        records(
            external(deposit("alice", "d2", "KRW", 1L << 62), "chain:7"),
            external(deposit("bob", "d1", "KRW", 5), "chain:7"),
            deposit("bob", "d2", "KRW", 7));
    await(handler.handle(records, new RecordedStep(postgres.pool)));
    restart();

    List<String> answers = new ArrayList<>();
    for (LogRecord record : records) {
      RecordedStep step = new RecordedStep(postgres.pool);
      await(handler.handle(List.of(record), step));
      await(step.commit(List.of(record)));
      answers.addAll(answers(step));
    }

    assertThat(answers)
        .containsExactly("1 APPLIED SUPPLY_LIMIT", "2 APPLIED EXTERNAL_ID_USED", "3 APPLIED");
    assertThat(supply()).isEqualTo("1007");
  }

  /** Two partitions want the same id at the same time, when it has become free. */
  @Test
  void onlyOneOfManyHasTheIdThatWasGivenUp() {
    run(external(deposit("alice", "d2", "KRW", 1L << 62), "chain:7"));
    List<Future<Set<String>>> claims = new ArrayList<>();
    for (int n = 0; n < 20; n++) {
      Transfer deposit =
          new Transfer(
              n,
              DeterministicId.transferId("deposit", "rival" + n, "d1"),
              Transfer.Direction.DEPOSIT,
              "rival" + n,
              "d1",
              "KRW",
              5,
              1,
              "chain:7");
      claims.add(SettleRows.claim(postgres.pool, List.of(deposit)));
      claims.add(SettleRows.claim(postgres.pool, List.of(deposit)));
    }

    await(Future.all(claims));
    Set<String> winners = new HashSet<>();
    claims.forEach(claim -> winners.addAll(claim.result()));
    assertThat(winners).hasSize(1);
    assertThat(claims.stream().filter(claim -> !claim.result().isEmpty()))
        .as("whoever asks for the winner is told so")
        .hasSize(2);
  }

  // ---- the statement

  /** Page by page, and with new entries in between, the sums are the balances. */
  @Test
  void theStatementSumsToTheBalances() {
    PgAccountEntries entries = new PgAccountEntries(postgres.pool, 1);
    run(withdrawal("alice", "w1", 300), withdrawal("alice", "w2", 50));
    hold("order", 100);
    Map<FlowPartition, AccountEntry.Place> places = new HashMap<>();

    List<String> shown = new ArrayList<>(page(entries, places, 3));
    run(
        confirmation("alice", W1),
        returning("alice", DeterministicId.transferId("withdrawal", "alice", "w2")),
        withdrawal("alice", "w3", 10_000),
        deposit("bob", "d1", "KRW", 7));
    for (List<String> next = page(entries, places, 2);
        !next.isEmpty();
        next = page(entries, places, 2)) {
      shown.addAll(next);
    }

    assertThat(shown)
        .containsExactly(
            "DEPOSIT +1000 +0",
            "WITHDRAWAL_HELD -300 +300",
            "WITHDRAWAL_HELD -50 +50",
            "WITHDRAWAL_CONFIRMED +0 -300",
            "HOLD -100 +100",
            "WITHDRAWAL_RETURNED +50 -50");
    assertThat(alice()).isEqualTo(new Balance("KRW", 600, 100));
  }

  private static List<String> page(
      PgAccountEntries entries, Map<FlowPartition, AccountEntry.Place> places, int limit) {
    List<AccountEntry> page = await(entries.of("alice", places, limit));
    page.forEach(e -> places.put(e.log(), new AccountEntry.Place(e.position(), e.leg())));
    return page.stream()
        .flatMap(e ->
            e.changes().stream()
                .map(c -> "%s %+d %+d".formatted(e.kind(), c.availableUnits(), c.heldUnits())))
        .toList();
  }

  // ---- what is asked

  private static TransferRequested deposit(
      String account, String requestId, String asset, long units) {
    return transfer("deposit", account, requestId, asset, units)
        .setDirection(TransferDirection.TRANSFER_DIRECTION_DEPOSIT)
        .build();
  }

  private static TransferRequested withdrawal(String account, String requestId, long units) {
    return transfer("withdrawal", account, requestId, "KRW", units)
        .setDirection(TransferDirection.TRANSFER_DIRECTION_HELD_WITHDRAWAL)
        .build();
  }

  private static TransferRequested.Builder transfer(
      String kind, String account, String requestId, String asset, long units) {
    return TransferRequested.newBuilder()
        .setTransferId(DeterministicId.transferId(kind, account, requestId))
        .setAccount(account)
        .setRequestId(requestId)
        .setAsset(asset)
        .setAmountUnits(units);
  }

  private static TransferRequested external(TransferRequested deposit, String id) {
    return deposit.toBuilder().setExternalId(id).build();
  }

  private static TransferRequested confirmation(String account, String transferId) {
    return ending(account, transferId, WithdrawalEnding.WITHDRAWAL_ENDING_CONFIRMED);
  }

  private static TransferRequested returning(String account, String transferId) {
    return ending(account, transferId, WithdrawalEnding.WITHDRAWAL_ENDING_RETURNED);
  }

  private static TransferRequested ending(
      String account, String transferId, WithdrawalEnding ending) {
    return TransferRequested.newBuilder()
        .setTransferId(transferId)
        .setAccount(account)
        .setWithdrawal(
            WithdrawalDecision.newBuilder()
                .setEnding(ending)
                .setOperator("operator")
                .setReason("because"))
        .build();
  }

  private static TransferRequested freeze(String account, boolean frozen) {
    return TransferRequested.newBuilder()
        .setTransferId(DeterministicId.transferId("freeze", account, ""))
        .setAccount(account)
        .setFreeze(
            AccountFreeze.newBuilder()
                .setFrozen(frozen)
                .setOperator("operator")
                .setReason("because"))
        .build();
  }

  /** Each at its position and with a time of its own. */
  private List<LogRecord> records(TransferRequested... events) {
    List<LogRecord> records = new ArrayList<>();
    for (TransferRequested event : events) {
      long here = position++;
      records.add(
          record(
              Topic.TRANSFER_REQUESTED, here, event.toBuilder().setTimeMicros(here + 1).build()));
    }
    return records;
  }

  private RecordedStep run(TransferRequested... events) {
    return handle(records(events));
  }

  private Verdict.OfHold hold(String name, long units) {
    long previous = holdPosition++;
    Hold hold =
        new Hold(
            holdPosition,
            DeterministicId.orderId("alice", "BTC-KRW", name),
            "alice",
            "KRW",
            units,
            units,
            5);
    return await(holds.place(new HoldBatch(0, previous, holdPosition, List.of(hold)))).getFirst();
  }

  // ---- what came of it

  private static List<String> answers(RecordedStep step) {
    assertThat(step.deadLetters).isEmpty();
    return step.emitted.stream().map(e -> answer(e.message())).toList();
  }

  private static String answer(MessageLite message) {
    if (message instanceof TransferCompleted completed) {
      String stage =
          completed.getStage() == TransferStage.TRANSFER_STAGE_UNSPECIFIED
              ? ""
              : " " + word("TRANSFER_STAGE_", completed.getStage());
      String freeze =
          completed.hasFreeze() ? completed.getFreeze().getFrozen() ? " frozen" : " free" : "";
      return completed.getInstruction()
          + " "
          + word("TRANSFER_ANSWER_", completed.getAnswer())
          + stage
          + freeze
          + completed.getConflictsList().stream().map(f -> " " + f).reduce("", String::concat);
    }
    TransferRejected rejected = (TransferRejected) message;
    String why =
        switch (rejected.getRejection()) {
          case TRANSFER_REJECTION_UNSPECIFIED ->
              rejected.getStage() == TransferStage.TRANSFER_STAGE_UNSPECIFIED
                  ? ""
                  : " " + word("TRANSFER_STAGE_", rejected.getStage());
          default -> " " + word("TRANSFER_REJECTION_", rejected.getRejection());
        };
    return rejected.getInstruction() + " " + word("TRANSFER_ANSWER_", rejected.getAnswer()) + why;
  }

  private static String word(String prefix, Enum<?> value) {
    return value.name().substring(prefix.length());
  }

  private Balance alice() {
    return await(ledger.balances("alice")).getFirst();
  }

  private static String supply() {
    return redis.command(Command.HGET, "{ledger}:supply", "KRW").toString();
  }

  private List<OpenHold> openHolds() {
    return await(journal.openHolds("", Long.MAX_VALUE, Journal.HoldPlace.TOP, 10));
  }

  private AuditReport verify() {
    RedisSite site = site();
    return await(new LedgerVerification(journal, site).run().onComplete(done -> site.close()));
  }

  private static void rebuild() {
    RedisSite site = site();
    await(
        PgFrozenJournal.connect(redis.vertx, postgres.server.uri())
            .compose(frozen ->
                new LedgerRebuild(frozen, site, InstantSource.system(), stage -> {})
                    .run("test", false)
                    .eventually(frozen::close))
            .onComplete(done -> site.close()));
    await(postgres.pool.query("update ledger.epoch set state = 'OPEN'").execute());
  }

  private static RedisSite site() {
    return await(RedisSite.connect(redis.vertx, redis.rebuildUri(), UUID.randomUUID().toString()));
  }
}
