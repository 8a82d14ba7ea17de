package dev.sagax.order.api;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.stream.LogTail;
import dev.sagax.proto.event.v1.OrderUpdated;

/** Reads the records of `order.updated`, which are the news of the order's owner. */
public final class OrderNews implements LogTail.Decoder<OrderUpdated> {

  @Override
  public OrderUpdated decode(LogRecord record) {
    try {
      return OrderUpdated.parseFrom(record.value());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(
          "Record %d of %s partition %d cannot be read."
              .formatted(record.position(), record.topic(), record.partition()),
          e);
    }
  }

  /** Nobody's, if there is no order. */
  @Override
  public String keyOf(OrderUpdated update) {
    return update.getOrder().getAccount();
  }
}
