package dev.sagax.asset.api;

import com.google.protobuf.Timestamp;
import dev.sagax.asset.AccountBooks;
import dev.sagax.asset.AccountEntry;
import dev.sagax.asset.BalanceView;
import dev.sagax.asset.Balances;
import dev.sagax.asset.HeldFunds;
import dev.sagax.asset.OperatorDecision;
import dev.sagax.asset.Statement;
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
import dev.sagax.proto.asset.v1.ConfirmWithdrawalRequest;
import dev.sagax.proto.asset.v1.ConfirmWithdrawalResponse;
import dev.sagax.proto.asset.v1.DepositRequest;
import dev.sagax.proto.asset.v1.DepositResponse;
import dev.sagax.proto.asset.v1.FreezeAccountRequest;
import dev.sagax.proto.asset.v1.FreezeAccountResponse;
import dev.sagax.proto.asset.v1.GetBalancesRequest;
import dev.sagax.proto.asset.v1.GetBalancesResponse;
import dev.sagax.proto.asset.v1.GetTransferRequest;
import dev.sagax.proto.asset.v1.GetTransferResponse;
import dev.sagax.proto.asset.v1.ListHoldsRequest;
import dev.sagax.proto.asset.v1.ListHoldsResponse;
import dev.sagax.proto.asset.v1.ListStatementEntriesRequest;
import dev.sagax.proto.asset.v1.ListStatementEntriesResponse;
import dev.sagax.proto.asset.v1.ListTransfersRequest;
import dev.sagax.proto.asset.v1.ListTransfersResponse;
import dev.sagax.proto.asset.v1.ReturnWithdrawalRequest;
import dev.sagax.proto.asset.v1.ReturnWithdrawalResponse;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.asset.v1.UnfreezeAccountRequest;
import dev.sagax.proto.asset.v1.UnfreezeAccountResponse;
import dev.sagax.proto.asset.v1.WithdrawRequest;
import dev.sagax.proto.asset.v1.WithdrawResponse;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** AssetService. */
public final class AssetApi {
  private static final int DEFAULT_PAGE_SIZE = 50;
  private static final int MAX_PAGE_SIZE = 500;
  private static final int DEFAULT_HOLDS = 100;
  private static final int MAX_HOLDS = 1_000;
  private static final int DEFAULT_ENTRIES = 100;
  private static final int MAX_ENTRIES = 500;

  private final TransferRules rules;
  private final TransferDesk desk;
  private final Transfers transfers;
  private final Balances balances;
  private final AccountBooks books;
  private final BalanceWatches watches;
  private final AssetMapper mapper;
  private final FaultInjector faults;

  /**
   * @param vertx its timers look after the streams
   */
  public AssetApi(
      Vertx vertx,
      Markets markets,
      TransferDesk desk,
      Transfers transfers,
      Balances balances,
      AccountBooks books,
      FaultInjector faults) {
    this.faults = faults;
    this.rules = new TransferRules(markets);
    this.desk = desk;
    this.transfers = transfers;
    this.balances = balances;
    this.books = books;
    this.mapper = new AssetMapper(markets);
    this.watches = new BalanceWatches(vertx, books, mapper);
  }

  public void register(GrpcEdge edge) {
    edge.unary(AssetServiceGrpcService.GetBalances, this::getBalances)
        .unary(AssetServiceGrpcService.Deposit, this::deposit)
        .unary(AssetServiceGrpcService.Withdraw, this::withdraw)
        .unary(AssetServiceGrpcService.ConfirmWithdrawal, this::confirmWithdrawal)
        .unary(AssetServiceGrpcService.ReturnWithdrawal, this::returnWithdrawal)
        .unary(AssetServiceGrpcService.FreezeAccount, this::freezeAccount)
        .unary(AssetServiceGrpcService.UnfreezeAccount, this::unfreezeAccount)
        .unary(AssetServiceGrpcService.GetTransfer, this::getTransfer)
        .unary(AssetServiceGrpcService.ListTransfers, this::listTransfers)
        .unary(AssetServiceGrpcService.ListHolds, this::listHolds)
        .unary(AssetServiceGrpcService.ListStatementEntries, this::listStatementEntries)
        .serverStream(AssetServiceGrpcService.WatchBalances, watches::open);
  }

