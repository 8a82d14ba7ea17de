package dev.sagax.asset;

import dev.sagax.asset.Transfer.Outcome;
import dev.sagax.platform.boot.Patience;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.platform.rpc.Seats;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Takes requests for transfers to the ledger and finds them again. Runs on one event loop. */
public final class TransferDesk {
  private static final long LOOK_AGAIN_MILLIS = 25;
  private static final long LIST_MILLIS = 500;
  private static final int FINDERS_A_PARTITION = 250;

  private final Vertx vertx;
  private final TransferLog log;
  private final Transfers transfers;
  private final AwaitedAnswers answers;
  private final InstantSource clock;
  private final Seats finders = new Seats(FINDERS_A_PARTITION);

  public TransferDesk(
      Vertx vertx,
      TransferLog log,
      Transfers transfers,
      AwaitedAnswers answers,
      InstantSource clock) {
    this.vertx = vertx;
    this.log = log;
    this.transfers = transfers;
    this.answers = answers;
    this.clock = clock;
  }

  /**
   * Records a request and waits for the ledger's decision, and for a moment until it is listed:
   * whoever asks for the transfer after this answer, here or at another replica, finds it decided.
   *
   * @param patienceMillis after which the transfer is answered as still pending
   * @return the transfer as first recorded; fails with ID_REUSED when the id belongs to another
   *     one, OVERLOADED, DEPENDENCY_UNAVAILABLE, or OUTCOME_UNKNOWN when it may or may not be in
   *     the log
   */
  public Future<Transfer> request(TransferRequest request, long patienceMillis) {
    Transfer pending =
        new Transfer(request.transferId(), request, nowMicros(clock.instant()), Outcome.PENDING);
    AwaitedAnswers.Awaited awaited =
        answers.expect(pending.transferId(), log.partitionOf(pending.account()));
    long giveUpNanos = nanosAfter(patienceMillis);
    return Future.<Void>succeededFuture()
        .compose(v -> log.append(pending))
        .compose(awaited::to)
        .compose(TransferDesk::original)
        .timeout(patienceMillis, TimeUnit.MILLISECONDS)
        .recover(failure -> late(failure, awaited, pending))
        .compose(known -> listed(known, Math.min(LIST_MILLIS, millisTo(giveUpNanos))))
        .onComplete(done -> awaited.close());
  }

  /**
   * Records an operator's decision on a withdrawal and waits for the ledger's answer, and for a
   * moment until it is listed.
   *
   * @return the transfer after it; fails with TRANSFER_NOT_FOUND, WITHDRAWAL_NOT_HELD if it is not
   *     held or was decided otherwise, or as {@link #request}
   */
  public Future<Transfer> end(OperatorDecision decision, long patienceMillis) {
    long giveUpNanos = nanosAfter(patienceMillis);
    return decide(decision, patienceMillis)
        .compose(TransferDesk::ended)
        .compose(known -> listed(known, Math.min(LIST_MILLIS, millisTo(giveUpNanos))));
  }

  /**
   * Records an operator's decision on an account and waits for the ledger's answer.
   *
   * @return when it was asked for, microseconds since 1970; fails as {@link #request}
   */
  public Future<Long> freeze(OperatorDecision decision, long patienceMillis) {
    return decide(decision, patienceMillis)
        .map(answer ->
            switch (answer) {
              case LedgerAnswer.Frozen frozen -> frozen.timeMicros();
              case LedgerAnswer.EndRefused other -> throw unexpected(other);
              case TransferAnswer other -> throw unexpected(other);
            });
  }

  private Future<LedgerAnswer> decide(OperatorDecision decision, long patienceMillis) {
    AwaitedAnswers.Awaited awaited =
        answers.expect(decision.transferId(), log.partitionOf(decision.account()));
    return Future.<Void>succeededFuture()
        .compose(v -> log.append(decision, nowMicros(clock.instant())))
        .compose(awaited::to)
        .timeout(patienceMillis, TimeUnit.MILLISECONDS)
        .recover(failure ->
            failure instanceof TimeoutException
                ? Future.failedFuture(undecided())
                : Future.failedFuture(failure))
        .onComplete(done -> awaited.close());
  }

  private static RefusedException undecided() {
    return Refusal.of(
            Reason.OUTCOME_UNKNOWN,
            "The ledger has not applied the decision in time. Decide the same again, and the answer"
                + " will be the same.")
        .asException();
  }

  private static Future<Transfer> ended(LedgerAnswer answer) {
    return switch (answer) {
      case TransferAnswer applied -> Future.succeededFuture(applied.transfer());
      case LedgerAnswer.EndRefused refused ->
          Future.failedFuture(
              refused
                  .standing()
                  .map(TransferDesk::notHeld)
                  .orElseGet(() -> noWithdrawal(refused.transferId()))
                  .asException());
      case LedgerAnswer.Frozen other -> Future.failedFuture(unexpected(other));
    };
  }

  private static Refusal noWithdrawal(String transferId) {
    return Refusal.ofField(
        Reason.TRANSFER_NOT_FOUND,
        "transfer_id",
        "The account has no withdrawal " + transferId + ".");
  }

  private static Refusal notHeld(Transfer standing) {
    return Refusal.ofField(
            Reason.WITHDRAWAL_NOT_HELD,
            "transfer_id",
            "Nothing is held for transfer %s: it is %s."
                .formatted(standing.transferId(), standing.outcome()))
        .with("status", standing.outcome().name());
  }

