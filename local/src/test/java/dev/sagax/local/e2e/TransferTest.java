package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.proto.asset.v1.Balance;
import dev.sagax.proto.asset.v1.GetTransferRequest;
import dev.sagax.proto.asset.v1.ListTransfersRequest;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.asset.v1.TransferKind;
import dev.sagax.proto.asset.v1.TransferReason;
import dev.sagax.proto.asset.v1.TransferStatus;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Money in and out of the exchange. */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TransferTest {
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
  void depositIsAvailableWhenItsCallReturns() {
    Trader alice = exchange.trader("alice");

    Transfer transfer = alice.deposit("USD", "12.345678", "d-1");

    assertThat(transfer.getStatus()).isEqualTo(TransferStatus.TRANSFER_STATUS_COMPLETED);
    assertThat(transfer.getKind()).isEqualTo(TransferKind.TRANSFER_KIND_DEPOSIT);
    assertThat(transfer.getAccount()).isEqualTo(alice.account());
    assertThat(transfer.getAmount()).isEqualTo("12.345678");
    assertThat(transfer.getTransferId()).matches("[0-9a-f]{32}");
    alice.has("USD", "12.345678", "0");
  }

  @Test
  void balancesListEveryAssetByName() {
    Trader alice = exchange.trader("alice").deposit("USD", "3").deposit("BTC", "1");

    assertThat(alice.balances()).extracting(Balance::getAsset).containsExactly("BTC", "USD");
    alice.has("KRW", "0", "0");
  }

  @Test
  void repeatedTransferAnswersTheSameAndCountsOnce() {
    Trader alice = exchange.trader("alice");

    Transfer first = alice.deposit("USD", "10", "d-1");
    Transfer again = alice.deposit("USD", "10.000", "d-1");
    Transfer out = alice.withdraw("USD", "4", "w-1");
    Transfer outAgain = alice.withdraw("USD", "4", "w-1");

    assertThat(again).isEqualTo(first);
    assertThat(outAgain).isEqualTo(out);
    alice.has("USD", "6", "4");
  }

  @Test
  void sameDepositFromManyCallsAtOnceCountsOnce() {
    Trader alice = exchange.trader("alice");

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Transfer> answers =
          IntStream.range(0, 16)
              .mapToObj(n ->
                  CompletableFuture.supplyAsync(() -> alice.deposit("USD", "10", "d-1"), threads))
              .toList()
              .stream()
              .map(CompletableFuture::join)
              .toList();
      assertThat(answers).containsOnly(answers.getFirst());
    }

    alice.has("USD", "10", "0");
  }

  @Test
  void sameIdWithOtherContentIsAConflictThatNamesTheFields() {
    Trader alice = exchange.trader("alice");
    alice.deposit("USD", "10", "d-1");

    Refused amount = Refused.by(() -> alice.deposit("USD", "11", "d-1"));
    Refused both = Refused.by(() -> alice.deposit("BTC", "11", "d-1"));

    assertThat(List.of(amount, both))
        .extracting(Refused::code)
        .containsOnly(Status.Code.ALREADY_EXISTS);
    assertThat(List.of(amount, both)).extracting(Refused::reason).containsOnly("ID_REUSED");
    assertThat(amount.metadata().get("fields")).isEqualTo("amount");
    assertThat(both.metadata().get("fields").split(","))
        .containsExactlyInAnyOrder("asset", "amount");
    alice.has("USD", "10", "0");
    alice.has("BTC", "0", "0");
  }

  @Test
  void depositAndWithdrawalHaveIdsOfTheirOwn() {
    Trader alice = exchange.trader("alice");

    Transfer in = alice.deposit("USD", "10", "same");
    Transfer out = alice.withdraw("USD", "10", "same");

    assertThat(out.getStatus()).isEqualTo(TransferStatus.TRANSFER_STATUS_HELD);
    assertThat(out.getKind()).isEqualTo(TransferKind.TRANSFER_KIND_WITHDRAWAL);
    assertThat(out.getTransferId()).isNotEqualTo(in.getTransferId());
    alice.has("USD", "0", "10");
  }

  @Test
  void withdrawalThatTheBalanceDoesNotCoverIsRejectedForEver() {
    Trader alice = exchange.trader("alice").deposit("USD", "10");

    Transfer refused = alice.withdraw("USD", "10.000001", "w-1");
    alice.deposit("USD", "10");
    Transfer again = alice.withdraw("USD", "10.000001", "w-1");

    assertThat(refused.getStatus()).isEqualTo(TransferStatus.TRANSFER_STATUS_REJECTED);
    assertThat(refused.getReason()).isEqualTo(TransferReason.TRANSFER_REASON_INSUFFICIENT_FUNDS);
    assertThat(again).isEqualTo(refused);
    alice.has("USD", "20", "0");
  }

  @Test
  void whatIsHeldCannotBeWithdrawn() {
    Trader alice = exchange.trader("alice").deposit("USD", "100");
    alice.buy(exchange.market(), "0.6", "100");

    Transfer tooMuch = alice.withdraw("USD", "40.000001", "w-1");
    Transfer rest = alice.withdraw("USD", "40", "w-2");

    assertThat(tooMuch.getStatus()).isEqualTo(TransferStatus.TRANSFER_STATUS_REJECTED);
    assertThat(rest.getStatus()).isEqualTo(TransferStatus.TRANSFER_STATUS_HELD);
    alice.has("USD", "0", "100");
  }

  @Test
  void supplyOfAnAssetNeverExceedsWhatTheLedgerCounts() {
    // 2^62 units of XRP, scale 6, which no other test uses
    String limit = "4611686018427.387904";
    Trader whale = exchange.trader("whale");
    Trader late = exchange.trader("late");

    Transfer tooMuch = whale.deposit("XRP", "4611686018427.387905", "d-1");
    Transfer all = whale.deposit("XRP", limit, "d-2");
    Transfer oneMore = late.deposit("XRP", "0.000001", "d-1");

    assertThat(all.getStatus()).isEqualTo(TransferStatus.TRANSFER_STATUS_COMPLETED);
    for (Transfer refused : List.of(tooMuch, oneMore)) {
      assertThat(refused.getStatus()).isEqualTo(TransferStatus.TRANSFER_STATUS_REJECTED);
      assertThat(refused.getReason()).isEqualTo(TransferReason.TRANSFER_REASON_SUPPLY_LIMIT);
    }
    whale.has("XRP", limit, "0");
    late.has("XRP", "0", "0");

    Transfer out = whale.withdraw("XRP", "0.000001", "w-1");
    Transfer stillTooMuch = late.deposit("XRP", "0.000001", "d-2");
    assertThat(stillTooMuch.getReason()).isEqualTo(TransferReason.TRANSFER_REASON_SUPPLY_LIMIT);
    whale.confirm(out);
    late.deposit("XRP", "0.000001");

    late.has("XRP", "0.000001", "0");
  }

  @Test
  void transfersAreFoundByTheirOwnerOnly() {
    Trader alice = exchange.trader("alice");
    Trader mallory = exchange.trader("mallory");
    Transfer transfer = alice.deposit("USD", "10", "d-1");
    GetTransferRequest request =
        GetTransferRequest.newBuilder().setTransferId(transfer.getTransferId()).build();

    assertThat(alice.assets().getTransfer(request).getTransfer()).isEqualTo(transfer);
    Refused foreign = Refused.by(() -> mallory.assets().getTransfer(request));

    assertThat(foreign.code()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(foreign.reason()).isEqualTo("TRANSFER_NOT_FOUND");
  }

  @Test
  void listPagesThroughAllTransfersNewestFirst() {
    Trader alice = exchange.trader("alice");
    List<Transfer> made = new ArrayList<>();
    for (int n = 0; n < 6; n++) {
      made.add(alice.deposit("USD", "10", "d-" + n));
    }
    made.add(alice.withdraw("USD", "1", "w-1"));
    made.add(alice.withdraw("USD", "1000", "w-2"));

    for (int pageSize : List.of(1, 3, 8, 500)) {
      Eventually.passes(() -> assertThat(list(alice, pageSize)).isEqualTo(made.reversed()));
    }
  }

  private static List<Transfer> list(Trader trader, int pageSize) {
    List<Transfer> all = new ArrayList<>();
    String token = "";
    do {
      var page =
          trader
              .assets()
              .listTransfers(
                  ListTransfersRequest.newBuilder()
                      .setPageSize(pageSize)
                      .setPageToken(token)
                      .build());
      all.addAll(page.getTransfersList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return all;
  }
}
