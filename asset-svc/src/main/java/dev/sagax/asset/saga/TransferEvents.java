package dev.sagax.asset.saga;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.asset.LedgerAnswer;
import dev.sagax.asset.OperatorDecision;
import dev.sagax.asset.Transfer;
import dev.sagax.asset.Transfer.Outcome;
import dev.sagax.asset.TransferAnswer;
import dev.sagax.asset.TransferRequest;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.proto.event.v1.AccountFreeze;
import dev.sagax.proto.event.v1.TransferCompleted;
import dev.sagax.proto.event.v1.TransferDirection;
import dev.sagax.proto.event.v1.TransferRejected;
import dev.sagax.proto.event.v1.TransferRejection;
import dev.sagax.proto.event.v1.TransferRequested;
import dev.sagax.proto.event.v1.TransferStage;
import dev.sagax.proto.event.v1.WithdrawalDecision;
import dev.sagax.proto.event.v1.WithdrawalEnding;
import java.util.Optional;

/** The records of the transfer topics as values of the business, and back. */
final class TransferEvents {

  private TransferEvents() {}

  static TransferRequested encode(Transfer transfer) {
    TransferRequest request = transfer.request();
    return TransferRequested.newBuilder()
        .setTransferId(transfer.transferId())
        .setAccount(request.account())
        .setRequestId(request.requestId())
        .setDirection(
            switch (request) {
              case TransferRequest.Deposit deposit -> TransferDirection.TRANSFER_DIRECTION_DEPOSIT;
              case TransferRequest.Withdrawal withdrawal ->
                  TransferDirection.TRANSFER_DIRECTION_HELD_WITHDRAWAL;
            })
        .setExternalId(request.externalId())
        .setAsset(request.asset())
        .setAmountUnits(request.amountUnits())
        .setTimeMicros(transfer.createMicros())
        .build();
  }

  static TransferRequested encode(OperatorDecision decision, long timeMicros) {
    TransferRequested.Builder record =
        TransferRequested.newBuilder()
            .setTransferId(decision.transferId())
            .setAccount(decision.account())
            .setTimeMicros(timeMicros);
    switch (decision) {
      case OperatorDecision.WithdrawalEnd end ->
          record.setWithdrawal(
              WithdrawalDecision.newBuilder()
                  .setEnding(
                      end.confirmed()
                          ? WithdrawalEnding.WITHDRAWAL_ENDING_CONFIRMED
                          : WithdrawalEnding.WITHDRAWAL_ENDING_RETURNED)
                  .setOperator(end.operator())
                  .setReason(end.reason()));
      case OperatorDecision.AccountFreeze freeze ->
          record.setFreeze(
              AccountFreeze.newBuilder()
                  .setFrozen(freeze.frozen())
                  .setOperator(freeze.operator())
                  .setReason(freeze.reason()));
    }
    return record.build();
  }

  /** A record of transfer.requested; empty if it is an operator's decision. */
  static Optional<Transfer> decodeRequested(byte[] value) throws InvalidProtocolBufferException {
    TransferRequested event = TransferRequested.parseFrom(present(value));
    return event.getDecisionCase() == TransferRequested.DecisionCase.DECISION_NOT_SET
        ? Optional.of(transfer(event, Outcome.PENDING))
        : Optional.empty();
  }

  /**
   * A record of transfer.completed or transfer.rejected.
   *
   * @throws PartitionStoppedException if it cannot be read: the ledger has acted on it, so it must
   *     not be passed over
   */
  static LedgerAnswer decodeAnswer(LogRecord record) {
    try {
      return switch (record.topic()) {
        case TRANSFER_COMPLETED -> completed(TransferCompleted.parseFrom(present(record.value())));
        case TRANSFER_REJECTED -> rejected(TransferRejected.parseFrom(present(record.value())));
        default -> throw new IllegalArgumentException("No answers come on " + record.topic());
      };
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new PartitionStoppedException(
          "Record %d of %s-%d cannot be read: %s"
              .formatted(record.position(), record.topic(), record.partition(), e.getMessage()),
          e);
    }
  }

  private static LedgerAnswer completed(TransferCompleted event)
      throws InvalidProtocolBufferException {
    if (event.hasFreeze()) {
      return new LedgerAnswer.Frozen(
          event.getInstruction(),
          event.getTransfer().getTransferId(),
          event.getFreeze().getFrozen(),
          event.getTransfer().getTimeMicros());
    }
    Transfer transfer = transfer(event.getTransfer(), outcome(event.getStage()));
    return new TransferAnswer(
        event.getInstruction(),
        kind(event.getAnswer()),
        event.getStage() == TransferStage.TRANSFER_STAGE_UNSPECIFIED
            ? transfer
            : new Transfer(
                transfer.transferId(),
                transfer.request(),
                transfer.createMicros(),
                transfer.outcome(),
                event.getStageMicros(),
                event.getDecision().getReason()),
        event.getConflictsList());
  }