  private static IllegalStateException unexpected(LedgerAnswer answer) {
    return new IllegalStateException(
        "Instruction %d about %s was answered as another kind of instruction."
            .formatted(answer.instruction(), answer.transferId()));
  }

  /** What is decided is answered as decided, also when the list is late or cannot be read. */
  private Future<Transfer> listed(Transfer known, long patienceMillis) {
    if (known.outcome() == Outcome.PENDING) {
      return Future.succeededFuture(known);
    }
    long giveUpNanos = nanosAfter(patienceMillis);
    return Patience.poll(
            vertx,
            LOOK_AGAIN_MILLIS,
            () -> transfers.find(known.account(), known.transferId()),
            found -> isAsFarAs(known, found) || hasPassed(giveUpNanos))
        .timeout(patienceMillis, TimeUnit.MILLISECONDS)
        .map(known)
        .otherwise(known);
  }

  private static boolean isAsFarAs(Transfer known, Optional<Transfer> found) {
    return found
        .map(Transfer::outcome)
        .filter(outcome -> outcome != Outcome.PENDING)
        .filter(outcome -> outcome != Outcome.HELD || known.outcome() == Outcome.HELD)
        .isPresent();
  }

  /**
   * The transfer of this id, if it is the account's. Without a row it waits until everything that
   * the log holds now is recorded, so that an empty answer is certain.
   *
   * @return empty when there is none; fails with OUTCOME_UNKNOWN when patience ends first, and with
   *     OVERLOADED when too many calls wait for the same partition
   */
  public Future<Optional<Transfer>> find(String account, String transferId, long patienceMillis) {
    long giveUpNanos = nanosAfter(patienceMillis);
    return transfers
        .find(account, transferId)
        .timeout(patienceMillis, TimeUnit.MILLISECONDS)
        .compose(found ->
            found.isPresent()
                ? Future.succeededFuture(found)
                : findOnceRecorded(account, transferId, giveUpNanos));
  }

  private Future<Optional<Transfer>> findOnceRecorded(
      String account, String transferId, long giveUpNanos) {
    int partition = log.partitionOf(account);
    finders.take(partition);
    return Future.<Void>succeededFuture()
        .compose(v -> log.lastPosition(partition))
        .compose(last -> recorded(partition, last, giveUpNanos))
        .timeout(millisTo(giveUpNanos), TimeUnit.MILLISECONDS)
        .recover(TransferDesk::notInTime)
        .onComplete(done -> finders.leave(partition))
        .compose(recorded ->
            recorded ? transfers.find(account, transferId) : Future.failedFuture(unknown()));
  }

  private Future<Boolean> recorded(int partition, long position, long giveUpNanos) {
    return Patience.poll(
            vertx,
            LOOK_AGAIN_MILLIS,
            () -> transfers.recordedTo(partition),
            recordedTo -> recordedTo >= position || hasPassed(giveUpNanos))
        .map(recordedTo -> recordedTo >= position);
  }

  private static Future<Boolean> notInTime(Throwable failure) {
    return failure instanceof TimeoutException
        ? Future.succeededFuture(false)
        : Future.failedFuture(failure);
  }

  private static RefusedException unknown() {
    return Refusal.of(
            Reason.OUTCOME_UNKNOWN,
            "There is no transfer of this id yet, but requests that were recorded before this call"
                + " are still to be listed. Ask again.")
        .asException();
  }

  private static long nanosAfter(long millis) {
    return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** What is left, at least 1. */
  private static long millisTo(long nanos) {
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos - System.nanoTime()));
  }

  private static boolean hasPassed(long nanos) {
    return System.nanoTime() - nanos >= 0;
  }

  private static Future<Transfer> original(LedgerAnswer answer) {
    return switch (answer) {
      case TransferAnswer decided ->
          switch (decided.kind()) {
            case APPLIED, REPEATED -> original(decided.transfer());
            case CONFLICT -> Future.failedFuture(reused(decided).asException());
          };
      case LedgerAnswer.EndRefused other -> Future.failedFuture(unexpected(other));
      case LedgerAnswer.Frozen other -> Future.failedFuture(unexpected(other));
    };
  }

  private static Future<Transfer> original(Transfer transfer) {
    return transfer.outcome() == Outcome.EXTERNAL_ID_USED
        ? Future.failedFuture(externalIdReused(transfer).asException())
        : Future.succeededFuture(transfer);
  }

  private static Refusal externalIdReused(Transfer transfer) {
    return Refusal.ofField(
            Reason.ID_REUSED,
            "external_id",
            "The external_id \"%s\" belongs to a deposit with another request_id or account."
                .formatted(transfer.request().externalId()))
        .with("fields", "external_id");
  }

  private static Refusal reused(TransferAnswer answer) {
    String fields = String.join(",", answer.conflicts());
    return Refusal.ofField(
            Reason.ID_REUSED,
            "request_id",
            "The request_id \"%s\" belongs to a transfer with another %s."
                .formatted(answer.transfer().request().requestId(), fields))
        .with("fields", fields);
  }

  private static Future<Transfer> late(
      Throwable failure, AwaitedAnswers.Awaited awaited, Transfer pending) {
    if (!(failure instanceof TimeoutException)) {
      return Future.failedFuture(failure);
    }
    if (awaited.appended()) {
      return Future.succeededFuture(pending);
    }
    return Future.failedFuture(
        Refusal.of(
                Reason.OUTCOME_UNKNOWN,
                "The log has not acknowledged the transfer in time; ask again with the same"
                    + " request_id.")
            .asException());
  }

  private static long nowMicros(Instant now) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, now);
  }
}
