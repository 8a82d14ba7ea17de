package dev.sagax.asset.saga;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.event.v1.OrderUpdated;
import dev.sagax.proto.event.v1.TransferCompleted;
import java.util.List;
import java.util.Optional;

/** Whose balances a record says to have moved. */
public final class MovedAccounts {
  /** Behind every hold, every settled outcome and every transfer there is a record of these. */
  public static final List<Topic> TOPICS = List.of(Topic.ORDER_UPDATED, Topic.TRANSFER_COMPLETED);

  private MovedAccounts() {}

  /** Empty if it says so of nobody; also if it cannot be read, which others complain about. */
  public static Optional<String> of(LogRecord record) {
    if (record.value() == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
              record.topic() == Topic.ORDER_UPDATED
                  ? OrderUpdated.parseFrom(record.value()).getOrder().getAccount()
                  : TransferCompleted.parseFrom(record.value()).getTransfer().getAccount())
          .filter(account -> !account.isEmpty());
    } catch (InvalidProtocolBufferException unreadable) {
      return Optional.empty();
    }
  }
}
