package dev.sagax.bench.saga;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sagax.proto.saga.v1.GetSagaResponse;
import dev.sagax.proto.saga.v1.SagaStep;
import java.time.Instant;

/** A saga as one JSON object with the names of the contract. */
final class SagaJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private SagaJson() {}

  static String of(GetSagaResponse saga) {
    ObjectNode json =
        MAPPER
            .createObjectNode()
            .put("order_id", saga.getOrderId())
            .put("market", saga.getMarket())
            .put("client_order_id", saga.getClientOrderId())
            .put("status", saga.getStatus().name())
            .put("reason", saga.getReason().name());
    ArrayNode steps = json.putArray("steps");
    saga.getStepsList().forEach(step -> steps.add(step(step)));
    json.put("waits_for", saga.getWaitsFor());
    ArrayNode missing = json.putArray("missing");
    saga.getMissingList()
        .forEach(part -> missing.addObject().put("part", part.getPart()).put("why", part.getWhy()));
    json.put("outcomes_left_out", saga.getOutcomesLeftOut());
    json.put("trace_id", saga.getTraceId());
    return json.toString();
  }

  private static ObjectNode step(SagaStep step) {
    ObjectNode json =
        MAPPER
            .createObjectNode()
            .put("service", step.getService())
            .put("topic", step.getTopic())
            .put("partition", step.getPartition());
    if (step.hasOffset()) {
      json.put("offset", step.getOffset());
    }
    Instant time = Instant.ofEpochSecond(step.getTime().getSeconds(), step.getTime().getNanos());
    return json.put("seq", step.getSeq())
        .put("time", time.toString())
        .put("what", step.getWhat())
        .put("outcome", step.getOutcome())
        .put("compensation", step.getCompensation())
        .put("dead_letter_id", step.getDeadLetterId());
  }
}
