package dev.sagax.asset;

import io.vertx.core.Future;

/** The log of requested transfers: what is in it will be decided. */
public interface TransferLog {

  /** The partition that holds all transfers of an account. */
  int partitionOf(String account);

  /**
   * Appends a transfer.
   *
   * @return its position; fails with OUTCOME_UNKNOWN or DEPENDENCY_UNAVAILABLE
   */
  Future<Long> append(Transfer pending);

  /**
   * Appends what an operator decides.
   *
   * @return its position; fails as for a transfer
   */
  Future<Long> append(OperatorDecision decision, long timeMicros);

  /** The position of a partition's last record; -1 when it is empty. */
  Future<Long> lastPosition(int partition);
}
