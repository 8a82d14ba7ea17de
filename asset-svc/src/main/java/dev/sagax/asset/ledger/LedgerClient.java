package dev.sagax.asset.ledger;

import dev.sagax.asset.BalanceView;
import dev.sagax.asset.Balances;
import dev.sagax.platform.rpc.PeerAddress;
import dev.sagax.platform.rpc.RpcChannel;
import dev.sagax.proto.ledger.v1.AssetBalance;
import dev.sagax.proto.ledger.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpcClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.function.Supplier;

/** settle-svc's LedgerService, with a deadline on every call. */
public final class LedgerClient implements Balances {
  private final RpcChannel channel;

  /**
   * @param replicas where settle-svc listens
   * @param token says to settle-svc which service this is
   */
  public LedgerClient(Vertx vertx, List<PeerAddress> replicas, Supplier<String> token) {
    this.channel = new RpcChannel(vertx, replicas, token);
  }

  @Override
  public Future<List<BalanceView>> of(String account, long timeoutMillis) {
    GetBalancesRequest request = GetBalancesRequest.newBuilder().setAccount(account).build();
    return channel
        .unary(LedgerServiceGrpcClient.GetBalances, request, timeoutMillis)
        .map(LedgerClient::balances);
  }

  private static List<BalanceView> balances(GetBalancesResponse response) {
    return response.getBalancesList().stream().map(LedgerClient::balance).toList();
  }

  private static BalanceView balance(AssetBalance balance) {
    return new BalanceView(balance.getAsset(), balance.getAvailableUnits(), balance.getHeldUnits());
  }
}
