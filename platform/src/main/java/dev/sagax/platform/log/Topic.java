package dev.sagax.platform.log;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Every topic of the exchange, declared once. One event is one topic. */
public enum Topic {
  ORDER_REQUESTED("order.requested", Numbering.OFFSET),
  MATCH_REQUESTED("match.requested", Numbering.SEQ),
  SETTLE_REQUESTED("settle.requested", Numbering.SEQ),
  SETTLE_COMPLETED("settle.completed", Numbering.SEQ),
  BOOK_UPDATED("book.updated", Numbering.SEQ),
  MATCH_CANCEL_REQUESTED("match.cancel.requested", Numbering.SEQ),
  ORDER_CANCEL_REQUESTED("order.cancel.requested", Numbering.SEQ),
  ORDER_UPDATED("order.updated", Numbering.SEQ),
  TRANSFER_REQUESTED("transfer.requested", Numbering.OFFSET),
  TRANSFER_COMPLETED("transfer.completed", Numbering.SEQ),
  TRANSFER_REJECTED("transfer.rejected", Numbering.SEQ),
  ORDER_DLQ("order.dlq", Numbering.SEQ),
  MATCH_DLQ("match.dlq", Numbering.SEQ),
  SETTLE_DLQ("settle.dlq", Numbering.SEQ),
  TRANSFER_DLQ("transfer.dlq", Numbering.SEQ);

  /** How long records are kept at least. */
  public static final Duration RETENTION = Duration.ofDays(7);

  /** What a record's position in its partition is. */
  public enum Numbering {
    /** Written by many API replicas: the position is the Kafka offset. */
    OFFSET,
    /**
     * Written by the one loop that owns the partition: the position is the header {@code seq}, 1,
     * 2, 3, ...
     */
    SEQ
  }

  private static final Map<String, Topic> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(t -> t.topicName, t -> t));

  public final String topicName;
  public final Numbering numbering;

  Topic(String topicName, Numbering numbering) {
    this.topicName = topicName;
    this.numbering = numbering;
  }

  public boolean numbered() {
    return numbering == Numbering.SEQ;
  }

  /** Whether it holds dead letters. */
  public boolean isDeadLetters() {
    return switch (this) {
      case ORDER_DLQ, MATCH_DLQ, SETTLE_DLQ, TRANSFER_DLQ -> true;
      case ORDER_REQUESTED,
          MATCH_REQUESTED,
          SETTLE_REQUESTED,
          SETTLE_COMPLETED,
          BOOK_UPDATED,
          MATCH_CANCEL_REQUESTED,
          ORDER_CANCEL_REQUESTED,
          ORDER_UPDATED,
          TRANSFER_REQUESTED,
          TRANSFER_COMPLETED,
          TRANSFER_REJECTED ->
          false;
    };
  }

  /** The position before the first record: -1 for offsets, 0 for numbers. */
  public long beforeFirst() {
    return numbered() ? 0 : -1;
  }

  public static Optional<Topic> ofName(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  @Override
  public String toString() {
    return topicName;
  }
}
