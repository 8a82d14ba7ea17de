package dev.sagax.asset.ledger;

import dev.sagax.asset.AccountBooks;
import dev.sagax.asset.AccountEntry;
import dev.sagax.asset.BalanceView;
import dev.sagax.asset.Balances;
import dev.sagax.asset.HeldFunds;
import dev.sagax.asset.Statement;
import dev.sagax.platform.rpc.RpcChannel;
import dev.sagax.proto.ledger.v1.AssetBalance;
import dev.sagax.proto.ledger.v1.Entry;
import dev.sagax.proto.ledger.v1.GetAccountCutRequest;
import dev.sagax.proto.ledger.v1.GetAccountCutResponse;
import dev.sagax.proto.ledger.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import dev.sagax.proto.ledger.v1.HoldPlace;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpcClient;
import dev.sagax.proto.ledger.v1.ListEntriesRequest;
import dev.sagax.proto.ledger.v1.ListHoldsRequest;
import dev.sagax.proto.ledger.v1.LogPlace;
import dev.sagax.proto.ledger.v1.OpenHold;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** settle-svc's LedgerService, with a deadline on every call. */
public final class LedgerClient implements Balances, AccountBooks {
  private final RpcChannel channel;

  /**
   * @param channel to settle-svc
   */
  public LedgerClient(RpcChannel channel) {
    this.channel = channel;
  }

  @Override
  public Future<List<BalanceView>> of(String account, long timeoutMillis) {
    GetBalancesRequest request = GetBalancesRequest.newBuilder().setAccount(account).build();
    return channel
        .unary(LedgerServiceGrpcClient.GetBalances, request, timeoutMillis)
        .map(LedgerClient::balances);
  }

  @Override
  public Future<List<HeldFunds>> holds(
      String account, long minAgeMicros, HeldFunds.Place after, int limit, long timeoutMillis) {
    ListHoldsRequest request =
        ListHoldsRequest.newBuilder()
            .setAccount(account)
            .setMinAgeMicros(minAgeMicros)
            .setPageSize(limit)
            .setAfter(
                HoldPlace.newBuilder()
                    .setTimeMicros(after.timeMicros())
                    .setSubject(after.subject()))
            .build();
    return channel
        .unary(LedgerServiceGrpcClient.ListHolds, request, timeoutMillis)
        .map(response -> response.getHoldsList().stream().map(LedgerClient::hold).toList());
  }

  private static HeldFunds hold(OpenHold hold) {
    boolean withdrawal = hold.getOrderId().isEmpty();
    return new HeldFunds(
        withdrawal ? hold.getTransferId() : hold.getOrderId(),
        withdrawal,
        hold.getAsset(),
        hold.getAmountUnits(),
        hold.getTimeMicros(),
        hold.getAgeMicros());
  }

  @Override
  public Future<List<AccountEntry>> entries(
      String account, Statement after, int limit, long timeoutMillis) {
    ListEntriesRequest.Builder request =
        ListEntriesRequest.newBuilder().setAccount(account).setLimit(limit);
    after
        .places()
        .forEach((log, place) ->
            request.addAfter(
                LogPlace.newBuilder()
                    .setFlow(log.flow())
                    .setPartition(log.partition())
                    .setPosition(place.position())
                    .setLeg(place.leg())));
    return channel
        .unary(LedgerServiceGrpcClient.ListEntries, request.build(), timeoutMillis)
        .map(response -> response.getEntriesList().stream().map(LedgerClient::entry).toList());
  }

  @Override
  public Future<Statement> now(String account, long timeoutMillis) {
    GetAccountCutRequest request = GetAccountCutRequest.newBuilder().setAccount(account).build();
    return channel
        .unary(LedgerServiceGrpcClient.GetAccountCut, request, timeoutMillis)
        .map(LedgerClient::statement);
  }

  private static Statement statement(GetAccountCutResponse cut) {
    Map<AccountEntry.Log, AccountEntry.Place> places = new HashMap<>();
    cut.getPlacesList()
        .forEach(place ->
            places.put(
                new AccountEntry.Log(place.getFlow(), place.getPartition()),
                new AccountEntry.Place(place.getPosition(), place.getLeg())));
    return new Statement(
        places,
        cut.getBalancesList().stream()
            .map(LedgerClient::balance)
            .collect(Collectors.toMap(BalanceView::asset, view -> view)));
  }

  private static AccountEntry entry(Entry entry) {
    LogPlace place = entry.getPlace();
    return new AccountEntry(
        kind(entry),
        entry.getSubject(),
        entry.getTimeMicros(),
        new AccountEntry.Log(place.getFlow(), place.getPartition()),
        new AccountEntry.Place(place.getPosition(), place.getLeg()),
        entry.getChangesList().stream()
            .map(change ->
                new AccountEntry.Change(
                    change.getAsset(),
                    change.getAvailableUnits(),
                    change.getHeldUnits(),
                    change.getFeeUnits()))
            .toList());
  }

  private static AccountEntry.Kind kind(Entry entry) {
    return switch (entry.getKind()) {
      case ENTRY_KIND_HOLD -> AccountEntry.Kind.HOLD;
      case ENTRY_KIND_LEG -> AccountEntry.Kind.SETTLEMENT;
      case ENTRY_KIND_DEPOSIT -> AccountEntry.Kind.DEPOSIT;
      case ENTRY_KIND_WITHDRAWAL -> AccountEntry.Kind.WITHDRAWAL;
      case ENTRY_KIND_WITHDRAWAL_HELD -> AccountEntry.Kind.WITHDRAWAL_HELD;
      case ENTRY_KIND_WITHDRAWAL_CONFIRMED -> AccountEntry.Kind.WITHDRAWAL_CONFIRMED;
      case ENTRY_KIND_WITHDRAWAL_RETURNED -> AccountEntry.Kind.WITHDRAWAL_RETURNED;
      case ENTRY_KIND_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalStateException(
              "The ledger names an entry of a kind that is not known: " + entry.getKindValue());
    };
  }

  private static List<BalanceView> balances(GetBalancesResponse response) {
    return response.getBalancesList().stream().map(LedgerClient::balance).toList();
  }

  private static BalanceView balance(AssetBalance balance) {
    return new BalanceView(balance.getAsset(), balance.getAvailableUnits(), balance.getHeldUnits());
  }
}
