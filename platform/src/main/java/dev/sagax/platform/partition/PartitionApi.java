package dev.sagax.platform.partition;

import dev.sagax.platform.log.PartitionStatus;
import dev.sagax.platform.log.SagaConsumer;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.proto.partition.v1.ListPartitionsRequest;
import dev.sagax.proto.partition.v1.ListPartitionsResponse;
import dev.sagax.proto.partition.v1.Partition;
import dev.sagax.proto.partition.v1.PartitionServiceGrpcService;
import dev.sagax.proto.partition.v1.PartitionState;
import dev.sagax.proto.partition.v1.ResumePartitionRequest;
import dev.sagax.proto.partition.v1.ResumePartitionResponse;
import io.vertx.core.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code sagax.partition.v1.PartitionService} for the partitions of one instance. */
public final class PartitionApi {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionApi.class);

  private final String service;
  private final int partitions;
  private final SagaConsumer owner;

  /**
   * @param partitions of every topic
   */
  public PartitionApi(String service, int partitions, SagaConsumer owner) {
    this.service = service;
    this.partitions = partitions;
    this.owner = owner;
  }

  public void register(GrpcEdge edge) {
    edge.unary(PartitionServiceGrpcService.ListPartitions, this::list)
        .unary(PartitionServiceGrpcService.ResumePartition, this::resume);
  }

  private Future<ListPartitionsResponse> list(Call call, ListPartitionsRequest request) {
    var response = ListPartitionsResponse.newBuilder();
    owner.partitions().stream().map(this::message).forEach(response::addPartitions);
    return Future.succeededFuture(response.build());
  }

  private Future<ResumePartitionResponse> resume(Call call, ResumePartitionRequest request) {
    int partition = request.getPartition();
    if (partition < 0 || partition >= partitions) {
      throw Refusal.ofField(
              Reason.UNKNOWN_PARTITION,
              "partition",
              "There are the partitions 0 to %d, but not %d.".formatted(partitions - 1, partition))
          .asException();
    }
    return owner
        .resume(partition)
        .map(resumed -> {
          if (resumed) {
            LOG.info("Partition {} of {} is resumed by={}", partition, service, call.account());
          }
          return ResumePartitionResponse.newBuilder()
              .setResumed(resumed)
              .setPartition(message(statusOf(partition)))
              .build();
        });
  }

  private PartitionStatus statusOf(int partition) {
    return owner.partitions().stream()
        .filter(status -> status.partition() == partition)
        .findFirst()
        .orElseThrow(() -> owner.notOwned(partition).asException());
  }

  private Partition message(PartitionStatus status) {
    return Partition.newBuilder()
        .setService(service)
        .setPartition(status.partition())
        .setState(
            switch (status.state()) {
              case LOADING -> PartitionState.PARTITION_STATE_LOADING;
              case RUNNING -> PartitionState.PARTITION_STATE_RUNNING;
              case STOPPED -> PartitionState.PARTITION_STATE_STOPPED;
            })
        .setDetail(status.detail())
        .build();
  }
}