  /** The streams of balances, which have to hear whose balances move. */
  public BalanceWatches watches() {
    return watches;
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
            request.getAccount(),
            request.getAsset(),
            request.getAmount(),
            request.getRequestId(),
            request.getExternalId());
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
    return desk.request(request, patienceMillis(call)).map(mapper::transfer).map(this::replying);
  }

  private <T> T replying(T answer) {
    faults.pass(FaultPoint.ASSET_API_BEFORE_REPLY, 1);
    return answer;
  }

  Future<ConfirmWithdrawalResponse> confirmWithdrawal(Call call, ConfirmWithdrawalRequest request) {
    OperatorDecision decision =
        rules.confirmation(
            request.getAccount(), request.getTransferId(), call.account(), request.getReason());
    return end(decision, call)
        .map(transfer -> ConfirmWithdrawalResponse.newBuilder().setTransfer(transfer).build());
  }

  Future<ReturnWithdrawalResponse> returnWithdrawal(Call call, ReturnWithdrawalRequest request) {
    OperatorDecision decision =
        rules.returning(
            request.getAccount(), request.getTransferId(), call.account(), request.getReason());
    return end(decision, call)
        .map(transfer -> ReturnWithdrawalResponse.newBuilder().setTransfer(transfer).build());
  }

  private Future<Transfer> end(OperatorDecision decision, Call call) {
    return desk.end(decision, patienceMillis(call)).map(mapper::transfer).map(this::replying);
  }

  Future<FreezeAccountResponse> freezeAccount(Call call, FreezeAccountRequest request) {
    return freeze(true, request.getAccount(), request.getReason(), call)
        .map(time -> FreezeAccountResponse.newBuilder().setUpdateTime(time).build());
  }

  Future<UnfreezeAccountResponse> unfreezeAccount(Call call, UnfreezeAccountRequest request) {
    return freeze(false, request.getAccount(), request.getReason(), call)
        .map(time -> UnfreezeAccountResponse.newBuilder().setUpdateTime(time).build());
  }

  private Future<Timestamp> freeze(boolean frozen, String account, String reason, Call call) {
    OperatorDecision decision = rules.freeze(account, frozen, call.account(), reason);
    return desk.freeze(decision, patienceMillis(call)).map(AssetMapper::time).map(this::replying);
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
    Transfers.Filter filter = filter(request);
    List<String> list = nameOfList(call.account(), request);
    Transfers.Place before =
        PageToken.read(list, request.getPageToken(), AssetApi::toPlace).orElse(Transfers.Place.TOP);
    return transfers
        .list(call.account(), filter, before, size + 1)
        .timeout(patienceMillis(call), TimeUnit.MILLISECONDS)
        .map(found -> page(list, found, size));
  }

  private Transfers.Filter filter(ListTransfersRequest request) {
    return new Transfers.Filter(
        AssetMapper.kind(request.getKind()),
        AssetMapper.outcomes(request.getStatus()),
        request.getAsset().isEmpty() ? "" : rules.asset(request.getAsset()).name());
  }

  /** Without filters it is the name that tokens had before there were any. */
  private static List<String> nameOfList(String account, ListTransfersRequest request) {
    List<String> name = new ArrayList<>(List.of("ListTransfers", account));
    if (request.getKindValue() != 0) {
      name.add(request.getKind().name());
    }
    if (request.getStatusValue() != 0) {
      name.add(request.getStatus().name());
    }
    if (!request.getAsset().isEmpty()) {
      name.add("asset " + request.getAsset());
    }
    return name;
  }

  Future<ListHoldsResponse> listHolds(Call call, ListHoldsRequest request) {
    int size = PageSize.of(request.getPageSize(), DEFAULT_HOLDS, MAX_HOLDS);
    long minAgeMicros = AssetMapper.micros("min_age", request.getMinAge());
    List<String> list = List.of("ListHolds", call.account(), Long.toString(minAgeMicros));
    HeldFunds.Place after =
        PageToken.read(list, request.getPageToken(), AssetApi::toHold).orElse(HeldFunds.Place.TOP);
    return books
        .holds(call.account(), minAgeMicros, after, size, patienceMillis(call))
        .map(found -> holds(list, found, size));
  }

  private ListHoldsResponse holds(List<String> list, List<HeldFunds> found, int size) {
    ListHoldsResponse.Builder page = ListHoldsResponse.newBuilder();
    found.stream().map(mapper::hold).forEach(page::addHolds);
    if (found.size() == size) {
      HeldFunds.Place last = HeldFunds.Place.of(found.getLast());
      page.setNextPageToken(PageToken.of(list, last.subject() + ' ' + last.timeMicros()));
    }
    return page.build();
  }

  private static HeldFunds.Place toHold(String text) {
    Transfers.Place place = toPlace(text);
    return new HeldFunds.Place(place.createMicros(), place.transferId());
  }

  Future<ListStatementEntriesResponse> listStatementEntries(
      Call call, ListStatementEntriesRequest request) {
    int size = PageSize.of(request.getPageSize(), DEFAULT_ENTRIES, MAX_ENTRIES);
    Statement after = StatementToken.read(call.account(), request.getPageToken());
    return books
        .entries(call.account(), after, size, patienceMillis(call))
        .map(entries -> statement(call.account(), after, entries));
  }

  private ListStatementEntriesResponse statement(
      String account, Statement after, List<AccountEntry> entries) {
    ListStatementEntriesResponse.Builder page = ListStatementEntriesResponse.newBuilder();
    Statement now = after;
    for (AccountEntry entry : entries) {
      now = now.after(entry);
      page.addEntries(mapper.entry(entry, now));
    }
    return page.setNextPageToken(StatementToken.of(account, now)).build();
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
      List<String> list, List<dev.sagax.asset.Transfer> found, int size) {
    List<dev.sagax.asset.Transfer> shown = found.subList(0, Math.min(size, found.size()));
    ListTransfersResponse.Builder page = ListTransfersResponse.newBuilder();
    shown.stream().map(mapper::transfer).forEach(page::addTransfers);
    if (found.size() > size) {
      String last = toText(Transfers.Place.of(shown.getLast()));
      page.setNextPageToken(PageToken.of(list, last));
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
