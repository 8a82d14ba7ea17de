package dev.sagax.platform.log;

import java.util.List;
import java.util.function.IntFunction;

/**
 * A service's part in the saga, or one of its parts.
 *
 * @param service its name ("order-svc"): consumer group, fence rows and log fields
 * @param schema the PostgreSQL schema that holds its rows, fence, positions and outbox
 * @param inputs topics it reads; partition p of all of them is owned together
 * @param outputs topics it numbers and writes
 * @param handler makes the handler of a partition, afresh on every load
 * @param gatherMillis how long it waits between two small batches, so that under load they are
 *     fewer and larger
 */
public record SagaDefinition(
    String service,
    String schema,
    List<Topic> inputs,
    List<Topic> outputs,
    IntFunction<StepHandler> handler,
    long gatherMillis) {
  private static final long SHORT_GATHER_MILLIS = 20;

  /** A part that somebody waits for: it gathers for 20 ms. */
  public SagaDefinition(
      String service,
      String schema,
      List<Topic> inputs,
      List<Topic> outputs,
      IntFunction<StepHandler> handler) {
    this(service, schema, inputs, outputs, handler, SHORT_GATHER_MILLIS);
  }
}
