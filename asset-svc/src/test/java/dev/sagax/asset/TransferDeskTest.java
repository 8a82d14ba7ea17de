package dev.sagax.asset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.asset.Transfer.Outcome;
import dev.sagax.platform.refusal.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The desk over ports held in memory; the real log and store are tested end to end. */
class TransferDeskTest {
  private static final long PATIENCE_MILLIS = 5_000;
  private static final long SHORT_MILLIS = 60;

  /** A deadline that comes, but not before what the test does until then. */
  private static final long BUSY_MILLIS = 1_000;

  private static final String ID = "0123456789abcdef".repeat(2);
  private static final TransferRequest WITHDRAWAL =
      new TransferRequest.Withdrawal("ann", "BTC", 5, "r-1");

  private final Vertx vertx = Vertx.vertx();
  private final MemoryLog log = new MemoryLog();
  private final MemoryTransfers transfers = new MemoryTransfers();
  private final AwaitedAnswers answers = new AwaitedAnswers(2);
  private final InstantSource clock = InstantSource.fixed(Instant.ofEpochSecond(7));
  private final TransferDesk desk = new TransferDesk(vertx, log, transfers, answers, clock);

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  void aCallTakesTheAnswerToItsOwnInstruction() throws Exception {
    Future<Transfer> call = desk.request(WITHDRAWAL, PATIENCE_MILLIS);
    log.acknowledge(41);

    answers.arrived(applied(40, Outcome.COMPLETED));
    answers.arrived(applied(41, Outcome.INSUFFICIENT_FUNDS));

    assertThat(await(call).outcome()).isEqualTo(Outcome.INSUFFICIENT_FUNDS);
    assertThat(answers.waiting()).isZero();
  }

  @Test
  void anAnswerMayComeBeforeTheAppendIsAcknowledged() throws Exception {
    Future<Transfer> call = desk.request(WITHDRAWAL, PATIENCE_MILLIS);

    answers.arrived(applied(41, Outcome.COMPLETED));
    log.acknowledge(41);

    assertThat(await(call).outcome()).isEqualTo(Outcome.COMPLETED);
  }

  @Test
  void aDecisionIsAnsweredOnlyOnceItIsListed() throws Exception {
    Future<Transfer> call = desk.request(WITHDRAWAL, PATIENCE_MILLIS);
    TransferAnswer answer = applied(41, Outcome.COMPLETED);
    Transfer decided = transfers.rows.put(log.last.transferId(), log.last);
    answers.arrived(answer);
    log.acknowledge(41);

    assertThat(call.isComplete()).isFalse();
    transfers.rows.put(decided.transferId(), decided);

    assertThat(await(call).outcome()).isEqualTo(Outcome.COMPLETED);
  }

  @Test
  void whatIsDecidedIsNeverAnsweredAsPendingThoughItIsNotListedInTime() throws Exception {
    Future<Transfer> call = desk.request(WITHDRAWAL, BUSY_MILLIS);
    TransferAnswer answer = applied(41, Outcome.COMPLETED);
    transfers.rows.clear();
    answers.arrived(answer);
    log.acknowledge(41);

    assertThat(await(call).outcome()).isEqualTo(Outcome.COMPLETED);
    assertThat(answers.waiting()).isZero();
  }

  @Test
  void aRepeatIsAnsweredWithTheTransferAsFirstRecorded() throws Exception {
    Future<Transfer> call = desk.request(WITHDRAWAL, PATIENCE_MILLIS);
    Transfer original =
        new Transfer(log.last.transferId(), WITHDRAWAL, 3_000_000, Outcome.COMPLETED);
    transfers.rows.put(original.transferId(), original);
    log.acknowledge(41);

    answers.arrived(new TransferAnswer(41, TransferAnswer.Kind.REPEATED, original, List.of()));

    assertThat(await(call)).isEqualTo(original);
  }

