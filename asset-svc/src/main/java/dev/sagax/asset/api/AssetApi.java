package dev.sagax.asset.api;

import dev.sagax.asset.BalanceView;
import dev.sagax.asset.Balances;
import dev.sagax.asset.TransferDesk;
import dev.sagax.asset.TransferRequest;
import dev.sagax.asset.TransferRules;
import dev.sagax.asset.Transfers;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.Deadline;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.platform.rpc.PageSize;
import dev.sagax.platform.rpc.PageToken;
import dev.sagax.proto.asset.v1.AssetServiceGrpcService;
import dev.sagax.proto.asset.v1.DepositRequest;
import dev.sagax.proto.asset.v1.DepositResponse;
import dev.sagax.proto.asset.v1.GetBalancesRequest;
import dev.sagax.proto.asset.v1.GetBalancesResponse;
import dev.sagax.proto.asset.v1.GetTransferRequest;
import dev.sagax.proto.asset.v1.GetTransferResponse;
import dev.sagax.proto.asset.v1.ListTransfersRequest;
import dev.sagax.proto.asset.v1.ListTransfersResponse;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.asset.v1.WithdrawRequest;
import dev.sagax.proto.asset.v1.WithdrawResponse;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** AssetService. */
public final class AssetApi {
  private static final int DEFAULT_PAGE_SIZE = 50;
  private static final int MAX_PAGE_SIZE = 500;

  private final TransferRules rules;
  private final TransferDesk desk;
  private final Transfers transfers;
  private final Balances balances;
  private final AssetMapper mapper;
  private final FaultInjector faults;

  public AssetApi(
      Markets markets,
      TransferDesk desk,
      Transfers transfers,
      Balances balances,
      FaultInjector faults) {
    this.faults = faults;
    this.rules = new TransferRules(markets);
    this.desk = desk;
    this.transfers = transfers;
    this.balances = balances;
    this.mapper = new AssetMapper(markets);
  }

  public void register(GrpcEdge edge) {
    edge.unary(AssetServiceGrpcService.GetBalances, this::getBalances)
        .unary(AssetServiceGrpcService.Deposit, this::deposit)
        .unary(AssetServiceGrpcService.Withdraw, this::withdraw)
        .unary(AssetServiceGrpcService.GetTransfer, this::getTransfer)
        .unary(AssetServiceGrpcService.ListTransfers, this::listTransfers);
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
    return request(deposit, call)
        .map(transfer -> DepositResponse.newBuilder().setTransfer(transfer).build());
  }

  Future<WithdrawResponse> withdraw(Call call, WithdrawRequest request) {
    TransferRequest withdrawal =
        rules.withdrawal(
            call.account(), request.getAsset(), request.getAmount(), request.getRequestId());
    return request(withdrawal, call)
        .map(transfer -> WithdrawResponse.newBuilder().setTransfer(transfer).build());
  }

  private Future<Transfer> request(TransferRequest request, Call call) {
    return desk.request(request, patienceMillis(call))
        .map(mapper::transfer)
        .map(answer -> {
          faults.pass(FaultPoint.ASSET_API_BEFORE_REPLY, 1);
          return answer;
        });
  }

  Future<GetTransferResponse> getTransfer(Call call, GetTransferRequest request) {
    String transferId = rules.transferId(request.getTransferId());
    return desk.find(call.account(), transferId, patienceMillis(call))
        .map(found -> found.orElseThrow(() -> notFound(transferId).asException()))
        .map(mapper::transfer)
        .map(transfer -> GetTransferResponse.newBuilder().setTransfer(transfer).build());
  }

  Future<ListTransfersResponse> listTransfers(Call call, ListTransfersRequest request) {
    int size = PageSize.of(request.getPageSize(), DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    Transfers.Place before =
        PageToken.read(nameOfList(call.account()), request.getPageToken(), AssetApi::toPlace)
            .orElse(Transfers.Place.TOP);
    return transfers
        .list(call.account(), before, size + 1)
        .timeout(patienceMillis(call), TimeUnit.MILLISECONDS)
        .map(found -> page(call.account(), found, size));
  }

  private static List<String> nameOfList(String account) {
    return List.of("ListTransfers", account);
  }

  private static String toText(Transfers.Place place) {
    return place.transferId() + ' ' + place.createMicros();
  }

  private static Transfers.Place toPlace(String text) {
    String[] parts = text.split(" ", 2);
    if (parts.length < 2 || !DeterministicId.isWellFormed(parts[0])) {
      throw new IllegalArgumentException("Expected a transfer's id and its time.");
    }
    return new Transfers.Place(Long.parseLong(parts[1]), parts[0]);
  }

  private ListTransfersResponse page(
      String account, List<dev.sagax.asset.Transfer> found, int size) {
    List<dev.sagax.asset.Transfer> shown = found.subList(0, Math.min(size, found.size()));
    ListTransfersResponse.Builder page = ListTransfersResponse.newBuilder();
    shown.stream().map(mapper::transfer).forEach(page::addTransfers);
    if (found.size() > size) {
      String last = toText(Transfers.Place.of(shown.getLast()));
      page.setNextPageToken(PageToken.of(nameOfList(account), last));
    }
    return page.build();
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
    return Deadline.of(call.timeoutMillis()).remainingMillis();
  }
}
