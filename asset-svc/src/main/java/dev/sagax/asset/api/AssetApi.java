package dev.sagax.asset.api;

import dev.sagax.asset.BalanceView;
import dev.sagax.asset.Balances;
import dev.sagax.asset.TransferDesk;
import dev.sagax.asset.TransferRequest;
import dev.sagax.asset.TransferRules;
import dev.sagax.asset.Transfers;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.AssetServiceGrpcService;
import dev.sagax.proto.asset.v1.DepositRequest;
import dev.sagax.proto.asset.v1.DepositResponse;
import dev.sagax.proto.asset.v1.GetBalancesRequest;
import dev.sagax.proto.asset.v1.GetBalancesResponse;
import dev.sagax.proto.asset.v1.GetTransferRequest;
import dev.sagax.proto.asset.v1.GetTransferResponse;
import dev.sagax.proto.asset.v1.ListTransfersRequest;
import dev.sagax.proto.asset.v1.ListTransfersResponse;
import dev.sagax.proto.asset.v1.WithdrawRequest;
import dev.sagax.proto.asset.v1.WithdrawResponse;
import io.vertx.core.Future;
import java.util.List;
import java.util.Set;

/** AssetService. */
public final class AssetApi {
  private static final int DEFAULT_PAGE_SIZE = 50;
  private static final int MAX_PAGE_SIZE = 500;

  private final TransferRules rules;
  private final TransferDesk desk;
  private final Transfers transfers;
  private final Balances balances;
  private final AssetMapper mapper;

  public AssetApi(Markets markets, TransferDesk desk, Transfers transfers, Balances balances) {
    this.rules = new TransferRules(markets);
    this.desk = desk;
    this.transfers = transfers;
    this.balances = balances;
    this.mapper = new AssetMapper(markets);
  }

  public void register(GrpcEdge edge) {
    edge.unary(AssetServiceGrpcService.GetBalances, Set.of(Scope.READ), this::getBalances)
        .unary(AssetServiceGrpcService.Deposit, Set.of(Scope.OPERATOR), this::deposit)
        .unary(AssetServiceGrpcService.Withdraw, Set.of(Scope.TRANSFER), this::withdraw)
        .unary(AssetServiceGrpcService.GetTransfer, Set.of(Scope.READ), this::getTransfer)
        .unary(AssetServiceGrpcService.ListTransfers, Set.of(Scope.READ), this::listTransfers);
  }

  Future<GetBalancesResponse> getBalances(Call call, GetBalancesRequest request) {
    String only = request.getAsset().isEmpty() ? "" : rules.asset(request.getAsset()).name();
    return balances
        .of(call.account(), patienceMillis(call))
        .map(all -> only.isEmpty() ? all : List.of(ofAsset(only, all)))
        .map(shown -> shown.stream().map(mapper::balance).toList())
        .map(shown -> GetBalancesResponse.newBuilder().addAllBalances(shown).build());
  }

  Future<DepositResponse> deposit(Call call, DepositRequest request) {
    TransferRequest deposit =
        rules.deposit(
            request.getAccount(), request.getAsset(), request.getAmount(), request.getRequestId());
    return desk.request(deposit, patienceMillis(call))
        .map(mapper::transfer)
        .map(transfer -> DepositResponse.newBuilder().setTransfer(transfer).build());
  }

  Future<WithdrawResponse> withdraw(Call call, WithdrawRequest request) {
    TransferRequest withdrawal =
        rules.withdrawal(
            call.account(), request.getAsset(), request.getAmount(), request.getRequestId());
    return desk.request(withdrawal, patienceMillis(call))
        .map(mapper::transfer)
        .map(transfer -> WithdrawResponse.newBuilder().setTransfer(transfer).build());
  }

  Future<GetTransferResponse> getTransfer(Call call, GetTransferRequest request) {
    String transferId = rules.transferId(request.getTransferId());
    return desk.find(call.account(), transferId, patienceMillis(call))
        .map(found -> found.orElseThrow(() -> notFound(transferId).asException()))
        .map(mapper::transfer)
        .map(transfer -> GetTransferResponse.newBuilder().setTransfer(transfer).build());
  }

  Future<ListTransfersResponse> listTransfers(Call call, ListTransfersRequest request) {
    int size = pageSize(request.getPageSize());
    Transfers.Place before = PageToken.decode(call.account(), request.getPageToken());
    return transfers
        .list(call.account(), before, size + 1)
        .map(found -> page(call.account(), found, size));
  }

  private ListTransfersResponse page(
      String account, List<dev.sagax.asset.Transfer> found, int size) {
    List<dev.sagax.asset.Transfer> shown = found.subList(0, Math.min(size, found.size()));
    boolean more = found.size() > size;
    return ListTransfersResponse.newBuilder()
        .addAllTransfers(shown.stream().map(mapper::transfer).toList())
        .setNextPageToken(
            more ? PageToken.encode(account, Transfers.Place.of(shown.getLast())) : "")
        .build();
  }

  private static int pageSize(int asked) {
    if (asked < 0 || asked > MAX_PAGE_SIZE) {
      throw Refusal.ofField(
              Reason.INVALID_PAGE_SIZE,
              "page_size",
              "Expected 0 to %d, but got %d.".formatted(MAX_PAGE_SIZE, asked))
          .asException();
    }
    return asked == 0 ? DEFAULT_PAGE_SIZE : asked;
  }

  private static BalanceView ofAsset(String asset, List<BalanceView> all) {
    return all.stream()
        .filter(view -> view.asset().equals(asset))
        .findFirst()
        .orElse(BalanceView.none(asset));
  }

  private static Refusal notFound(String transferId) {
    return Refusal.ofField(
        Reason.TRANSFER_NOT_FOUND, "transfer_id", "The caller has no transfer " + transferId + ".");
  }

  private static long patienceMillis(Call call) {
    return AnswerTime.millis(call.timeoutMillis());
  }
}
