package dev.sagax.asset.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.asset.BalanceView;
import dev.sagax.asset.Balances;
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
import dev.sagax.proto.asset.v1.ListTransfersRequest;
import dev.sagax.proto.asset.v1.ListTransfersResponse;
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
      new AssetApi(MARKETS, null, new FiveTransfers(), balances, null, FaultInjector.idle());

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
    return new Call(new Caller(account, Set.of(Scope.READ)), 0);
  }

  private static Balance balance(String asset, String available, String held) {
    return Balance.newBuilder().setAsset(asset).setAvailable(available).setHeld(held).build();
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
