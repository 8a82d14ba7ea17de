package dev.sagax.settle;

import io.vertx.core.Future;
import java.util.Map;

/** Where the logs end that settle-svc reads itself: outcomes and transfers. */
public interface LogEnds {

  /**
   * The positions of the last records that will be accepted; fails while the log cannot be read.
   */
  Future<Map<FlowPartition, Long>> now();
}
