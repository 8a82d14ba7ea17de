package dev.sagax.settle.saga;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.money.Markets;
import dev.sagax.proto.event.v1.TransferRequested;
import dev.sagax.proto.event.v1.WithdrawalDecision;
import dev.sagax.proto.event.v1.WithdrawalEnding;
import dev.sagax.settle.AccountFreeze;
import dev.sagax.settle.Transfer;
import dev.sagax.settle.WithdrawalEnd;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code transfer.requested}; what cannot be carried out at all is a dead letter. */
final class TransferDecoder {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
  private static final Pattern EXTERNAL_ID = Pattern.compile("[A-Za-z0-9._:-]{0,128}");
  private static final int MOST_CHARACTERS = 500;

  private final Markets markets;
  private final int partitions;

  TransferDecoder(Markets markets, int partitions) {
    this.markets = markets;
    this.partitions = partitions;
  }

  /** What a record turned out to be. */
  sealed interface Decoded {
    LogRecord record();

    /** "" if it names none. */
    String transferId();
  }

  record Instruction(LogRecord record, Transfer transfer) implements Decoded {
    @Override
    public String transferId() {
      return transfer.transferId();
    }
  }

  /** An operator's decision on a withdrawal, whose asset and amount its record does not name. */
  record Ending(
      LogRecord record,
      String transferId,
      String account,
      WithdrawalEnd.Ending ending,
      String operator,
      String reason,
      long timeMicros)
      implements Decoded {

    /** The same about a withdrawal that is known. */
    WithdrawalEnd of(Transfer withdrawal) {
      return new WithdrawalEnd(
          record.position(),
          transferId,
          ending,
          account,
          withdrawal.asset(),
          withdrawal.amountUnits(),
          operator,
          reason,
          timeMicros);
    }
  }

  record Freeze(LogRecord record, String transferId, AccountFreeze freeze) implements Decoded {}

  /** Not an instruction, because of this error: a whole sentence. */
  record Poison(LogRecord record, String transferId, String error) implements Decoded {}

  Decoded decode(LogRecord record) {
    try {
      TransferRequested event =
          TransferRequested.parseFrom(record.value() == null ? new byte[0] : record.value());
      String error = error(record, event);
      return error.isEmpty()
          ? decoded(record, event)
          : new Poison(record, event.getTransferId(), error);
    } catch (InvalidProtocolBufferException e) {
      return new Poison(record, "", "The value is not a TransferRequested: " + e.getMessage());
    }
  }

  private static Decoded decoded(LogRecord record, TransferRequested event) {
    return switch (event.getDecisionCase()) {
      case WITHDRAWAL ->
          new Ending(
              record,
              event.getTransferId(),
              event.getAccount(),
              event.getWithdrawal().getEnding() == WithdrawalEnding.WITHDRAWAL_ENDING_CONFIRMED
                  ? WithdrawalEnd.Ending.CONFIRMED
                  : WithdrawalEnd.Ending.RETURNED,
              event.getWithdrawal().getOperator(),
              event.getWithdrawal().getReason(),
              event.getTimeMicros());
      case FREEZE ->
          new Freeze(
              record,
              event.getTransferId(),
              new AccountFreeze(
                  record.position(),
                  event.getAccount(),
                  event.getFreeze().getFrozen(),
                  event.getFreeze().getOperator(),
                  event.getFreeze().getReason(),
                  event.getTimeMicros()));
      case DECISION_NOT_SET -> new Instruction(record, transfer(record, event));
    };
  }

  /** Why it cannot be carried out; empty if it can. */
  private String error(LogRecord record, TransferRequested event) {
    if (!DeterministicId.isWellFormed(event.getTransferId())) {
      return "The transfer id is not 32 hexadecimal digits.";
    }
    if (!NAME.matcher(event.getAccount()).matches()) {
      return "The account is not 1 to 64 of the allowed characters.";
    }
    int partition = DeterministicId.accountPartition(event.getAccount(), partitions);
    if (record.partition() != partition) {
      return "The account's transfers belong to partition " + partition + ".";
    }
    return switch (event.getDecisionCase()) {
      case WITHDRAWAL -> errorOf(event.getWithdrawal());
      case FREEZE -> errorOf(event.getFreeze());
      case DECISION_NOT_SET -> errorOfTransfer(event);
    };
  }

  private static String errorOf(WithdrawalDecision decision) {
    return switch (decision.getEnding()) {
      case WITHDRAWAL_ENDING_CONFIRMED, WITHDRAWAL_ENDING_RETURNED ->
          errorOfText(decision.getOperator(), decision.getReason());
      case WITHDRAWAL_ENDING_UNSPECIFIED, UNRECOGNIZED ->
          "A withdrawal is neither confirmed nor returned.";
    };
  }

  private static String errorOf(dev.sagax.proto.event.v1.AccountFreeze freeze) {
    return errorOfText(freeze.getOperator(), freeze.getReason());
  }

  /** A text with a NUL cannot be stored, and one without end should not be. */
  private static String errorOfText(String operator, String reason) {
    return NAME.matcher(operator).matches()
            && reason.length() <= MOST_CHARACTERS
            && reason.indexOf('\0') < 0
        ? ""
        : "The operator or the reason is too long or has characters that are not allowed.";
  }

  private String errorOfTransfer(TransferRequested event) {
    if (!NAME.matcher(event.getRequestId()).matches()) {
      return "The request id is not 1 to 64 of the allowed characters.";
    }
    if (direction(event).isEmpty()) {
      return "The direction is neither deposit nor withdrawal.";
    }
    if (!EXTERNAL_ID.matcher(event.getExternalId()).matches()) {
      return "The external id is not up to 128 of the allowed characters.";
    }
    if (markets.asset(event.getAsset()).isEmpty()) {
      return "There is no such asset.";
    }
    if (event.getAmountUnits() <= 0) {
      return "Expected an amount above zero, but got " + event.getAmountUnits() + " units.";
    }
    String id =
        DeterministicId.transferId(
            direction(event).orElseThrow().word, event.getAccount(), event.getRequestId());
    if (!event.getTransferId().equals(id)) {
      return "The transfer id is not the hash of kind, account and request id: expected "
          + id
          + ".";
    }
    return "";
  }

  private static Transfer transfer(LogRecord record, TransferRequested event) {
    return new Transfer(
        record.position(),
        event.getTransferId(),
        direction(event).orElseThrow(),
        event.getAccount(),
        event.getRequestId(),
        event.getAsset(),
        event.getAmountUnits(),
        event.getTimeMicros(),
        event.getExternalId());
  }

  private static Optional<Transfer.Direction> direction(TransferRequested event) {
    return switch (event.getDirection()) {
      case TRANSFER_DIRECTION_DEPOSIT -> Optional.of(Transfer.Direction.DEPOSIT);
      case TRANSFER_DIRECTION_WITHDRAWAL -> Optional.of(Transfer.Direction.WITHDRAWAL);
      case TRANSFER_DIRECTION_HELD_WITHDRAWAL -> Optional.of(Transfer.Direction.HELD_WITHDRAWAL);
      case TRANSFER_DIRECTION_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }
}
