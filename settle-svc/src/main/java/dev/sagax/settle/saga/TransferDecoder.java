package dev.sagax.settle.saga;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.money.Markets;
import dev.sagax.proto.event.v1.TransferDirection;
import dev.sagax.proto.event.v1.TransferRequested;
import dev.sagax.settle.Transfer;
import java.util.regex.Pattern;

/** Reads {@code transfer.requested}; what cannot be carried out at all is a dead letter. */
final class TransferDecoder {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

  private final Markets markets;
  private final int partitions;

  TransferDecoder(Markets markets, int partitions) {
    this.markets = markets;
    this.partitions = partitions;
  }

  /** What a record turned out to be. */
  sealed interface Decoded {
    LogRecord record();
  }

  record Instruction(LogRecord record, TransferRequested event, Transfer transfer)
      implements Decoded {}

  /** Not an instruction, because of this error: a whole sentence. */
  record Poison(LogRecord record, String transferId, String error) implements Decoded {}

  Decoded decode(LogRecord record) {
    try {
      TransferRequested event =
          TransferRequested.parseFrom(record.value() == null ? new byte[0] : record.value());
      String error = error(record, event);
      return error.isEmpty()
          ? new Instruction(record, event, transfer(record, event))
          : new Poison(record, event.getTransferId(), error);
    } catch (InvalidProtocolBufferException e) {
      return new Poison(record, "", "The value is not a TransferRequested: " + e.getMessage());
    }
  }

  /** Why it cannot be carried out; empty if it can. */
  private String error(LogRecord record, TransferRequested event) {
    if (!DeterministicId.isWellFormed(event.getTransferId())) {
      return "The transfer id is not 32 hexadecimal digits.";
    }
    if (!NAME.matcher(event.getAccount()).matches()) {
      return "The account is not 1 to 64 of the allowed characters.";
    }
    if (!NAME.matcher(event.getRequestId()).matches()) {
      return "The request id is not 1 to 64 of the allowed characters.";
    }
    if (event.getDirection() != TransferDirection.TRANSFER_DIRECTION_DEPOSIT
        && event.getDirection() != TransferDirection.TRANSFER_DIRECTION_WITHDRAWAL) {
      return "The direction is neither deposit nor withdrawal.";
    }
    if (markets.asset(event.getAsset()).isEmpty()) {
      return "There is no such asset.";
    }
    if (event.getAmountUnits() <= 0) {
      return "Expected an amount above zero, but got " + event.getAmountUnits() + " units.";
    }
    String id =
        DeterministicId.transferId(direction(event).word, event.getAccount(), event.getRequestId());
    if (!event.getTransferId().equals(id)) {
      return "The transfer id is not the hash of kind, account and request id: expected "
          + id
          + ".";
    }
    int partition = DeterministicId.accountPartition(event.getAccount(), partitions);
    if (record.partition() != partition) {
      return "The account's transfers belong to partition " + partition + ".";
    }
    return "";
  }

  private static Transfer transfer(LogRecord record, TransferRequested event) {
    return new Transfer(
        record.position(),
        event.getTransferId(),
        direction(event),
        event.getAccount(),
        event.getRequestId(),
        event.getAsset(),
        event.getAmountUnits(),
        event.getTimeMicros());
  }

  private static Transfer.Direction direction(TransferRequested event) {
    return event.getDirection() == TransferDirection.TRANSFER_DIRECTION_DEPOSIT
        ? Transfer.Direction.DEPOSIT
        : Transfer.Direction.WITHDRAWAL;
  }
}