  @Test
  void otherContentUnderAUsedIdIsRefusedWithTheFieldsThatDiffer() {
    Future<Transfer> call = desk.request(WITHDRAWAL, PATIENCE_MILLIS);
    log.acknowledge(41);

    answers.arrived(
        new TransferAnswer(41, TransferAnswer.Kind.CONFLICT, log.last, List.of("asset", "amount")));

    assertThatThrownBy(() -> await(call))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> {
              assertThat(refused.refusal().reason()).hasToString("ID_REUSED");
              assertThat(refused.refusal().metadata()).containsEntry("fields", "asset,amount");
            });
  }

  @Test
  void withoutADecisionInTimeTheTransferIsPending() throws Exception {
    Future<Transfer> call = desk.request(WITHDRAWAL, BUSY_MILLIS);
    log.acknowledge(41);

    assertThat(await(call))
        .isEqualTo(new Transfer(log.last.transferId(), WITHDRAWAL, 7_000_000, Outcome.PENDING));
    assertThat(answers.waiting()).isZero();
  }

  @Test
  void withoutAnAcknowledgementInTimeTheOutcomeIsUnknown() {
    Future<Transfer> call = desk.request(WITHDRAWAL, SHORT_MILLIS);

    assertThatThrownBy(() -> await(call)).hasMessageContaining("OUTCOME_UNKNOWN");
    assertThat(answers.waiting()).isZero();
  }

  @Test
  void moreCallsThanMayWaitAreRefusedAndNothingIsAppended() {
    desk.request(WITHDRAWAL, PATIENCE_MILLIS);
    desk.request(WITHDRAWAL, PATIENCE_MILLIS);
    int appended = log.appends;

    assertThatThrownBy(() -> desk.request(WITHDRAWAL, PATIENCE_MILLIS))
        .hasMessageContaining("OVERLOADED");
    assertThat(log.appends).isEqualTo(appended);
  }

  @Test
  void callsForAPartitionThatStandsStillRefuseNoneForAnother() throws Exception {
    desk.request(WITHDRAWAL, PATIENCE_MILLIS);
    desk.request(WITHDRAWAL, PATIENCE_MILLIS);
    TransferRequest bobs = new TransferRequest.Withdrawal("bob", "BTC", 5, "r-1");

    Future<Transfer> call = desk.request(bobs, BUSY_MILLIS);
    log.acknowledge(1);

    assertThat(await(call).account()).isEqualTo("bob");
  }

  @Test
  void callsForOneTransferAreBoundedSinceEachIsOfferedTheAnswersOfAll() {
    AwaitedAnswers many = new AwaitedAnswers(1_000);
    for (int i = 0; i < 100; i++) {
      many.expect("t-1", 0);
    }

    assertThatThrownBy(() -> many.expect("t-1", 0)).hasMessageContaining("OVERLOADED");
    many.expect("t-2", 0).close();
    assertThat(many.waiting()).isEqualTo(100);
  }

  @Test
  void moreSearchesThanMayWaitAreRefusedForTheirPartitionOnly() throws Exception {
    log.lastPosition = 9;
    transfers.recordedTo = 8;
    for (int i = 0; i < 250; i++) {
      desk.find("ann", "t-1", PATIENCE_MILLIS);
    }

    assertThatThrownBy(() -> await(desk.find("ann", "t-1", PATIENCE_MILLIS)))
        .hasMessageContaining("OVERLOADED");
    log.lastPosition = 8;
    assertThat(await(desk.find("bob", "t-1", PATIENCE_MILLIS))).isEmpty();
  }

  @Test
  void depositAndWithdrawalOfOneRequestIdAreTwoTransfers() {
    desk.request(WITHDRAWAL, PATIENCE_MILLIS);
    String withdrawalId = log.last.transferId();

    desk.request(new TransferRequest.Deposit("ann", "BTC", 5, "r-1"), PATIENCE_MILLIS);

    assertThat(log.last.transferId()).isNotEqualTo(withdrawalId);
  }

  @Test
  void aTransferWithoutARowIsMissingOnlyOnceTheLogIsRecorded() throws Exception {
    log.lastPosition = 9;
    transfers.recordedTo = 8;
    Future<Optional<Transfer>> call = desk.find("ann", "t-1", PATIENCE_MILLIS);

    Transfer late = new Transfer("t-1", WITHDRAWAL, 0, Outcome.PENDING);
    transfers.rows.put("t-1", late);
    transfers.recordedTo = 9;

    assertThat(await(call)).contains(late);
    assertThat(await(desk.find("ann", "t-2", PATIENCE_MILLIS))).isEmpty();
    assertThat(await(desk.find("bob", "t-1", PATIENCE_MILLIS))).isEmpty();
  }

  @Test
  void aTransferThatMayStillBeOnItsWayIsUnknownAtTheDeadline() {
    log.lastPosition = 9;
    transfers.recordedTo = 8;

    assertThatThrownBy(() -> await(desk.find("ann", "t-1", SHORT_MILLIS)))
        .hasMessageContaining("OUTCOME_UNKNOWN");
  }

  private TransferAnswer applied(long instruction, Outcome outcome) {
    Transfer decided =
        new Transfer(log.last.transferId(), WITHDRAWAL, log.last.createMicros(), outcome);
    transfers.rows.put(decided.transferId(), decided);
    return new TransferAnswer(instruction, TransferAnswer.Kind.APPLIED, decided, List.of());
  }

  @Test
  void aConfirmationIsAnsweredWithTheTransferAsTheLedgerHasIt() throws Exception {
    Future<Transfer> call = desk.end(confirmation(), PATIENCE_MILLIS);
    log.acknowledge(41);
    Transfer done = new Transfer(ID, WITHDRAWAL, 0, Outcome.COMPLETED, 9, "paid");
    transfers.rows.put(ID, done);

    answers.arrived(new TransferAnswer(41, TransferAnswer.Kind.APPLIED, done, List.of()));

    assertThat(await(call)).isEqualTo(done);
    assertThat(log.lastDecision).isEqualTo(confirmation());
  }

  @Test
  void whatIsNotHeldCannotEnd() {
    Transfer returned = new Transfer(ID, WITHDRAWAL, 0, Outcome.RETURNED);

    assertThat(refusal(Optional.of(returned)))
        .hasMessageContaining("WITHDRAWAL_NOT_HELD")
        .hasMessageContaining("RETURNED");
    assertThat(refusal(Optional.empty())).hasMessageContaining("TRANSFER_NOT_FOUND");
  }

  private Throwable refusal(Optional<Transfer> standing) {
    Future<Transfer> call = desk.end(confirmation(), PATIENCE_MILLIS);
    log.acknowledge(41);
    answers.arrived(new LedgerAnswer.EndRefused(41, ID, standing));
    assertThat(answers.waiting()).isZero();
    return call.cause();
  }

  @Test
  void aDecisionThatIsNotAppliedInTimeMayBeOrNot() {
    Future<Transfer> call = desk.end(confirmation(), SHORT_MILLIS);
    log.acknowledge(41);

    assertThatThrownBy(() -> await(call)).hasMessageContaining("OUTCOME_UNKNOWN");
    assertThat(answers.waiting()).isZero();
  }

  @Test
  void anAccountIsFrozenWhenTheLedgerSaysSo() throws Exception {
    OperatorDecision freeze =
        new OperatorDecision.AccountFreeze("ann", true, "operator", "asked by the court");
    Future<Long> call = desk.freeze(freeze, PATIENCE_MILLIS);
    log.acknowledge(41);

    answers.arrived(new LedgerAnswer.Frozen(41, freeze.transferId(), true, 7));

    assertThat(await(call)).isEqualTo(7);
  }

  @Test
  void aDepositWhoseExternalIdIsUsedIsRefused() {
    TransferRequest deposit = new TransferRequest.Deposit("ann", "BTC", 5, "r-1", "chain:7");
    Future<Transfer> call = desk.request(deposit, PATIENCE_MILLIS);
    log.acknowledge(41);
    Transfer used = new Transfer(log.last.transferId(), deposit, 0, Outcome.EXTERNAL_ID_USED);

    answers.arrived(new TransferAnswer(41, TransferAnswer.Kind.APPLIED, used, List.of()));

    assertThat(call.cause()).hasMessageContaining("ID_REUSED").hasMessageContaining("chain:7");
  }

  private static OperatorDecision confirmation() {
    return new OperatorDecision.WithdrawalEnd("ann", ID, true, "operator", "paid");
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.await(10, TimeUnit.SECONDS);
  }

  private static final class MemoryLog implements TransferLog {
    private Transfer last;
    private OperatorDecision lastDecision;
    private Promise<Long> append;
    private int appends;
    private long lastPosition = -1;

    @Override
    public int partitionOf(String account) {
      return account.equals("ann") ? 0 : 1;
    }

    @Override
    public Future<Long> append(Transfer pending) {
      appends++;
      last = pending;
      append = Promise.promise();
      return append.future();
    }

    @Override
    public Future<Long> append(OperatorDecision decision, long timeMicros) {
      appends++;
      lastDecision = decision;
      append = Promise.promise();
      return append.future();
    }

    private void acknowledge(long position) {
      append.complete(position);
    }

    @Override
    public Future<Long> lastPosition(int partition) {
      return Future.succeededFuture(lastPosition);
    }
  }

  private static final class MemoryTransfers implements Transfers {
    private final Map<String, Transfer> rows = new ConcurrentHashMap<>();
    private volatile long recordedTo = -1;

    @Override
    public Future<Optional<Transfer>> find(String account, String transferId) {
      return Future.succeededFuture(
          Optional.ofNullable(rows.get(transferId)).filter(t -> t.account().equals(account)));
    }

    @Override
    public Future<List<Transfer>> list(String account, Filter filter, Place before, int limit) {
      return Future.succeededFuture(List.copyOf(rows.values()));
    }

    @Override
    public Future<Long> recordedTo(int partition) {
      return Future.succeededFuture(recordedTo);
    }
  }
}
