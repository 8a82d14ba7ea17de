package dev.sagax.settle.saga;

import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.event.v1.AccountFreeze;
import dev.sagax.proto.event.v1.TransferAnswer;
import dev.sagax.proto.event.v1.TransferCompleted;
import dev.sagax.proto.event.v1.TransferDirection;
import dev.sagax.proto.event.v1.TransferRejected;
import dev.sagax.proto.event.v1.TransferRejection;
import dev.sagax.proto.event.v1.TransferRequested;
import dev.sagax.proto.event.v1.TransferStage;
import dev.sagax.proto.event.v1.WithdrawalDecision;
import dev.sagax.proto.event.v1.WithdrawalEnding;
import dev.sagax.settle.DecidedTransfer;
import dev.sagax.settle.Transfer;
import dev.sagax.settle.Verdict;
import dev.sagax.settle.WithdrawalEnd;
import java.util.List;

/** The records that answer instructions of {@code transfer.requested}, one each. */
final class TransferAnswers {
  private final StepWrites step;
  private final LogRecord cause;

  /**
   * @param cause the instruction that is answered
   */
  TransferAnswers(StepWrites step, LogRecord cause) {
    this.step = step;
    this.cause = cause;
  }

  void poison(TransferDecoder.Poison poison) {
    step.deadLetter(Topic.TRANSFER_DLQ, poison.record(), poison.transferId(), poison.error());
  }

  /** An instruction to transfer, and how the transfer of its id was decided. */
  void transfer(Transfer asked, DecidedTransfer original) {
    List<String> conflicts = asked.differencesTo(original.transfer());
    TransferAnswer answer = answer(asked, original.transfer(), conflicts);
    TransferRejection rejection = rejection(original.verdict());
    if (rejection == TransferRejection.TRANSFER_REJECTION_UNSPECIFIED) {
      completed(asked.position(), answer, original, conflicts);
    } else {
      step.emit(
          cause,
          Topic.TRANSFER_REJECTED,
          asked.account(),
          TransferRejected.newBuilder()
              .setInstruction(asked.position())
              .setAnswer(answer)
              .setTransfer(event(original.transfer()))
              .setRejection(rejection)
              .addAllConflicts(conflicts)
              .build());
    }
  }

  private void completed(
      long position, TransferAnswer answer, DecidedTransfer transfer, List<String> conflicts) {
    TransferCompleted.Builder completed =
        TransferCompleted.newBuilder()
            .setInstruction(position)
            .setAnswer(answer)
            .setTransfer(event(transfer.transfer()))
            .addAllConflicts(conflicts)
            .setStage(stage(transfer))
            .setStageMicros(
                transfer
                    .end()
                    .map(WithdrawalEnd::timeMicros)
                    .orElse(transfer.transfer().timeMicros()));
    transfer.end().ifPresent(end -> completed.setDecision(event(end)));
    step.emit(cause, Topic.TRANSFER_COMPLETED, transfer.transfer().account(), completed.build());
  }

  private static TransferAnswer answer(Transfer asked, Transfer original, List<String> conflicts) {
    if (asked.position() == original.position()) {
      return TransferAnswer.TRANSFER_ANSWER_APPLIED;
    }
    return conflicts.isEmpty()
        ? TransferAnswer.TRANSFER_ANSWER_REPEATED
        : TransferAnswer.TRANSFER_ANSWER_CONFLICT;
  }

  /** A decision on a withdrawal, and how the withdrawal stands after it. */
  void end(TransferDecoder.Ending asked, DecidedTransfer standing) {
    long position = asked.record().position();
    if (standing.end().filter(end -> end.ending() == asked.ending()).isPresent()) {
      boolean first = standing.end().orElseThrow().position() == position;
      completed(
          position,
          first ? TransferAnswer.TRANSFER_ANSWER_APPLIED : TransferAnswer.TRANSFER_ANSWER_REPEATED,
          standing,
          List.of());
    } else {
      step.emit(
          cause,
          Topic.TRANSFER_REJECTED,
          asked.account(),
          TransferRejected.newBuilder()
              .setInstruction(position)
              .setAnswer(TransferAnswer.TRANSFER_ANSWER_REFUSED)
              .setTransfer(event(standing.transfer()))
              .setRejection(rejection(standing.verdict()))
              .setStage(stage(standing))
              .build());
    }
  }

