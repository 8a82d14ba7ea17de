package dev.sagax.asset.saga;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.asset.Transfer;
import dev.sagax.asset.Transfer.Outcome;
import dev.sagax.asset.TransferAnswer;
import dev.sagax.asset.TransferRequest;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.proto.event.v1.TransferCompleted;
import dev.sagax.proto.event.v1.TransferDirection;
import dev.sagax.proto.event.v1.TransferRejected;
import dev.sagax.proto.event.v1.TransferRejection;
import dev.sagax.proto.event.v1.TransferRequested;

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
                  TransferDirection.TRANSFER_DIRECTION_WITHDRAWAL;
            })
        .setAsset(request.asset())
        .setAmountUnits(request.amountUnits())
        .setTimeMicros(transfer.createMicros())
        .build();
  }

  /** A record of transfer.requested. */
  static Transfer decodeRequested(byte[] value) throws InvalidProtocolBufferException {
    return transfer(TransferRequested.parseFrom(present(value)), Outcome.PENDING);
  }

  /**
   * A record of transfer.completed or transfer.rejected.
   *
   * @throws PartitionStoppedException if it cannot be read: the ledger has acted on it, so it must
   *     not be passed over
   */
  static TransferAnswer decodeAnswer(LogRecord record) {
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

  private static TransferAnswer completed(TransferCompleted event)
      throws InvalidProtocolBufferException {
    return new TransferAnswer(
        event.getInstruction(),
        kind(event.getAnswer()),
        transfer(event.getTransfer(), Outcome.COMPLETED),
        event.getConflictsList());
  }

  private static TransferAnswer rejected(TransferRejected event)
      throws InvalidProtocolBufferException {
    return new TransferAnswer(
        event.getInstruction(),
        kind(event.getAnswer()),
        transfer(event.getTransfer(), outcome(event.getRejection())),
        event.getConflictsList());
  }

  private static TransferAnswer.Kind kind(dev.sagax.proto.event.v1.TransferAnswer answer)
      throws InvalidProtocolBufferException {
    return switch (answer) {
      case TRANSFER_ANSWER_APPLIED -> TransferAnswer.Kind.APPLIED;
      case TRANSFER_ANSWER_REPEATED -> TransferAnswer.Kind.REPEATED;
      case TRANSFER_ANSWER_CONFLICT -> TransferAnswer.Kind.CONFLICT;
      case TRANSFER_ANSWER_UNSPECIFIED, UNRECOGNIZED -> throw unknown("answer");
    };
  }

  private static Outcome outcome(TransferRejection rejection)
      throws InvalidProtocolBufferException {
    return switch (rejection) {
      case TRANSFER_REJECTION_INSUFFICIENT_FUNDS -> Outcome.INSUFFICIENT_FUNDS;
      case TRANSFER_REJECTION_SUPPLY_LIMIT -> Outcome.SUPPLY_LIMIT;
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
                  event.getRequestId());
          case TRANSFER_DIRECTION_WITHDRAWAL ->
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
