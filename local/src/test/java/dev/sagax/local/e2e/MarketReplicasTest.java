package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.market.v1.GetOrderBookRequest;
import dev.sagax.proto.market.v1.GetOrderBookResponse;
import dev.sagax.proto.market.v1.GetTickerRequest;
import dev.sagax.proto.market.v1.ListTradesRequest;
import dev.sagax.proto.market.v1.ListTradesResponse;
import dev.sagax.proto.market.v1.MarketDataServiceGrpc.MarketDataServiceBlockingStub;
import dev.sagax.proto.market.v1.Ticker;
import dev.sagax.proto.market.v1.Trade;
import dev.sagax.proto.market.v1.WatchOrderBookRequest;
import dev.sagax.proto.market.v1.WatchOrderBookResponse;
import dev.sagax.proto.market.v1.WatchTickerRequest;
import dev.sagax.proto.market.v1.WatchTickerResponse;
import dev.sagax.proto.market.v1.WatchTradesRequest;
import dev.sagax.proto.market.v1.WatchTradesResponse;
import dev.sagax.proto.order.v1.CancelOrderRequest;
import dev.sagax.proto.order.v1.ClientOrderRef;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import dev.sagax.proto.order.v1.Wait;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Clients of market data who are cut off after every few messages and come back to either of two
 * match-svc, before and after a restart of the exchange. {@code -Dsagax.checkpoints=N} asks for
 * more, {@code -Dsagax.seed=N} repeats the choices of a run.
 */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MarketReplicasTest {
  private static final int CHECKPOINTS = Integer.getInteger("sagax.checkpoints", 40);

  private final Random random = new Random(Seed.of(MarketReplicasTest.class));
  private TestExchange exchange;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
  }

  @Test
  void eachUpdateIsToldOnceAndInOrderWhereverTheClientComesBack() {
    String market = exchange.market();
    Trader alice = exchange.trader("alice").deposit("USD", "1000000").deposit("BTC", "10000");
    Trader bob = exchange.trader("bob").deposit("USD", "1000000").deposit("BTC", "10000");
    AtomicInteger replica = new AtomicInteger();
    try (Books book = new Books(market, anyOf(replica));
        Trades trades = new Trades(market, anyOf(replica));
        Tickers ticker = new Tickers(market, anyOf(replica))) {
      for (int part = 1; part <= 2; part++) {
        try (MatchReplica other = new MatchReplica(exchange)) {
          replica.set(other.port());
          if (part == 1) {
            List.of(book, trades, ticker).forEach(MarketWatcher::start);
          }
          for (int n = 0; n < CHECKPOINTS / 2; n++) {
            trade(alice, bob, market);
            assertBookIsKept(alice, market, book);
          }
          replica.set(0);
        }
        if (part == 1) {
          exchange.restart();
        }
      }

      Trader reader = exchange.trader("reader");
      Eventually.passes(() -> assertThat(trades.received()).isEqualTo(allTrades(reader, market)));
      assertThat(trades.received()).hasSizeGreaterThan(CHECKPOINTS / 2);
      Ticker asked = ticker(reader, market);
      assertThat(asked.getTradeCount()).isEqualTo(trades.received().size());
      Eventually.passes(() -> assertThat(ticker.told().getLast()).isEqualTo(asked));
      ticker.assertEachIsNew();
      assertThat(book.snapshots()).as("whole books").isEqualTo(1);
      for (MarketWatcher<?> watcher : List.of(book, trades, ticker)) {
        assertThat(watcher.connections()).isGreaterThan(4);
      }
    }
    exchange.assertConserved();
  }

  /**
   * The exchange's own match-svc, or the other one while there is one.
   *
   * @param replica port of the other one; 0 while there is none
   */
  private IntSupplier anyOf(AtomicInteger replica) {
    Random choice = new Random(random.nextLong());
    return () -> {
      int other = replica.get();
      return other == 0 || choice.nextBoolean() ? exchange.ports().match() : other;
    };
  }

  /** Some small orders, some of which meet, some rest and some are cancelled. */
  private void trade(Trader alice, Trader bob, String market) {
    int orders = 3 + random.nextInt(5);
    for (int i = 0; i < orders; i++) {
      Trader trader = random.nextBoolean() ? alice : bob;
      Order placed =
          trader.place(
              trader
                  .order(market)
                  .setWait(i == orders - 1 ? Wait.WAIT_SETTLED : Wait.WAIT_ACK)
                  .setLimit(
                      Trader.limit(
                          random.nextBoolean() ? Side.SIDE_BUY : Side.SIDE_SELL,
                          "0." + (1 + random.nextInt(9)),
                          Integer.toString(95 + random.nextInt(11)),
                          TimeInForce.TIME_IN_FORCE_GTC)));
      if (random.nextInt(4) == 0) {
        trader
            .orders()
            .cancelOrder(
                CancelOrderRequest.newBuilder()
                    .setClientOrder(
                        ClientOrderRef.newBuilder()
                            .setMarket(market)
                            .setClientOrderId(placed.getClientOrderId()))
                    .setWait(Wait.WAIT_ACK)
                    .build());
      }
    }
  }

  private static void assertBookIsKept(Trader reader, String market, Books book) {
    GetOrderBookResponse asked =
        reader
            .markets()
            .getOrderBook(
                GetOrderBookRequest.newBuilder().setMarket(market).setDepth(5_000).build());
    Eventually.passes(
        () -> assertThat(book.at(asked.getSequence())).isEqualTo(LocalBook.levels(asked)));
  }

  /** Oldest first. */
  private static List<Trade> allTrades(Trader reader, String market) {
    List<Trade> all = new ArrayList<>();
    ListTradesRequest.Builder request =
        ListTradesRequest.newBuilder().setMarket(market).setPageSize(500);
    ListTradesResponse page;
    do {
      page = reader.markets().listTrades(request.build());
      all.addAll(page.getTradesList());
      request.setPageToken(page.getNextPageToken());
    } while (!page.getNextPageToken().isEmpty());
    return all.reversed();
  }

  private static Ticker ticker(Trader reader, String market) {
    return reader
        .markets()
        .getTicker(GetTickerRequest.newBuilder().setMarket(market).build())
        .getTicker();
  }

  private final class Books extends MarketWatcher<WatchOrderBookResponse> {
    private final String market;
    private final LocalBook book = new LocalBook();

    Books(String market, IntSupplier ports) {
      super(watcher(), ports, new Random(random.nextLong()), 20);
      this.market = market;
    }

    @Override
    Iterator<WatchOrderBookResponse> open(MarketDataServiceBlockingStub stub, String cursor) {
      return stub.watchOrderBook(
          WatchOrderBookRequest.newBuilder().setMarket(market).setCursor(cursor).build());
    }

    @Override
    String cursorOf(WatchOrderBookResponse message) {
      return message.getCursor();
    }

    @Override
    void take(WatchOrderBookResponse message) {
      book.take(message);
    }

    synchronized Map<String, String> at(long sequence) {
      requireAlive();
      return book.at(sequence);
    }

    synchronized int snapshots() {
      return book.snapshots();
    }
  }

  private final class Trades extends MarketWatcher<WatchTradesResponse> {
    private final String market;
    private final List<Trade> received = new ArrayList<>();

    Trades(String market, IntSupplier ports) {
      super(watcher(), ports, new Random(random.nextLong()), 12);
      this.market = market;
    }

    @Override
    Iterator<WatchTradesResponse> open(MarketDataServiceBlockingStub stub, String cursor) {
      return stub.watchTrades(
          WatchTradesRequest.newBuilder().setMarket(market).setCursor(cursor).build());
    }

    @Override
    String cursorOf(WatchTradesResponse message) {
      return message.getCursor();
    }

    @Override
    void take(WatchTradesResponse message) {
      received.addAll(message.getTradesList());
    }

    synchronized List<Trade> received() {
      requireAlive();
      return List.copyOf(received);
    }
  }

  private final class Tickers extends MarketWatcher<WatchTickerResponse> {
    private final String market;
    private final List<Ticker> told = new ArrayList<>();

    Tickers(String market, IntSupplier ports) {
      super(watcher(), ports, new Random(random.nextLong()), 3);
      this.market = market;
    }

    @Override
    Iterator<WatchTickerResponse> open(MarketDataServiceBlockingStub stub, String cursor) {
      return stub.watchTicker(
          WatchTickerRequest.newBuilder().addMarkets(market).setCursor(cursor).build());
    }

    @Override
    String cursorOf(WatchTickerResponse message) {
      return message.getCursor();
    }

    @Override
    void take(WatchTickerResponse message) {
      told.addAll(message.getTickersList());
    }

    synchronized List<Ticker> told() {
      requireAlive();
      return List.copyOf(told);
    }

    /** None is as the one before, and none is older. */
    void assertEachIsNew() {
      Ticker before = null;
      for (Ticker now : told()) {
        if (before != null) {
          assertThat(now).isNotEqualTo(before);
          assertThat(now.getLastTradeId()).isGreaterThanOrEqualTo(before.getLastTradeId());
        }
        before = now;
      }
    }
  }

  private String watcher() {
    return exchange.token("watcher", Scope.READ);
  }
}
