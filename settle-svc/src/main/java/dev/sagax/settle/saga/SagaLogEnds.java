package dev.sagax.settle.saga;

import dev.sagax.platform.boot.ServicePlatform;
import dev.sagax.platform.log.StepPositions;
import dev.sagax.platform.log.Topic;
import dev.sagax.settle.Flow;
import dev.sagax.settle.FlowPartition;
import dev.sagax.settle.LogEnds;
import dev.sagax.settle.store.PgJournal;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;

/**
 * The ends of {@code settle.requested} and {@code transfer.requested}, counted from what is
 * journaled.
 */
public final class SagaLogEnds implements LogEnds {
  private final ServicePlatform platform;

  public SagaLogEnds(ServicePlatform platform) {
    this.platform = platform;
  }

  @Override
  public Future<Map<FlowPartition, Long>> now() {
    return StepPositions.read(platform.db(), PgJournal.SCHEMA, PgJournal.STEP_SERVICE)
        .compose(this::behind);
  }

  private Future<Map<FlowPartition, Long>> behind(StepPositions journaled) {
    Map<FlowPartition, Long> ends = new HashMap<>();
    return Future.all(
            add(Flow.SETTLE, Topic.SETTLE_REQUESTED, journaled, ends),
            add(Flow.TRANSFER, Topic.TRANSFER_REQUESTED, journaled, ends))
        .map(ends);
  }

  private Future<Void> add(
      Flow flow, Topic topic, StepPositions journaled, Map<FlowPartition, Long> ends) {
    return platform
        .lastPositions(topic, journaled)
        .map(positions -> {
          positions.forEach(
              (partition, last) -> ends.put(new FlowPartition(flow, partition), last));
          return null;
        });
  }
}
