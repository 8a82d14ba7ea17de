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
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code sagax.partition.v1.PartitionService} for the partitions of one instance. A service may
 * have several steps a partition; each has its own state, and they are resumed together.
 */
public final class PartitionApi {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionApi.class);

  private final int partitions;
  private final List<SagaConsumer> owners;

  /**
   * @param partitions of every topic
   * @param owners may grow until the service listens; the service's own saga comes first
   */
  public PartitionApi(int partitions, List<SagaConsumer> owners) {
    this.partitions = partitions;
    this.owners = owners;
  }

  public void register(GrpcEdge edge) {
    edge.unary(PartitionServiceGrpcService.ListPartitions, this::list)
        .unary(PartitionServiceGrpcService.ResumePartition, this::resume);
  }

  private Future<ListPartitionsResponse> list(Call call, ListPartitionsRequest request) {
    var response = ListPartitionsResponse.newBuilder();
    owners.forEach(owner ->
        owner.partitions().forEach(status -> response.addPartitions(message(owner, status))));
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
    List<SagaConsumer> here =
        owners.stream().filter(owner -> statusOf(owner, partition).isPresent()).toList();
    if (here.isEmpty()) {
      throw owners.getFirst().notOwned(partition).asException();
    }
    List<Future<Boolean>> resumed =
        here.stream().map(owner -> resume(owner, partition, call)).toList();
    return Future.all(resumed)
        .map(all -> {
          int shown = Math.max(0, all.<Boolean>list().indexOf(true));
          return ResumePartitionResponse.newBuilder()
              .setResumed(all.<Boolean>resultAt(shown))
              .setPartition(statusNow(here.get(shown), partition))
              .build();
        });
  }

  private static Future<Boolean> resume(SagaConsumer owner, int partition, Call call) {
    return owner
        .resume(partition)
        .onSuccess(resumed -> {
          if (resumed) {
            LOG.info(
                "Partition {} of {} is resumed by={}", partition, owner.service(), call.account());
          }
        });
  }

  private static Partition statusNow(SagaConsumer owner, int partition) {
    return statusOf(owner, partition)
        .map(status -> message(owner, status))
        .orElseThrow(() -> owner.notOwned(partition).asException());
  }

  private static Optional<PartitionStatus> statusOf(SagaConsumer owner, int partition) {
    return owner.partitions().stream()
        .filter(status -> status.partition() == partition)
        .findFirst();
  }

  private static Partition message(SagaConsumer owner, PartitionStatus status) {
    return Partition.newBuilder()
        .setService(owner.service())
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
