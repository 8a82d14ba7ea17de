package dev.sagax.order.ledger;

import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.Ledger;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.platform.rpc.RpcChannel;
import dev.sagax.proto.ledger.v1.HoldItem;
import dev.sagax.proto.ledger.v1.HoldRequest;
import dev.sagax.proto.ledger.v1.HoldResponse;
import dev.sagax.proto.ledger.v1.HoldResult;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpcClient;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** settle-svc's LedgerService, with a deadline on every call. */
public final class LedgerClient implements Ledger {
  private static final long HOLD_MILLIS = 5_000;

  private final RpcChannel channel;
  private final FaultInjector faults;

  /**
   * @param channel to settle-svc
   */
  public LedgerClient(RpcChannel channel, FaultInjector faults) {
    this.faults = faults;
    this.channel = channel;
  }

  @Override
  public Future<Map<Long, Verdict>> hold(
      int partition, long previousPosition, long endPosition, List<Hold> holds) {
    HoldRequest request =
        HoldRequest.newBuilder()
            .setPartition(partition)
            .setPreviousPosition(previousPosition)
            .setEndPosition(endPosition)
            .addAllItems(holds.stream().map(LedgerClient::toItem).toList())
            .build();
    faults.pass(FaultPoint.ORDER_HOLD_BEFORE_CALL, holds.size());
    return channel
        .unary(LedgerServiceGrpcClient.Hold, request, HOLD_MILLIS)
        .map(response -> {
          faults.pass(FaultPoint.ORDER_HOLD_AFTER_CALL, holds.size());
          return toVerdicts(holds, response);
        });
  }

  private static HoldItem toItem(Hold hold) {
    PlaceOrder order = hold.order();
    return HoldItem.newBuilder()
        .setPosition(hold.position())
        .setOrderId(order.orderId())
        .setAccount(order.account())
        .setAsset(order.type().paidAsset(order.rules()).name())
        .setAmountUnits(order.type().holdUnits(order.rules()))
        .setLeftUnits(order.type().amountUnits())
        .setTimeMicros(order.timeMicros())
        .setDeclined(hold.declined())
        .build();
  }

  private static Map<Long, Verdict> toVerdicts(List<Hold> holds, HoldResponse response) {
    Map<Long, Verdict> verdicts = new HashMap<>();
    for (HoldResult result : response.getResultsList()) {
      verdicts.put(result.getPosition(), toVerdict(result));
    }
    for (Hold hold : holds) {
      if (!verdicts.containsKey(hold.position())) {
        throw new IllegalStateException(
            "The ledger did not say whether it holds funds for order %s at position %d."
                .formatted(hold.order().orderId(), hold.position()));
      }
    }
    return verdicts;
  }

  private static Verdict toVerdict(HoldResult result) {
    return switch (result.getVerdict()) {
      case HOLD_VERDICT_HELD -> Verdict.HELD;
      case HOLD_VERDICT_INSUFFICIENT_FUNDS -> Verdict.INSUFFICIENT_FUNDS;
      case HOLD_VERDICT_DECLINED -> Verdict.DECLINED;
      case HOLD_VERDICT_ACCOUNT_FROZEN -> Verdict.ACCOUNT_FROZEN;
      case HOLD_VERDICT_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalStateException(
              "The ledger gave position %d a verdict that is not known."
                  .formatted(result.getPosition()));
    };
  }
}