  private static LedgerAnswer rejected(TransferRejected event)
      throws InvalidProtocolBufferException {
    String transferId = event.getTransfer().getTransferId();
    return switch (event.getAnswer()) {
      case TRANSFER_ANSWER_UNKNOWN ->
          new LedgerAnswer.EndRefused(event.getInstruction(), transferId, Optional.empty());
      case TRANSFER_ANSWER_REFUSED ->
          new LedgerAnswer.EndRefused(
              event.getInstruction(),
              transferId,
              Optional.of(
                  transfer(
                      event.getTransfer(),
                      event.getRejection() == TransferRejection.TRANSFER_REJECTION_UNSPECIFIED
                          ? outcome(event.getStage())
                          : outcome(event.getRejection()))));
      case TRANSFER_ANSWER_APPLIED,
          TRANSFER_ANSWER_REPEATED,
          TRANSFER_ANSWER_CONFLICT,
          TRANSFER_ANSWER_UNSPECIFIED,
          UNRECOGNIZED ->
          new TransferAnswer(
              event.getInstruction(),
              kind(event.getAnswer()),
              transfer(event.getTransfer(), outcome(event.getRejection())),
              event.getConflictsList());
    };
  }

  private static Outcome outcome(TransferStage stage) throws InvalidProtocolBufferException {
    return switch (stage) {
      case TRANSFER_STAGE_UNSPECIFIED, TRANSFER_STAGE_CONFIRMED -> Outcome.COMPLETED;
      case TRANSFER_STAGE_HELD -> Outcome.HELD;
      case TRANSFER_STAGE_RETURNED -> Outcome.RETURNED;
      case UNRECOGNIZED -> throw unknown("stage");
    };
  }

  private static TransferAnswer.Kind kind(dev.sagax.proto.event.v1.TransferAnswer answer)
      throws InvalidProtocolBufferException {
    return switch (answer) {
      case TRANSFER_ANSWER_APPLIED -> TransferAnswer.Kind.APPLIED;
      case TRANSFER_ANSWER_REPEATED -> TransferAnswer.Kind.REPEATED;
      case TRANSFER_ANSWER_CONFLICT -> TransferAnswer.Kind.CONFLICT;
      case TRANSFER_ANSWER_UNSPECIFIED,
          TRANSFER_ANSWER_REFUSED,
          TRANSFER_ANSWER_UNKNOWN,
          UNRECOGNIZED ->
          throw unknown("answer");
    };
  }

  private static Outcome outcome(TransferRejection rejection)
      throws InvalidProtocolBufferException {
    return switch (rejection) {
      case TRANSFER_REJECTION_INSUFFICIENT_FUNDS -> Outcome.INSUFFICIENT_FUNDS;
      case TRANSFER_REJECTION_SUPPLY_LIMIT -> Outcome.SUPPLY_LIMIT;
      case TRANSFER_REJECTION_ACCOUNT_FROZEN -> Outcome.ACCOUNT_FROZEN;
      case TRANSFER_REJECTION_EXTERNAL_ID_USED -> Outcome.EXTERNAL_ID_USED;
      case TRANSFER_REJECTION_UNSPECIFIED, UNRECOGNIZED -> throw unknown("rejection");
    };
  }

  private static Transfer transfer(TransferRequested event, Outcome outcome)
      throws InvalidProtocolBufferException {
    TransferRequest request =
        switch (event.getDirection()) {
          case TRANSFER_DIRECTION_DEPOSIT ->
              new TransferRequest.Deposit(
                  event.getAccount(),
                  event.getAsset(),
                  event.getAmountUnits(),
                  event.getRequestId(),
                  event.getExternalId());
          case TRANSFER_DIRECTION_WITHDRAWAL, TRANSFER_DIRECTION_HELD_WITHDRAWAL ->
              new TransferRequest.Withdrawal(
                  event.getAccount(),
                  event.getAsset(),
                  event.getAmountUnits(),
                  event.getRequestId());
          case TRANSFER_DIRECTION_UNSPECIFIED, UNRECOGNIZED -> throw unknown("direction");
        };
    return new Transfer(event.getTransferId(), request, event.getTimeMicros(), outcome);
  }

  private static byte[] present(byte[] value) throws InvalidProtocolBufferException {
    if (value == null) {
      throw new InvalidProtocolBufferException("the record has no value.");
    }
    return value;
  }

  private static InvalidProtocolBufferException unknown(String field) {
    return new InvalidProtocolBufferException("the field " + field + " has no known value.");
  }
}
