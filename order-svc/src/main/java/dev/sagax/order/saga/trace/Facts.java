package dev.sagax.order.saga.trace;

import dev.sagax.order.Order;
import dev.sagax.platform.log.StepPositions;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.saga.v1.GetSagaPartResponse;
import dev.sagax.proto.saga.v1.OrderLeg;
import java.util.List;
import java.util.Optional;

/**
 * What the services have stored about an order.
 *
 * @param own how far order-svc has applied its inputs
 * @param match match-svc's part, empty if it could not be asked
 * @param settle settle-svc's part, empty if it could not be asked
 */
record Facts(
    Order order,
    int partition,
    StepPositions own,
    Optional<GetSagaPartResponse> match,
    Optional<GetSagaPartResponse> settle) {

  String orderId() {
    return order.orderId();
  }

  /** What was settled of the order, by outcome. */
  List<OrderLeg> legs() {
    return settle.map(GetSagaPartResponse::getLegsList).orElse(List.of());
  }

  Optional<OrderLeg> leg(long outcome) {
    return legs().stream().filter(leg -> leg.getOutcome() == outcome).findFirst();
  }

  boolean rests() {
    return match.filter(part -> part.getRestingUnits() > 0).isPresent();
  }

  /** How far the reader of a topic has applied it; empty if it could not be asked. */
  Optional<StepPositions.Applied> applied(Topic topic) {
    return switch (topic) {
      case ORDER_REQUESTED, SETTLE_COMPLETED, ORDER_CANCEL_REQUESTED ->
          Optional.of(own.of(partition, topic));
      case MATCH_REQUESTED, MATCH_CANCEL_REQUESTED -> match.flatMap(part -> applied(part, topic));
      case SETTLE_REQUESTED -> settle.flatMap(part -> applied(part, topic));
      case BOOK_UPDATED,
          ORDER_UPDATED,
          TRANSFER_REQUESTED,
          TRANSFER_COMPLETED,
          TRANSFER_REJECTED,
          ORDER_DLQ,
          MATCH_DLQ,
          SETTLE_DLQ,
          TRANSFER_DLQ ->
          Optional.empty();
    };
  }

  private static Optional<StepPositions.Applied> applied(GetSagaPartResponse part, Topic topic) {
    return part.getPositionsList().stream()
        .filter(position -> position.getTopic().equals(topic.topicName))
        .map(p -> new StepPositions.Applied(p.getPosition(), p.getNextOffset()))
        .findFirst();
  }
}
