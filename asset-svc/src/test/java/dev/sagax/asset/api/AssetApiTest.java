package dev.sagax.asset.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Duration;
import dev.sagax.asset.AccountBooks;
import dev.sagax.asset.AccountEntry;
import dev.sagax.asset.BalanceView;
import dev.sagax.asset.Balances;
import dev.sagax.asset.HeldFunds;
import dev.sagax.asset.Statement;
import dev.sagax.asset.Transfer;
import dev.sagax.asset.TransferRequest;
import dev.sagax.asset.Transfers;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.Caller;
import dev.sagax.platform.rpc.PageToken;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.Balance;
import dev.sagax.proto.asset.v1.GetBalancesRequest;
import dev.sagax.proto.asset.v1.Hold;
import dev.sagax.proto.asset.v1.ListHoldsRequest;
import dev.sagax.proto.asset.v1.ListHoldsResponse;
import dev.sagax.proto.asset.v1.ListStatementEntriesRequest;
import dev.sagax.proto.asset.v1.ListStatementEntriesResponse;
import dev.sagax.proto.asset.v1.ListTransfersRequest;
import dev.sagax.proto.asset.v1.ListTransfersResponse;
import dev.sagax.proto.asset.v1.TransferKind;
import dev.sagax.proto.asset.v1.TransferStatus;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What needs no log: balances and lists over ports held in memory. */
class AssetApiTest {
  private static final Markets MARKETS =
      Markets.parse(
          """
          assets: [{name: BTC, scale: 8}, {name: KRW, scale: 4}]
          markets: []
          """,
          1);

  private final Balances balances =
      (account, timeoutMillis) ->
          Future.succeededFuture(List.of(new BalanceView("BTC", 150_000_000, 1)));
  private final AssetApi api =
      new AssetApi(
          null,
          MARKETS,
          null,
          new FiveTransfers(),
          balances,
          new ThreeHolds(),
          FaultInjector.idle());

  @Test
  void balancesAreDecimalsOfTheirAsset() {
    assertThat(balancesOf("")).containsExactly(balance("BTC", "1.5", "0.00000001"));
  }

  @Test
  void anAssetTheAccountNeverHadIsZeroWhenAskedFor() {
    assertThat(balancesOf("KRW")).containsExactly(balance("KRW", "0", "0"));
  }

  @Test
  void balancesOfAnUnknownAssetAreRefused() {
    assertThatThrownBy(() -> balancesOf("DOGE")).hasMessageContaining("UNKNOWN_ASSET");
  }

  @Test
  void pagesShowEveryTransferOnceNewestFirst() {
    List<String> shown = new ArrayList<>();
    String token = "";
    do {
      ListTransfersResponse page = list("ann", 2, token);
      assertThat(page.getTransfersCount()).isBetween(1, 2);
      page.getTransfersList().forEach(transfer -> shown.add(transfer.getRequestId()));
      token = page.getNextPageToken();
    } while (!token.isEmpty());

    assertThat(shown).containsExactly("r-5", "r-4", "r-3", "r-2", "r-1");
  }

