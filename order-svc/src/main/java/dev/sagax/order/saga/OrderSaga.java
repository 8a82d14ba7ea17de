package dev.sagax.order.saga;

import dev.sagax.order.Ledger;
import dev.sagax.order.store.PgMarketStatuses;
import dev.sagax.order.store.PgOrders;
import dev.sagax.platform.log.SagaDefinition;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Markets;
import java.util.List;

/** Which topics order-svc reads and writes, and the step between them. */
public final class OrderSaga {
  /**
   * Open orders that a process keeps in memory at most, shared out among the partitions, since it
   * may own all of them: 0.4 to 0.8 kB each, so 160 MB. Any order that is not kept is read again.
   */
  private static final int REMEMBERED_ORDERS = 200_000;

  private OrderSaga() {}

  /**
   * @param partitions of every topic
   * @param maxOpenOrders how many open orders an account may have in a market
   */
  public static SagaDefinition of(
      Markets markets, Ledger ledger, int partitions, int maxOpenOrders) {
    return new SagaDefinition(
        "order-svc",
        PgOrders.SCHEMA,
        List.of(Topic.ORDER_REQUESTED, Topic.SETTLE_COMPLETED, Topic.ORDER_CANCEL_REQUESTED),
        List.of(Topic.MATCH_REQUESTED, Topic.ORDER_UPDATED, Topic.ORDER_DLQ),
        partition ->
            new OrderStep(
                partition,
                markets,
                ledger,
                rememberedOrders(partitions),
                maxOpenOrders,
                snapshot -> PgOrders.lastInstruction(snapshot, partition),
                snapshot -> new PgMarketStatuses(snapshot).all(),
                writes -> new PgOrders(writes, partition)));
  }

  static int rememberedOrders(int partitions) {
    return REMEMBERED_ORDERS / partitions;
  }
}
