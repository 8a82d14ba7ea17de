package dev.sagax.order.saga.trace;

import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.StepPositions;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.saga.v1.SagaStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What an order waits for: records that their readers have not applied, or that are not there. */
final class Waiting {
  /** In the order in which an order passes them. */
  private static final List<Topic> ROAD =
      List.of(
          Topic.ORDER_REQUESTED,
          Topic.MATCH_REQUESTED,
          Topic.SETTLE_REQUESTED,
          Topic.MATCH_CANCEL_REQUESTED,
          Topic.SETTLE_COMPLETED,
          Topic.ORDER_CANCEL_REQUESTED);

  private final Facts facts;
  private final SagaLog log;

  Waiting(Facts facts, SagaLog log) {
    this.facts = facts;
    this.log = log;
  }

  /** The records about the order that their readers have not applied. */
  List<LogRecord> pending() {
    List<LogRecord> pending = new ArrayList<>();
    for (Topic topic : ROAD) {
      facts
          .applied(topic)
          .ifPresent(applied ->
              pending.addAll(
                  log.from(
                      topic,
                      applied.nextOffset(),
                      record ->
                          record.position() > applied.position() && isAboutTheOrder(record))));
    }
    return pending;
  }

  private boolean isAboutTheOrder(LogRecord record) {
    return Events.isAbout(record, facts.orderId())
        || record.topic() == Topic.ORDER_REQUESTED
            && !facts.order().closed()
            && Events.cancelsAll(Events.orderRequested(record), facts.order());
  }

  /**
   * @param complete whether everybody could be asked
   */
  String words(List<LogRecord> pending, List<SagaStep> steps, boolean complete) {
    if (!pending.isEmpty()) {
      return pending.stream().map(this::toBeApplied).collect(Collectors.joining("; "));
    }
    if (facts.order().closed()) {
      return "nothing: the order is final";
    }
    if (!complete) {
      return "not known: see who could not be asked";
    }
    if (facts.order().placed() && facts.rests()) {
      return "nothing: it rests in the book";
    }
    return steps.reversed().stream()
        .filter(SagaStep::hasOffset)
        .flatMap(step -> reader(step).stream())
        .findFirst()
        .orElse("the next record of its saga");
  }

  private String toBeApplied(LogRecord record) {
    StepPositions.Applied applied =
        facts
            .applied(record.topic())
            .orElseGet(() -> StepPositions.Applied.nothing(record.topic()));
    return toBeApplied(record, applied.position());
  }

  /**
   * @param applied the last position that the record's reader has applied
   */
  static String toBeApplied(LogRecord record, long applied) {
    String position = record.topic().numbered() ? "seq" : "offset";
    return "%s %s %d to be %s (at %s %d now)"
        .formatted(
            record.topic(), position, record.position(), by(record.topic()), position, applied);
  }

  /** What the reader of the last record has applied, but not yet published. */
  private static Optional<String> reader(SagaStep step) {
    return Topic.ofName(step.getTopic())
        .filter(ROAD::contains)
        .map(topic ->
            "what follows from %s %d, which is applied and will be published: %s"
                .formatted(topic, topic.numbered() ? step.getSeq() : step.getOffset(), by(topic)));
  }

  private static String by(Topic topic) {
    return switch (topic) {
      case ORDER_REQUESTED -> "decided by order-svc";
      case MATCH_REQUESTED -> "matched by match-svc";
      case SETTLE_REQUESTED -> "settled by settle-svc";
      case MATCH_CANCEL_REQUESTED -> "undone by match-svc";
      case SETTLE_COMPLETED -> "applied by order-svc";
      case ORDER_CANCEL_REQUESTED -> "noted by order-svc";
      case BOOK_UPDATED,
          ORDER_UPDATED,
          TRANSFER_REQUESTED,
          TRANSFER_COMPLETED,
          TRANSFER_REJECTED,
          ORDER_DLQ,
          MATCH_DLQ,
          SETTLE_DLQ,
          TRANSFER_DLQ ->
          throw new IllegalArgumentException("No order waits for a reader of " + topic + ".");
    };
  }
}
