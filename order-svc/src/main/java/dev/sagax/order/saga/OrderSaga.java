package dev.sagax.order.saga;

import dev.sagax.order.Ledger;
import dev.sagax.order.store.PgOrders;
import dev.sagax.platform.log.SagaDefinition;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Markets;
import java.util.List;

/** Which topics order-svc reads and writes, and the step between them. */
public final class OrderSaga {
  private OrderSaga() {}

  public static SagaDefinition of(Markets markets, Ledger ledger) {
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
                snapshot -> PgOrders.lastInstruction(snapshot, partition),
                PgOrders::new));
  }
}
