package dev.sagax.order.saga.trace;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.sagax.order.Order;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.event.v1.MatchCancelRequested;
import dev.sagax.proto.event.v1.MatchRequested;
import dev.sagax.proto.event.v1.OrderCancelRequested;
import dev.sagax.proto.event.v1.OrderRequested;
import dev.sagax.proto.event.v1.OrderUpdated;
import dev.sagax.proto.event.v1.SettleCompleted;
import dev.sagax.proto.event.v1.SettleRequested;
import dev.sagax.proto.order.v1.OrderReason;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/** What the records of the saga say. What cannot be read says nothing. */
final class Events {
  private Events() {}

  static OrderRequested orderRequested(LogRecord record) {
    return read(OrderRequested.parser(), OrderRequested.getDefaultInstance(), record);
  }

  static MatchRequested matchRequested(LogRecord record) {
    return read(MatchRequested.parser(), MatchRequested.getDefaultInstance(), record);
  }

  static SettleRequested settleRequested(LogRecord record) {
    return read(SettleRequested.parser(), SettleRequested.getDefaultInstance(), record);
  }

  static SettleCompleted settleCompleted(LogRecord record) {
    return read(SettleCompleted.parser(), SettleCompleted.getDefaultInstance(), record);
  }

  static MatchCancelRequested matchCancelRequested(LogRecord record) {
    return read(MatchCancelRequested.parser(), MatchCancelRequested.getDefaultInstance(), record);
  }

  static OrderCancelRequested orderCancelRequested(LogRecord record) {
    return read(OrderCancelRequested.parser(), OrderCancelRequested.getDefaultInstance(), record);
  }

  static OrderUpdated orderUpdated(LogRecord record) {
    return read(OrderUpdated.parser(), OrderUpdated.getDefaultInstance(), record);
  }

  private static <M extends MessageLite> M read(Parser<M> parser, M nothing, LogRecord record) {
    try {
      return record.value() == null ? nothing : parser.parseFrom(record.value());
    } catch (InvalidProtocolBufferException unreadable) {
      return nothing;
    }
  }

  /** Whether an outcome takes back one that the ledger refused: it has no fills of its own. */
  static boolean undoes(SettleRequested outcome) {
    return outcome.getFillsCount() == 0
        && outcome.getReleasesList().stream()
            .anyMatch(release -> release.getReason() == OrderReason.ORDER_REASON_SETTLEMENT_FAILED);
  }

  /** Whether an order is part of an outcome. */
  static boolean isAbout(SettleRequested outcome, String orderId) {
    return outcome.getTaker().getOrderId().equals(orderId)
        || outcome.getFillsList().stream()
            .anyMatch(fill -> fill.getMaker().getOrderId().equals(orderId))
        || outcome.getReleasesList().stream()
            .anyMatch(release -> release.getOrder().getOrderId().equals(orderId));
  }

  /** Whether an order is part of a settled outcome. */
  static boolean isAbout(SettleCompleted completed, String orderId) {
    return completed.getOrderId().equals(orderId)
        || completed.getOrdersList().stream().anyMatch(order -> order.getOrderId().equals(orderId));
  }

  /** Whether a record is about an order. */
  static boolean isAbout(LogRecord record, String orderId) {
    return switch (record.topic()) {
      case ORDER_REQUESTED -> orderRequested(record).getOrderId().equals(orderId);
      case MATCH_REQUESTED -> matchRequested(record).getOrderId().equals(orderId);
      case SETTLE_REQUESTED -> isAbout(settleRequested(record), orderId);
      case SETTLE_COMPLETED -> isAbout(settleCompleted(record), orderId);
      case MATCH_CANCEL_REQUESTED -> isAbout(matchCancelRequested(record).getOutcome(), orderId);
      case ORDER_CANCEL_REQUESTED -> orderCancelRequested(record).getOrderId().equals(orderId);
      case ORDER_UPDATED -> orderUpdated(record).getOrderId().equals(orderId);
      case BOOK_UPDATED,
          TRANSFER_REQUESTED,
          TRANSFER_COMPLETED,
          TRANSFER_REJECTED,
          ORDER_DLQ,
          MATCH_DLQ,
          SETTLE_DLQ,
          TRANSFER_DLQ ->
          false;
    };
  }

  /** Whether an instruction cancels all orders that the order is one of, if it is open then. */
  static boolean cancelsAll(OrderRequested instruction, Order order) {
    int side = instruction.getCancelAll().getSideValue();
    return instruction.hasCancelAll()
        && instruction.getAccount().equals(order.account())
        && (instruction.getMarket().isEmpty() || instruction.getMarket().equals(order.market()))
        && (side == 0 || side == order.request().type().side().code);
  }

  /** Whether an answer to an instruction tells what becomes of an order. */
  static boolean tells(OrderUpdated update, String orderId) {
    return update.getOrderId().equals(orderId) || update.getCancellingList().contains(orderId);
  }

  /** The number of the order that is to be cancelled or reduced; 0 if it is to be placed. */
  static long orderNumber(MatchRequested request) {
    return switch (request.getRequestCase()) {
      case CANCEL -> request.getCancel().getOrderNumber();
      case AMEND -> request.getAmend().getOrderNumber();
      case PLACE, REPLACE, MARKET_STATE, REQUEST_NOT_SET -> 0;
    };
  }

  /** The position in `order.requested` of the instruction that caused a record. */
  static long instruction(LogRecord record) {
    return switch (record.topic()) {
      case ORDER_REQUESTED -> record.position();
      case MATCH_REQUESTED -> matchRequested(record).getInstruction();
      case SETTLE_REQUESTED -> settleRequested(record).getInstruction();
      case SETTLE_COMPLETED -> settleCompleted(record).getInstruction();
      case MATCH_CANCEL_REQUESTED -> matchCancelRequested(record).getOutcome().getInstruction();
      case ORDER_CANCEL_REQUESTED -> orderCancelRequested(record).getInstruction();
      case ORDER_UPDATED -> orderUpdated(record).getInstruction();
      case BOOK_UPDATED,
          TRANSFER_REQUESTED,
          TRANSFER_COMPLETED,
          TRANSFER_REJECTED,
          ORDER_DLQ,
          MATCH_DLQ,
          SETTLE_DLQ,
          TRANSFER_DLQ ->
          throw new IllegalArgumentException(record.topic() + " has no instructions of orders.");
    };
  }

  /** The offset that a dead letter was read from, if it is from this topic. */
  static OptionalLong sourceOffset(LogRecord letter, Topic source) {
    String offset = header(letter, "source.offset");
    return header(letter, "source.topic").equals(source.topicName) && offset.matches("\\d{1,18}")
        ? OptionalLong.of(Long.parseLong(offset))
        : OptionalLong.empty();
  }

  private static String header(LogRecord record, String name) {
    return record.headers().stream()
        .filter(header -> header.name().equals(name) && header.value() != null)
        .reduce((first, last) -> last)
        .map(header -> new String(header.value(), StandardCharsets.UTF_8))
        .orElse("");
  }
}
