package dev.sagax.settle.saga;

import dev.sagax.platform.boot.ServicePlatform;
import dev.sagax.platform.log.Topic;
import dev.sagax.settle.Flow;
import dev.sagax.settle.FlowPartition;
import dev.sagax.settle.LogEnds;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;

/** The ends of {@code settle.requested} and {@code transfer.requested}. */
public final class SagaLogEnds implements LogEnds {
  private final ServicePlatform platform;

  public SagaLogEnds(ServicePlatform platform) {
    this.platform = platform;
  }

  @Override
  public Future<Map<FlowPartition, Long>> now() {
    Map<FlowPartition, Long> ends = new HashMap<>();
    return Future.all(
            add(Flow.SETTLE, Topic.SETTLE_REQUESTED, ends),
            add(Flow.TRANSFER, Topic.TRANSFER_REQUESTED, ends))
        .map(ends);
  }

  private Future<Void> add(Flow flow, Topic topic, Map<FlowPartition, Long> ends) {
    return platform
        .lastPositions(topic)
        .map(positions -> {
          positions.forEach(
              (partition, last) -> ends.put(new FlowPartition(flow, partition), last));
          return null;
        });
  }
}
