package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.BalanceChange;
import dev.sagax.proto.asset.v1.ConfirmWithdrawalRequest;
import dev.sagax.proto.asset.v1.DepositRequest;
import dev.sagax.proto.asset.v1.FreezeAccountRequest;
import dev.sagax.proto.asset.v1.Hold;
import dev.sagax.proto.asset.v1.ListHoldsRequest;
import dev.sagax.proto.asset.v1.ListStatementEntriesRequest;
import dev.sagax.proto.asset.v1.ListTransfersRequest;
import dev.sagax.proto.asset.v1.ReturnWithdrawalRequest;
import dev.sagax.proto.asset.v1.StatementEntry;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.asset.v1.TransferKind;
import dev.sagax.proto.asset.v1.TransferReason;
import dev.sagax.proto.asset.v1.TransferStatus;
import dev.sagax.proto.asset.v1.UnfreezeAccountRequest;
import dev.sagax.proto.ledger.v1.FrozenAccount;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpc;
import dev.sagax.proto.ledger.v1.ListFrozenAccountsRequest;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderReason;
import dev.sagax.proto.order.v1.OrderStatus;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an operator decides about withdrawals and accounts, and what an account's books say. */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WithdrawalTest {
  private TestExchange exchange;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
  }

  @AfterAll
  void everyAssetIsConserved() {
    exchange.assertConserved();
  }

  @Test
  void aWithdrawalIsHeldUntilAnOperatorConfirmsIt() {
    Trader alice = exchange.trader("alice").deposit("USD", "100");

    Transfer held = alice.withdraw("USD", "40", "w-1");
    alice.has("USD", "60", "40");
    Transfer confirmed = alice.confirm(held);
    Transfer again = alice.confirm(held);

    assertThat(held.getStatus()).isEqualTo(TransferStatus.TRANSFER_STATUS_HELD);
    assertThat(confirmed.getStatus()).isEqualTo(TransferStatus.TRANSFER_STATUS_COMPLETED);
    assertThat(confirmed.getNote()).isEqualTo("paid");
    assertThat(again).isEqualTo(confirmed);
    assertThat(alice.withdraw("USD", "40", "w-1")).isEqualTo(confirmed);
    alice.has("USD", "60", "0");
    Refused tooLate = Refused.by(() -> alice.giveBack(held));
    assertThat(tooLate.code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(tooLate.reason()).isEqualTo("WITHDRAWAL_NOT_HELD");
    assertThat(tooLate.metadata().get("status")).isEqualTo("COMPLETED");
  }

  @Test
  void aReturnedWithdrawalIsAvailableAgainAndSaysWhy() {
    Trader alice = exchange.trader("alice").deposit("USD", "100");
    Transfer held = alice.withdraw("USD", "40", "w-1");

    Transfer returned = alice.giveBack(held);

    assertThat(returned.getStatus()).isEqualTo(TransferStatus.TRANSFER_STATUS_RETURNED);
    assertThat(returned.getNote()).isEqualTo("the address is unknown");
    assertThat(Refused.by(() -> alice.confirm(held)).reason()).isEqualTo("WITHDRAWAL_NOT_HELD");
    alice.has("USD", "100", "0");
  }

  @Test
  void onlyAnOperatorDecidesAndOnlyAboutWhatThereIs() {
    Trader alice = exchange.trader("alice").deposit("USD", "100");
    Trader mallory = exchange.trader("mallory");
    Transfer held = alice.withdraw("USD", "40", "w-1");

    Refused byOwner =
        Refused.by(() ->
            alice
                .assets()
                .returnWithdrawal(
                    ReturnWithdrawalRequest.newBuilder()
                        .setAccount(alice.account())
                        .setTransferId(held.getTransferId())
                        .setReason("mine")
                        .build()));
    Refused ofAnother = Refused.by(() -> mallory.confirm(held));
    Refused noId =
        Refused.by(() ->
            exchange
                .operator()
                .confirmWithdrawal(
                    ConfirmWithdrawalRequest.newBuilder()
                        .setAccount(alice.account())
                        .setTransferId("w-1")
                        .build()));
    Refused noReason =
        Refused.by(() ->
            exchange
                .operator()
                .returnWithdrawal(
                    ReturnWithdrawalRequest.newBuilder()
                        .setAccount(alice.account())
                        .setTransferId(held.getTransferId())
                        .build()));

    assertThat(byOwner.reason()).isEqualTo("SCOPE_MISSING");
    assertThat(ofAnother.reason()).isEqualTo("TRANSFER_NOT_FOUND");
    assertThat(noId.reason()).isEqualTo("INVALID_ID");
    assertThat(noReason.reason()).isEqualTo("FIELD_REQUIRED");
    alice.has("USD", "60", "40");
  }

  @Test
  void anExternalIdIsOfOneDeposit() {
    Trader alice = exchange.trader("alice");
    Trader bob = exchange.trader("bob");
    String id = "chain:" + alice.account();

    Transfer first = deposit(alice, "d-1", id);
    Transfer again = deposit(alice, "d-1", id);
    Refused other = Refused.by(() -> deposit(bob, "d-1", id));
    Refused changed = Refused.by(() -> deposit(alice, "d-1", id + "x"));

    assertThat(first.getExternalId()).isEqualTo(id);
    assertThat(again).isEqualTo(first);
    for (Refused refused : List.of(other, changed)) {
      assertThat(refused.code()).isEqualTo(Status.Code.ALREADY_EXISTS);
      assertThat(refused.reason()).isEqualTo("ID_REUSED");
      assertThat(refused.metadata().get("fields")).isEqualTo("external_id");
    }
    alice.has("USD", "5", "0");
    bob.has("USD", "0", "0");
  }

  private Transfer deposit(Trader trader, String requestId, String externalId) {
    return exchange
        .operator()
        .deposit(
            DepositRequest.newBuilder()
                .setAccount(trader.account())
                .setAsset("USD")
                .setAmount("5")
                .setRequestId(requestId)
                .setExternalId(externalId)
                .build())
        .getTransfer();
  }

  @Test
  void aFrozenAccountHoldsNothingNewAndWhatRestsIsSettled() {
    String market = exchange.market();
    Trader alice = exchange.trader("alice").deposit("USD", "100");
    Trader bob = exchange.trader("bob").deposit("BTC", "1");
    Order resting = alice.buy(market, "0.5", "100");

    exchange
        .operator()
        .freezeAccount(
            FreezeAccountRequest.newBuilder()
                .setAccount(alice.account())
                .setReason("asked by the court")
                .build());

    assertThat(frozen(alice)).isEqualTo("asked by the court");
    Order refused = alice.buy(market, "0.1", "100");
    Transfer kept = alice.withdraw("USD", "10", "w-1");
    assertThat(refused.getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_REJECTED);
    assertThat(refused.getReason()).isEqualTo(OrderReason.ORDER_REASON_ACCOUNT_FROZEN);
    assertThat(kept.getReason()).isEqualTo(TransferReason.TRANSFER_REASON_ACCOUNT_FROZEN);
    bob.sell(market, "0.5", "100");
    Eventually.passes(() ->
        assertThat(alice.get(resting).getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_FILLED));

    exchange
        .operator()
        .unfreezeAccount(
            UnfreezeAccountRequest.newBuilder()
                .setAccount(alice.account())
                .setReason("it is lifted")
                .build());
    assertThat(frozen(alice)).isEmpty();
    assertThat(alice.buy(market, "0.1", "100").getStatus())
        .isEqualTo(OrderStatus.ORDER_STATUS_OPEN);
  }

  /** Why the account is frozen; empty if it is not. */
  private String frozen(Trader trader) {
    return LedgerServiceGrpc.newBlockingStub(exchange.settle())
        .withInterceptors(TestExchange.bearer(exchange.token("operator", Scope.OPERATOR)))
        .listFrozenAccounts(ListFrozenAccountsRequest.getDefaultInstance())
        .getAccountsList()
        .stream()
        .filter(account -> account.getAccount().equals(trader.account()))
        .map(FrozenAccount::getReason)
        .findFirst()
        .orElse("");
  }

  @Test
  void holdsAreListedTheOldestFirstWithTheirAge() {
    Trader alice = exchange.trader("alice").deposit("USD", "100");
    Transfer held = alice.withdraw("USD", "40", "w-1");
    Order resting = alice.buy(exchange.market(), "0.5", "100");

    List<Hold> holds = new ArrayList<>();
    ListHoldsRequest.Builder request = ListHoldsRequest.newBuilder().setPageSize(1);
    do {
      var page = alice.assets().listHolds(request.build());
      holds.addAll(page.getHoldsList());
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());

    assertThat(holds)
        .extracting(Hold::getTransferId, Hold::getOrderId, Hold::getAmount)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(held.getTransferId(), "", "40"),
            org.assertj.core.groups.Tuple.tuple("", resting.getOrderId(), "50"));
    assertThat(alice.assets().listHolds(aged(0)).getHoldsCount()).isEqualTo(2);
    assertThat(alice.assets().listHolds(aged(3_600)).getHoldsCount()).isZero();
    assertThat(Refused.by(() -> alice.assets().listHolds(aged(-1))).reason())
        .isEqualTo("INVALID_TIME");
  }

  private static ListHoldsRequest aged(long seconds) {
    return ListHoldsRequest.newBuilder()
        .setMinAge(Duration.newBuilder().setSeconds(seconds))
        .build();
  }

  @Test
  void transfersAreListedByKindAndStatus() {
    Trader alice = exchange.trader("alice").deposit("USD", "100").deposit("BTC", "1");
    Transfer held = alice.withdraw("USD", "40", "w-1");
    Transfer returned = alice.giveBack(alice.withdraw("USD", "30", "w-2"));

    ListTransfersRequest out =
        ListTransfersRequest.newBuilder().setKind(TransferKind.TRANSFER_KIND_WITHDRAWAL).build();
    assertThat(alice.assets().listTransfers(out).getTransfersList())
        .containsExactly(returned, held);
    assertThat(
            alice
                .assets()
                .listTransfers(
                    out.toBuilder().setStatus(TransferStatus.TRANSFER_STATUS_HELD).build())
                .getTransfersList())
        .containsExactly(held);
    assertThat(
            alice
                .assets()
                .listTransfers(ListTransfersRequest.newBuilder().setAsset("BTC").build())
                .getTransfersCount())
        .isEqualTo(1);
    String token =
        alice.assets().listTransfers(out.toBuilder().setPageSize(1).build()).getNextPageToken();
    assertThat(
            Refused.by(() ->
                    alice
                        .assets()
                        .listTransfers(
                            ListTransfersRequest.newBuilder().setPageToken(token).build()))
                .reason())
        .isEqualTo("INVALID_PAGE_TOKEN");
  }

  /** Read page by page while it grows: each entry once, and the last sums are the balances. */
  @Test
  void theStatementGoesOnFromItsTokenAndItsSumsAreTheBalances() {
    String market = exchange.market();
    Trader alice = exchange.trader("alice").deposit("USD", "100");
    Trader bob = exchange.trader("bob").deposit("BTC", "1");
    List<StatementEntry> read = new ArrayList<>();
    String token = read(alice, "", read);

    alice.buy(market, "0.5", "100");
    bob.sell(market, "0.2", "100");
    Transfer held = alice.withdraw("USD", "40", "w-1");
    Eventually.passes(() -> alice.has("USD", "10", "70"));
    token = read(alice, token, read);
    alice.confirm(held);
    token = read(alice, token, read);

    assertThat(read(alice, token, new ArrayList<>())).isEqualTo(token);
    assertThat(read)
        .extracting(entry -> entry.getKind().name().substring("STATEMENT_KIND_".length()))
        .containsExactly(
            "DEPOSIT", "HOLD", "SETTLEMENT", "WITHDRAWAL_HELD", "WITHDRAWAL_CONFIRMED");
    assertThat(read.get(2).getChanges(0))
        .isEqualTo(
            BalanceChange.newBuilder()
                .setAsset("USD")
                .setAvailableChange("0")
                .setHeldChange("-20")
                .setFee("0")
                .setAvailable("50")
                .setHeld("30")
                .build());
    assertThat(read.getLast().getChanges(0).getHeldChange()).isEqualTo("-40");
    alice.has("USD", "10", "30");
    assertThat(read.getLast().getChanges(0).getAvailable()).isEqualTo("10");
    assertThat(read.getLast().getChanges(0).getHeld()).isEqualTo("30");
    String alices = token;
    assertThat(Refused.by(() -> read(bob, alices, new ArrayList<>())).reason())
        .isEqualTo("INVALID_PAGE_TOKEN");
  }

  /** Reads to the end for now; the token with which it goes on. */
  private static String read(Trader trader, String token, List<StatementEntry> into) {
    ListStatementEntriesRequest.Builder request =
        ListStatementEntriesRequest.newBuilder().setPageSize(2).setPageToken(token);
    while (true) {
      var page = trader.assets().listStatementEntries(request.build());
      into.addAll(page.getEntriesList());
      request.setPageToken(page.getNextPageToken());
      if (page.getEntriesCount() < 2) {
        return page.getNextPageToken();
      }
    }
  }
}
