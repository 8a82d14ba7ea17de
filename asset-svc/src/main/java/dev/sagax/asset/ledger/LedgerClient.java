package dev.sagax.asset.ledger;

import dev.sagax.asset.BalanceView;
import dev.sagax.asset.Balances;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.proto.ledger.v1.AssetBalance;
import dev.sagax.proto.ledger.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpcClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** settle-svc's LedgerService, with a deadline on every call. */
public final class LedgerClient implements Balances {
  private static final Logger log = LoggerFactory.getLogger(LedgerClient.class);

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
  public Future<List<BalanceView>> of(String account, long timeoutMillis) {
    GetBalancesRequest request = GetBalancesRequest.newBuilder().setAccount(account).build();
    return client
        .request(address, LedgerServiceGrpcClient.GetBalances)
        .compose(call -> authorized(call, timeoutMillis).send(request))
        .compose(GrpcClientResponse::last)
        .timeout(timeoutMillis, TimeUnit.MILLISECONDS)
        .map(LedgerClient::balances)
        .recover(LedgerClient::unavailable);
  }

  public Future<Void> close() {
    return client.close();
  }

  private <Q, R> GrpcClientRequest<Q, R> authorized(
      GrpcClientRequest<Q, R> call, long timeoutMillis) {
    call.headers().set("authorization", "Bearer " + token.get());
    return call.timeout(timeoutMillis, TimeUnit.MILLISECONDS);
  }

  private static List<BalanceView> balances(GetBalancesResponse response) {
    return response.getBalancesList().stream().map(LedgerClient::balance).toList();
  }

  private static BalanceView balance(AssetBalance balance) {
    return new BalanceView(balance.getAsset(), balance.getAvailableUnits(), balance.getHeldUnits());
  }

  private static <T> Future<T> unavailable(Throwable failure) {
    log.warn("The ledger did not answer: {}", failure.toString());
    return Future.failedFuture(
        Refusal.of(
                Reason.DEPENDENCY_UNAVAILABLE,
                "The ledger does not answer at the moment; try again.")
            .asException());
  }
}
