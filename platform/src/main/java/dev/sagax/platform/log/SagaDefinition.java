package dev.sagax.platform.log;

import java.util.List;
import java.util.function.IntFunction;

/**
 * A service's part in the saga.
 *
 * @param service its name ("order-svc"): consumer group, fence rows and log fields
 * @param schema the PostgreSQL schema that holds its rows, fence, positions and outbox
 * @param inputs topics it reads; partition p of all of them is owned together
 * @param outputs topics it numbers and writes
 * @param handler makes the handler of a partition, afresh on every load
 */
public record SagaDefinition(
    String service,
    String schema,
    List<Topic> inputs,
    List<Topic> outputs,
    IntFunction<StepHandler> handler) {}
