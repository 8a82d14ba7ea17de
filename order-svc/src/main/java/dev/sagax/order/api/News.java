package dev.sagax.order.api;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.order.Order;
import dev.sagax.order.saga.OrderRecords;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.proto.event.v1.InstructionAnswer;
import dev.sagax.proto.event.v1.OrderUpdated;
import dev.sagax.proto.event.v1.UpdateStage;
import java.util.List;
import java.util.Optional;

/**
 * A record of `order.updated`, as calls wait for it.
 *
 * @param instruction position of the instruction that caused it, in the same partition
 * @param order empty when there is none
 * @param cancelling the orders that a cancel of all sends to the book, as far as this says
 * @param cancellingMore how many of them are told after this
 */
record News(
    int partition,
    long instruction,
    UpdateStage stage,
    InstructionAnswer answer,
    List<String> conflicts,
    String orderId,
    Optional<Order> order,
    List<String> cancelling,
    int cancellingMore) {

  static News of(LogRecord record) throws InvalidProtocolBufferException {
    OrderUpdated update = OrderUpdated.parseFrom(record.value());
    return new News(
        record.partition(),
        update.getInstruction(),
        update.getStage(),
        update.getAnswer(),
        update.getConflictsList(),
        update.getOrderId(),
        update.hasOrder() ? Optional.of(OrderRecords.toOrder(update.getOrder())) : Optional.empty(),
        update.getCancellingList(),
        update.getCancellingMore());
  }
}
