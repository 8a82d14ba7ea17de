package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.local.LedgerStores;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.proto.asset.v1.ListStatementEntriesRequest;
import dev.sagax.proto.asset.v1.StatementEntry;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.asset.v1.WatchBalancesRequest;
import dev.sagax.proto.asset.v1.WatchBalancesResponse;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.WatchOrdersRequest;
import dev.sagax.proto.order.v1.WatchOrdersResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** More partitions for new markets: what is there stays where it is and goes on. */
class PartitionGrowthTest {
  private static final String NEW_MARKET = "G05-USD";
  private static final int MORE = 7;

  @Test
  void exchangeGoesOnWithMorePartitionsAndANewMarketInOneOfThem() throws IOException {
    try (TestExchange exchange = TestExchange.fresh()) {
      List<String> markets = IntStream.range(0, 4).mapToObj(n -> exchange.market()).toList();
      List<Trader> traders = tradersThatWouldMove(exchange);
      Trader alice = traders.getFirst();
      Trader bob = traders.getLast();
      List<Transfer> deposits =
          traders.stream().map(trader -> trader.deposit("USD", "1000", "usd")).toList();
      traders.forEach(trader -> trader.deposit("BTC", "5", "btc"));
      for (String market : markets) {
        alice.buy(market, "0.5", "100");
        bob.sell(market, "0.2", "100");
      }
      Transfer held = bob.withdraw("USD", "3", "w-1");
      String orderCursor = lastOrder(alice, "").getCursor();
      String balanceCursor = lastBalance(alice, "").getCursor();
      var statement = statement(alice, "");
      var balances = traders.stream().map(Trader::balances).toList();
      var orders = traders.stream().map(trader -> trader.list("", false, 50)).toList();

      exchange.list(
          NEW_MARKET,
          "base: BTC, quote: USD, tick: 0.01, lot: 0.0001, min_notional: 1, partition: 5, maker_bps: 10, taker_bps: 20");
      exchange.restart(partitions(MORE));

      assertThat(traders.stream().map(Trader::balances).toList()).isEqualTo(balances);
      assertThat(traders.stream().map(trader -> trader.list("", false, 50)).toList())
          .isEqualTo(orders);
      assertThat(traders.stream().map(trader -> trader.deposit("USD", "1000", "usd")).toList())
          .isEqualTo(deposits);
      bob.confirm(held);
      traders.forEach(trader -> trader.deposit("USD", "1"));
      Order old = bob.sell(markets.getFirst(), "0.1", "100");
      assertThat(Tape.of(old)).startsWith("FILLED 0.1 for 10");

      Order resting = alice.buy(NEW_MARKET, "0.5", "100");
      Order taking = bob.sell(NEW_MARKET, "0.2", "100");

      assertThat(Tape.of(resting)).startsWith("OPEN");
      assertThat(Tape.of(taking)).isEqualTo("FILLED 0.2 for 20, fee 0.04 USD, left 0");
      Eventually.passes(
          () -> assertThat(Tape.trades(bob, NEW_MARKET)).containsExactly("SELL 0.2 @ 100 for 20"));
      assertThat(lastOrder(alice, orderCursor).getUpdate().getOrder().getOrderId())
          .isEqualTo(resting.getOrderId());
      assertThat(lastBalance(alice, balanceCursor).getEntry().getOrderId())
          .isEqualTo(resting.getOrderId());
      List<StatementEntry> later = statement(alice, statement.token).entries;
      assertThat(concat(statement.entries, later))
          .containsExactlyInAnyOrderElementsOf(statement(alice, "").entries);
      assertThat(later).extracting(StatementEntry::getOrderId).contains(resting.getOrderId());
      exchange.assertConserved();

      rebuildLedger(exchange);

      Eventually.passes(
          () -> assertThat(Tape.of(bob.sell(NEW_MARKET, "0.1", "100"))).startsWith("FILLED"));
      alice.deposit("USD", "1");
      exchange.assertConserved();
      assertFewerAreRefused(exchange);
    }
  }

  private static Map<Setting, String> partitions(int number) {
    return Map.of(Setting.TOPICS_PARTITIONS, Integer.toString(number));
  }

  /** Accounts that a hash over more partitions would put elsewhere than the one over four. */
  private static List<Trader> tradersThatWouldMove(TestExchange exchange) {
    List<Trader> traders = new ArrayList<>();
    while (traders.size() < 4) {
      Trader trader = exchange.trader("mover");
      if (DeterministicId.accountPartition(trader.account(), 4)
          != DeterministicId.accountPartition(trader.account(), MORE)) {
        traders.add(trader);
      }
    }
    return traders;
  }

  /** Follows from a cursor to the last report; from the present when there is none. */
  private static WatchOrdersResponse lastOrder(Trader trader, String cursor) {
    Iterator<WatchOrdersResponse> messages =
        trader
            .orders()
            .watchOrders(
                WatchOrdersRequest.newBuilder()
                    .setCursor(cursor)
                    .setFromNow(cursor.isEmpty())
                    .build());
    WatchOrdersResponse last = messages.next();
    List<Order> all = trader.list("", false, 50);
    while (!cursor.isEmpty()
        && !(last.hasUpdate()
            && last.getUpdate().getOrder().getOrderId().equals(all.getFirst().getOrderId())
            && last.getUpdate().getOrder().getVersion() == all.getFirst().getVersion())) {
      last = messages.next();
    }
    return last;
  }

  private static WatchBalancesResponse lastBalance(Trader trader, String cursor) {
    Iterator<WatchBalancesResponse> messages =
        trader.assets().watchBalances(WatchBalancesRequest.newBuilder().setCursor(cursor).build());
    WatchBalancesResponse last = messages.next();
    String newest = trader.list("", false, 50).getFirst().getOrderId();
    while (!cursor.isEmpty() && !last.getEntry().getOrderId().equals(newest)) {
      last = messages.next();
    }
    return last;
  }

  private record Statement(List<StatementEntry> entries, String token) {}

  private static Statement statement(Trader trader, String from) {
    List<StatementEntry> all = new ArrayList<>();
    String token = from;
    while (true) {
      var page =
          trader
              .assets()
              .listStatementEntries(
                  ListStatementEntriesRequest.newBuilder()
                      .setPageSize(500)
                      .setPageToken(token)
                      .build());
      all.addAll(page.getEntriesList());
      token = page.getNextPageToken();
      if (page.getEntriesCount() == 0) {
        return new Statement(all, token);
      }
    }
  }

  private static List<StatementEntry> concat(
      List<StatementEntry> first, List<StatementEntry> second) {
    List<StatementEntry> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  private static void rebuildLedger(TestExchange exchange) {
    var infrastructure = exchange.infrastructure();
    try (LedgerStores stores =
        LedgerStores.at(infrastructure.postgresUri(), infrastructure.redisUri())) {
      stores.rebuild("test", false, stage -> {});
    }
  }

  private static void assertFewerAreRefused(TestExchange exchange) {
    assertThatThrownBy(() -> exchange.restart(partitions(MORE - 1)))
        .satisfies(refusal ->
            assertThat(refusal.getMessage() + exchange.logs())
                .contains(
                    "has 7 partitions, but topics.partitions says 6",
                    "may be raised, but never lowered"));
  }
}
