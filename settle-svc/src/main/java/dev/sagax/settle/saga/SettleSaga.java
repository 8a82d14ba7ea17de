package dev.sagax.settle.saga;

import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.SagaDefinition;
import dev.sagax.platform.log.StepHandler;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Markets;
import dev.sagax.settle.Flow;
import dev.sagax.settle.Ledger;
import dev.sagax.settle.store.PgJournal;
import dev.sagax.settle.store.SettleRows;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.List;

/** Which topics settle-svc reads and writes, and which handler does it. */
public final class SettleSaga {

  private SettleSaga() {}

  public static SagaDefinition definition(Ledger ledger, Markets markets, int partitions) {
    return new SagaDefinition(
        PgJournal.STEP_SERVICE,
        PgJournal.SCHEMA,
        List.of(Topic.SETTLE_REQUESTED, Topic.TRANSFER_REQUESTED),
        List.of(
            Topic.SETTLE_COMPLETED,
            Topic.MATCH_CANCEL_REQUESTED,
            Topic.TRANSFER_COMPLETED,
            Topic.TRANSFER_REJECTED,
            Topic.SETTLE_DLQ,
            Topic.TRANSFER_DLQ),
        partition ->
            new PartitionHandler(
                partition,
                new SettleRequestedHandler(partition, ledger),
                new TransferRequestedHandler(
                    partition, ledger, new TransferDecoder(markets, partitions))));
  }

  /** Gives each topic's records to its handler, in order. */
  private record PartitionHandler(
      int partition, SettleRequestedHandler settles, TransferRequestedHandler transfers)
      implements StepHandler {

    @Override
    public Future<Void> load(SqlClient snapshot) {
      return SettleRows.positions(snapshot, PgJournal.STEP_SERVICE, partition)
          .map(positions -> {
            settles.continueAfter(
                positions.getOrDefault(Topic.SETTLE_REQUESTED.topicName, Flow.SETTLE.beforeFirst));
            transfers.continueAfter(
                positions.getOrDefault(
                    Topic.TRANSFER_REQUESTED.topicName, Flow.TRANSFER.beforeFirst));
            return null;
          });
    }

    @Override
    public Future<Void> handle(List<LogRecord> records, StepWrites step) {
      return settles
          .handle(of(Topic.SETTLE_REQUESTED, records), step)
          .compose(v -> transfers.handle(of(Topic.TRANSFER_REQUESTED, records), step));
    }

    private static List<LogRecord> of(Topic topic, List<LogRecord> records) {
      return records.stream().filter(record -> record.topic() == topic).toList();
    }
  }
}
