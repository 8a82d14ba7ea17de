package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.proto.asset.v1.Balance;
import dev.sagax.proto.asset.v1.BalanceChange;
import dev.sagax.proto.asset.v1.ListStatementEntriesRequest;
import dev.sagax.proto.asset.v1.StatementEntry;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.asset.v1.WatchBalancesRequest;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WatchBalances: where it starts, and that nothing is lost or doubled on the way. */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BalanceStreamTest {
  private TestExchange exchange;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
  }

  @Test
  void aStreamBeginsWithTheBalancesAndTellsWhatMovesThem() {
    String market = exchange.market();
    Trader alice = exchange.trader("alice").deposit("USD", "100");
    Trader bob = exchange.trader("bob").deposit("BTC", "1");
    try (BalanceWatcher watcher = watching(alice, new Random(1), Integer.MAX_VALUE)) {
      Eventually.passes(() -> assertThat(watcher.balances()).isEqualTo("USD 100 0"));

      alice.buy(market, "0.5", "100");
      bob.sell(market, "0.5", "100");
      Transfer held = alice.withdraw("USD", "30", "w-1");
      alice.confirm(held);
      alice.deposit("USD", "1");

      Eventually.passes(() ->
          assertThat(watcher.entries())
              .extracting(entry -> entry.getKind().name().substring("STATEMENT_KIND_".length()))
              .containsExactlyInAnyOrder(
                  "HOLD", "SETTLEMENT", "WITHDRAWAL_HELD", "WITHDRAWAL_CONFIRMED", "DEPOSIT"));
      assertThat(watcher.balances()).isEqualTo(balances(alice));
      assertThat(watcher.snapshots()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rubbish", "AQ", "%"})
  void rubbishIsNoCursor(String cursor) {
    assertInvalid(exchange.trader("rubbish"), cursor);
  }

  @Test
  void aCursorIsItsCallersAndStandsWhereALogHasBeen() {
    Trader alice = exchange.trader("alice").deposit("USD", "100");
    Trader bob = exchange.trader("bob").deposit("USD", "100");
    String cursor;
    try (BalanceWatcher watcher = watching(alice, new Random(1), Integer.MAX_VALUE)) {
      Eventually.passes(() -> assertThat(watcher.cursor()).isNotEmpty());
      cursor = watcher.cursor();
    }

    assertInvalid(bob, cursor);
    assertInvalid(
        alice,
        java.util.Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(
                "ListStatementEntries %s\np 3 0 %d 0"
                    .formatted(alice.account(), Long.MAX_VALUE)
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8)));
  }

  private void assertInvalid(Trader trader, String cursor) {
    Refused refused =
        Refused.by(() ->
            trader
                .assets()
                .watchBalances(WatchBalancesRequest.newBuilder().setCursor(cursor).build())
                .next());
    assertThat(refused.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(refused.reason()).isEqualTo("INVALID_CURSOR");
  }

  /** The client loses its connection again and again, and the exchange is stopped underneath it. */
  @Test
  void everyMoveIsToldOnceOverLostConnectionsAndARestart() {
    Random random = new Random(Seed.of(BalanceStreamTest.class));
    Trader alice = exchange.trader("alice").deposit("USD", "1000").deposit("BTC", "10");
    Trader bob = exchange.trader("bob").deposit("USD", "1000").deposit("BTC", "10");
    List<String> markets = List.of(exchange.market(), exchange.market());
    try (BalanceWatcher watcher = watching(alice, new Random(random.nextLong()), 12)) {
      Eventually.passes(() -> assertThat(watcher.snapshots()).isPositive());
      int before = statement(alice).size();

      move(alice, bob, markets, random, 25, "a");
      exchange.restart();
      move(alice, bob, markets, random, 25, "b");

      List<StatementEntry> all = statement(alice);
      List<String> expected =
          all.subList(before, all.size()).stream().map(BalanceStreamTest::words).toList();
      Eventually.passes(
          () -> assertThat(watcher.entries()).hasSizeGreaterThanOrEqualTo(expected.size()));
      assertThat(watcher.entries().stream().map(BalanceStreamTest::words).toList())
          .containsExactlyInAnyOrderElementsOf(expected);
      assertThat(watcher.balances()).isEqualTo(balances(alice));
      assertThat(watcher.snapshots()).isEqualTo(1);
      assertThat(watcher.connections()).isGreaterThan(5);
    }
  }

  private static void move(
      Trader alice, Trader bob, List<String> markets, Random random, int moves, String name) {
    for (int n = 0; n < moves; n++) {
      String market = markets.get(random.nextInt(markets.size()));
      switch (random.nextInt(5)) {
        case 0 -> alice.buy(market, "0.1", "100");
        case 1 -> bob.sell(market, "0.1", "100");
        case 2 -> alice.sell(market, "0.1", "100");
        case 3 -> alice.deposit("USD", "1");
        default -> {
          Transfer held = alice.withdraw("USD", "2", name + n);
          if (random.nextBoolean()) {
            alice.confirm(held);
          } else {
            alice.giveBack(held);
          }
        }
      }
    }
  }

  /** What happened, without the balances after it: those depend on the order of several logs. */
  private static String words(StatementEntry entry) {
    StringBuilder words =
        new StringBuilder(
            entry.getKind() + " " + entry.getOrderId() + entry.getTransferId() + entry.getTime());
    for (BalanceChange change : entry.getChangesList()) {
      words.append(
          " %s %s %s %s"
              .formatted(
                  change.getAsset(),
                  change.getAvailableChange(),
                  change.getHeldChange(),
                  change.getFee()));
    }
    return words.toString();
  }

  private static List<StatementEntry> statement(Trader trader) {
    List<StatementEntry> all = new ArrayList<>();
    ListStatementEntriesRequest.Builder request =
        ListStatementEntriesRequest.newBuilder().setPageSize(500);
    while (true) {
      var page = trader.assets().listStatementEntries(request.build());
      all.addAll(page.getEntriesList());
      request.setPageToken(page.getNextPageToken());
      if (page.getEntriesCount() < 500) {
        return all;
      }
    }
  }

  private static String balances(Trader trader) {
    Map<String, String> balances = new TreeMap<>();
    for (Balance balance : trader.balances()) {
      balances.put(balance.getAsset(), balance.getAvailable() + " " + balance.getHeld());
    }
    return BalanceWatcher.inWords(balances);
  }

  private BalanceWatcher watching(Trader owner, Random random, int most) {
    BalanceWatcher watcher =
        new BalanceWatcher(owner, () -> exchange.ports().asset(), random, most);
    watcher.start();
    return watcher;
  }
}
