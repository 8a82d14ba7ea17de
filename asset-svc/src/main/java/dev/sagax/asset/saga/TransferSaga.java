package dev.sagax.asset.saga;

import dev.sagax.asset.Transfer;
import dev.sagax.asset.TransferRules;
import dev.sagax.asset.store.PgTransfers;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.SagaDefinition;
import dev.sagax.platform.log.Topic;
import java.util.List;

/**
 * asset-svc's step: it only records. The ledger in settle-svc decides every transfer.
 *
 * <p>It reads transfer.requested too, so that a transfer can be looked up from the moment it is in
 * the log, and so that "there is no such transfer" can be said with certainty.
 */
public final class TransferSaga {
  public static final String SERVICE = "asset-svc";
  public static final String SCHEMA = "assets";

  private TransferSaga() {}

  /**
   * @param partitions that the accounts are shared out among
   */
  public static SagaDefinition definition(PgTransfers rows, TransferRules rules, int partitions) {
    return new SagaDefinition(
        SERVICE,
        SCHEMA,
        List.of(Topic.TRANSFER_REQUESTED, Topic.TRANSFER_COMPLETED, Topic.TRANSFER_REJECTED),
        List.of(),
        partition ->
            new TransferHandler(rows, transfer -> belongs(transfer, rules, partition, partitions)));
  }

  private static boolean belongs(
      Transfer transfer, TransferRules rules, int partition, int partitions) {
    return rules.admit(transfer)
        && DeterministicId.accountPartition(transfer.account(), partitions) == partition;
  }
}