  @Test
  void aPageTokenOfAnotherAccountIsRefused() {
    String token = list("ann", 2, "").getNextPageToken();

    assertThatThrownBy(() -> list("bob", 2, token)).hasMessageContaining("INVALID_PAGE_TOKEN");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "!!", "TGlzdFRyYW5zZmVycw", "\u0000", "AAAA"})
  void aTextThatIsNoPageTokenIsRefused(String token) {
    assertThatThrownBy(() -> list("ann", 2, token)).hasMessageContaining("INVALID_PAGE_TOKEN");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x 1", "%s", "%s x", "%s 99999999999999999999"})
  void aPlaceThatIsMadeUpIsRefused(String place) {
    String id = "0123456789abcdef".repeat(2);
    String token = PageToken.of(List.of("ListTransfers", "ann"), place.formatted(id));

    assertThatThrownBy(() -> list("ann", 2, token)).hasMessageContaining("INVALID_PAGE_TOKEN");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 501, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void aPageSizeOutOfRangeIsRefused(int size) {
    assertThatThrownBy(() -> list("ann", size, "")).hasMessageContaining("INVALID_PAGE_SIZE");
  }

  @Test
  void aTokenGoesWithItsFiltersOnly() {
    ListTransfersRequest deposits =
        ListTransfersRequest.newBuilder()
            .setPageSize(2)
            .setKind(TransferKind.TRANSFER_KIND_DEPOSIT)
            .build();
    String token = api.listTransfers(call("ann"), deposits).result().getNextPageToken();

    ListTransfersRequest next = deposits.toBuilder().setPageToken(token).build();
    assertThat(api.listTransfers(call("ann"), next).result().getTransfersCount()).isEqualTo(2);
    assertThatThrownBy(() -> list("ann", 2, token)).hasMessageContaining("INVALID_PAGE_TOKEN");
  }

  @Test
  void aStatusIsAllTheOutcomesThatItShows() {
    ListTransfersRequest.Builder request = ListTransfersRequest.newBuilder();

    request.setStatus(TransferStatus.TRANSFER_STATUS_COMPLETED);
    assertThat(api.listTransfers(call("ann"), request.build()).result().getTransfersCount())
        .isEqualTo(5);
    request.setStatus(TransferStatus.TRANSFER_STATUS_REJECTED);
    assertThat(api.listTransfers(call("ann"), request.build()).result().getTransfersCount())
        .isZero();
  }

  @Test
  void pagesShowEveryHoldOnceOldestFirst() {
    List<Hold> shown = new ArrayList<>();
    ListHoldsRequest.Builder request = ListHoldsRequest.newBuilder().setPageSize(2);
    do {
      ListHoldsResponse page = api.listHolds(call("ann"), request.build()).result();
      shown.addAll(page.getHoldsList());
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());

    assertThat(shown).extracting(Hold::getAmount).containsExactly("0.00000001", "2", "0.0003");
    assertThat(shown.getFirst().getAge())
        .isEqualTo(Duration.newBuilder().setSeconds(1).setNanos(500_000_000).build());
    assertThat(shown.getFirst().getTransferId()).isEqualTo("%032x".formatted(1));
    assertThat(shown.getLast().getOrderId()).isEqualTo("%032x".formatted(3));
  }

  @Test
  void theStatementHasTheBalancesAfterEachEntry() {
    ListStatementEntriesResponse first =
        api.listStatementEntries(call("ann"), ListStatementEntriesRequest.getDefaultInstance())
            .result();
    ListStatementEntriesResponse second =
        api.listStatementEntries(
                call("ann"),
                ListStatementEntriesRequest.newBuilder()
                    .setPageToken(first.getNextPageToken())
                    .build())
            .result();

    assertThat(changes(first)).containsExactly("2 0 -> 2 0", "-0.5 0.5 -> 1.5 0.5");
    assertThat(changes(second)).containsExactly("2 0 -> 3.5 0.5", "-0.5 0.5 -> 3 1");
  }

  private static List<String> changes(ListStatementEntriesResponse page) {
    return page.getEntriesList().stream()
        .map(entry -> entry.getChanges(0))
        .map(c ->
            "%s %s -> %s %s"
                .formatted(
                    c.getAvailableChange(), c.getHeldChange(), c.getAvailable(), c.getHeld()))
        .toList();
  }

  private List<Balance> balancesOf(String asset) {
    GetBalancesRequest request = GetBalancesRequest.newBuilder().setAsset(asset).build();
    return api.getBalances(call("ann"), request).result().getBalancesList();
  }

  private ListTransfersResponse list(String account, int size, String token) {
    return api.listTransfers(
            call(account),
            ListTransfersRequest.newBuilder().setPageSize(size).setPageToken(token).build())
        .result();
  }

  private static Call call(String account) {
    return new Call(new Caller(account, Set.of(Scope.READ)), 0, "r1");
  }

  private static Balance balance(String asset, String available, String held) {
    return Balance.newBuilder().setAsset(asset).setAvailable(available).setHeld(held).build();
  }

  /** Three holds, and a statement of two entries that always come again. */
  private static final class ThreeHolds implements AccountBooks {
    private final List<HeldFunds> all =
        List.of(
            new HeldFunds("%032x".formatted(1), true, "BTC", 1, 5, 1_500_000),
            new HeldFunds("%032x".formatted(2), false, "BTC", 200_000_000, 5, 2),
            new HeldFunds("%032x".formatted(3), false, "KRW", 3, 9, 1));

    @Override
    public Future<List<HeldFunds>> holds(
        String account, long minAgeMicros, HeldFunds.Place after, int limit, long timeoutMillis) {
      Comparator<HeldFunds.Place> order =
          Comparator.comparingLong(HeldFunds.Place::timeMicros)
              .thenComparing(HeldFunds.Place::subject);
      return Future.succeededFuture(
          all.stream()
              .filter(hold -> order.compare(HeldFunds.Place.of(hold), after) > 0)
              .limit(limit)
              .toList());
    }

    @Override
    public Future<Statement> now(String account, long timeoutMillis) {
      return Future.failedFuture("Nobody watches here.");
    }

    @Override
    public Future<List<AccountEntry>> entries(
        String account, Statement after, int limit, long timeoutMillis) {
      return Future.succeededFuture(
          List.of(
              entry(AccountEntry.Kind.DEPOSIT, 200_000_000, 0),
              entry(AccountEntry.Kind.HOLD, -50_000_000, 50_000_000)));
    }

    private static AccountEntry entry(AccountEntry.Kind kind, long available, long held) {
      return new AccountEntry(
          kind,
          "%032x".formatted(1),
          7,
          new AccountEntry.Log(1, 0),
          new AccountEntry.Place(4, 0),
          List.of(new AccountEntry.Change("BTC", available, held, 0)));
    }
  }

  /** ann's five transfers, two of them of the same microsecond. */
  private static final class FiveTransfers implements Transfers {
    private final List<Transfer> all =
        IntStream.rangeClosed(1, 5)
            .mapToObj(i ->
                new Transfer(
                    "%032x".formatted(i),
                    new TransferRequest.Deposit("ann", "BTC", i, "r-" + i),
                    i / 2,
                    Transfer.Outcome.COMPLETED))
            .toList();

    @Override
    public Future<Optional<Transfer>> find(String account, String transferId) {
      return Future.succeededFuture(Optional.empty());
    }

    @Override
    public Future<List<Transfer>> list(String account, Filter filter, Place before, int limit) {
      Comparator<Place> order =
          Comparator.comparingLong(Place::createMicros).thenComparing(Place::transferId);
      return Future.succeededFuture(
          all.reversed().stream()
              .filter(transfer -> transfer.account().equals(account))
              .filter(transfer -> filter.outcomes().contains(transfer.outcome()))
              .filter(transfer -> order.compare(Place.of(transfer), before) < 0)
              .limit(limit)
              .toList());
    }

    @Override
    public Future<Long> recordedTo(int partition) {
      return Future.succeededFuture(-1L);
    }
  }
}
