package dev.sagax.order.ledger;

import dev.sagax.order.Instruction;
import dev.sagax.order.Trading;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.rpc.RpcChannel;
import dev.sagax.proto.ledger.v1.GetLedgerStateRequest;
import dev.sagax.proto.ledger.v1.LedgerMode;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpcClient;
import dev.sagax.proto.ledger.v1.LedgerState;
import io.vertx.core.Vertx;

/**
 * Asks settle-svc every second whether the ledger takes orders. While settle-svc is away nothing
 * changes: what it last said stands. Before its first answer nothing is known.
 */
public final class LedgerWatch implements Trading {
  private static final long PAUSE_MILLIS = 1_000;
  private static final long TIMEOUT_MILLIS = 2_000;

  private final Vertx vertx;
  private final RpcChannel channel;
  private volatile LedgerState state = LedgerState.getDefaultInstance();

  /**
   * @param channel to settle-svc
   */
  public LedgerWatch(Vertx vertx, RpcChannel channel) {
    this.vertx = vertx;
    this.channel = channel;
  }

  /** Asks now, and every second from then on. */
  public void start() {
    channel
        .unary(
            LedgerServiceGrpcClient.GetLedgerState,
            GetLedgerStateRequest.getDefaultInstance(),
            TIMEOUT_MILLIS)
        .onSuccess(response -> state = response.getState())
        .onComplete(v -> vertx.setTimer(PAUSE_MILLIS, t -> start()));
  }

  @Override
  public boolean isKnown() {
    return state.getMode() != LedgerMode.LEDGER_MODE_UNSPECIFIED;
  }

  @Override
  public void admit(Instruction.PlaceOrder order) {
    if (state.getMode() == LedgerMode.LEDGER_MODE_CANCEL_ONLY) {
      throw Refusal.ofField(
              Reason.MARKET_CANCEL_ONLY,
              "market",
              "%s takes no orders, only cancels: the ledger's audit found a breach."
                  .formatted(order.market()))
          .asException();
    }
  }
}