  /** A decision on a withdrawal that the account does not have. */
  void unknown(TransferDecoder.Ending asked) {
    step.emit(
        cause,
        Topic.TRANSFER_REJECTED,
        asked.account(),
        TransferRejected.newBuilder()
            .setInstruction(asked.record().position())
            .setAnswer(TransferAnswer.TRANSFER_ANSWER_UNKNOWN)
            .setTransfer(
                TransferRequested.newBuilder()
                    .setTransferId(asked.transferId())
                    .setAccount(asked.account()))
            .build());
  }

  void freeze(TransferDecoder.Freeze asked) {
    step.emit(
        cause,
        Topic.TRANSFER_COMPLETED,
        asked.freeze().account(),
        TransferCompleted.newBuilder()
            .setInstruction(asked.record().position())
            .setAnswer(TransferAnswer.TRANSFER_ANSWER_APPLIED)
            .setTransfer(
                TransferRequested.newBuilder()
                    .setTransferId(asked.transferId())
                    .setAccount(asked.freeze().account())
                    .setTimeMicros(asked.freeze().timeMicros()))
            .setFreeze(
                AccountFreeze.newBuilder()
                    .setFrozen(asked.freeze().frozen())
                    .setOperator(asked.freeze().operator())
                    .setReason(asked.freeze().reason()))
            .build());
  }

  private static TransferRejection rejection(Verdict.OfTransfer verdict) {
    return switch (verdict) {
      case Verdict.Transferred completed -> TransferRejection.TRANSFER_REJECTION_UNSPECIFIED;
      case Verdict.InsufficientFunds refused ->
          TransferRejection.TRANSFER_REJECTION_INSUFFICIENT_FUNDS;
      case Verdict.SupplyLimit refused -> TransferRejection.TRANSFER_REJECTION_SUPPLY_LIMIT;
      case Verdict.AccountFrozen refused -> TransferRejection.TRANSFER_REJECTION_ACCOUNT_FROZEN;
      case Verdict.ExternalIdUsed refused -> TransferRejection.TRANSFER_REJECTION_EXTERNAL_ID_USED;
      case Verdict.NothingHeld refused ->
          throw new IllegalStateException("A transfer was decided as the end of a withdrawal.");
    };
  }

  private static TransferStage stage(DecidedTransfer transfer) {
    if (transfer.isHeld()) {
      return TransferStage.TRANSFER_STAGE_HELD;
    }
    return transfer
        .end()
        .map(end ->
            switch (end.ending()) {
              case CONFIRMED -> TransferStage.TRANSFER_STAGE_CONFIRMED;
              case RETURNED -> TransferStage.TRANSFER_STAGE_RETURNED;
            })
        .orElse(TransferStage.TRANSFER_STAGE_UNSPECIFIED);
  }

  private static WithdrawalDecision event(WithdrawalEnd end) {
    return WithdrawalDecision.newBuilder()
        .setEnding(
            switch (end.ending()) {
              case CONFIRMED -> WithdrawalEnding.WITHDRAWAL_ENDING_CONFIRMED;
              case RETURNED -> WithdrawalEnding.WITHDRAWAL_ENDING_RETURNED;
            })
        .setOperator(end.operator())
        .setReason(end.reason())
        .build();
  }

  private static TransferRequested event(Transfer transfer) {
    return TransferRequested.newBuilder()
        .setTransferId(transfer.transferId())
        .setAccount(transfer.account())
        .setRequestId(transfer.requestId())
        .setDirection(
            switch (transfer.direction()) {
              case DEPOSIT -> TransferDirection.TRANSFER_DIRECTION_DEPOSIT;
              case WITHDRAWAL -> TransferDirection.TRANSFER_DIRECTION_WITHDRAWAL;
              case HELD_WITHDRAWAL -> TransferDirection.TRANSFER_DIRECTION_HELD_WITHDRAWAL;
            })
        .setAsset(transfer.asset())
        .setAmountUnits(transfer.amountUnits())
        .setTimeMicros(transfer.timeMicros())
        .setExternalId(transfer.externalId())
        .build();
  }
}
