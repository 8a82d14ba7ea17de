package dev.sagax.order.ledger;

import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.Ledger;
import dev.sagax.proto.ledger.v1.HoldItem;
import dev.sagax.proto.ledger.v1.HoldRequest;
import dev.sagax.proto.ledger.v1.HoldResponse;
import dev.sagax.proto.ledger.v1.HoldResult;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpcClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** settle-svc's LedgerService, with a deadline on every call. */
public final class LedgerClient implements Ledger {
  private static final long HOLD_MILLIS = 5_000;

  private final GrpcClient client;
  private final SocketAddress address;
  private final Supplier<String> token;

  /**
   * @param token says to settle-svc which service this is
   */
  public LedgerClient(Vertx vertx, String host, int port, Supplier<String> token) {
    this.client =
        GrpcClient.client(vertx, new GrpcClientOptions().setScheduleDeadlineAutomatically(true));
    this.address = SocketAddress.inetSocketAddress(port, host);
    this.token = token;
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
    return client
        .request(address, LedgerServiceGrpcClient.Hold)
        .compose(call -> withIdentity(call).send(request))
        .compose(GrpcClientResponse::last)
        .timeout(HOLD_MILLIS, TimeUnit.MILLISECONDS)
        .map(response -> toVerdicts(holds, response));
  }

  private <Q, R> GrpcClientRequest<Q, R> withIdentity(GrpcClientRequest<Q, R> call) {
    call.headers().set("authorization", "Bearer " + token.get());
    return call.timeout(HOLD_MILLIS, TimeUnit.MILLISECONDS);
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
      case HOLD_VERDICT_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalStateException(
              "The ledger gave position %d a verdict that is not known."
                  .formatted(result.getPosition()));
    };
  }
}
