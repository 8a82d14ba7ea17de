package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.Uninterruptibles;
import com.google.protobuf.Timestamp;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.market.v1.Candle;
import dev.sagax.proto.market.v1.CandleInterval;
import dev.sagax.proto.market.v1.GetOrderBookRequest;
import dev.sagax.proto.market.v1.GetOrderBookResponse;
import dev.sagax.proto.market.v1.GetTickerRequest;
import dev.sagax.proto.market.v1.ListCandlesRequest;
import dev.sagax.proto.market.v1.ListTradesRequest;
import dev.sagax.proto.market.v1.ListTradesResponse;
import dev.sagax.proto.market.v1.MarketDataServiceGrpc;
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
import dev.sagax.proto.order.v1.MarketBuyOrder;
import dev.sagax.proto.order.v1.MarketSellOrder;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderServiceGrpc;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import dev.sagax.proto.order.v1.Wait;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Market data under load: streams that are cut and come back tell what the exchange is asked for.
 * Repeat the choices of a run with {@code -Dsagax.seed=N}.
 */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MarketStreamTest {
  private static final int CHECKPOINTS = 100;
  private static final int IN_FLIGHT = 24;

  private final long seed = Seed.of(MarketStreamTest.class);
  private TestExchange exchange;

  @BeforeAll
  void take(TestExchange shared) {
    exchange = shared;
  }

  private MarketDataServiceGrpc.MarketDataServiceStub streams() {
    return MarketDataServiceGrpc.newStub(exchange.match())
        .withInterceptors(TestExchange.bearer(exchange.token("watcher", Scope.READ)));
  }

  private MarketDataServiceGrpc.MarketDataServiceBlockingStub markets() {
    return MarketDataServiceGrpc.newBlockingStub(exchange.match())
        .withInterceptors(TestExchange.bearer(exchange.token("watcher", Scope.READ)))
        .withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  @Test
  void streamsTellWhatTheExchangeIsAskedForThoughTheyAreCut() {
    String market = exchange.market();
    Random random = new Random(seed);
    try (KeptBook book = new KeptBook(market);
        KeptTrades trades = new KeptTrades(market);
        KeptTicker ticker = new KeptTicker(market);
        Load load = new Load(market, random.nextLong())) {
      for (int n = 0; n < CHECKPOINTS; n++) {
        if (random.nextInt(10) == 0) {
          book.reconnect(random.nextInt(3) > 0);
        }
        if (random.nextInt(10) == 0) {
          trades.connect();
        }
        load.goesOn(1 + random.nextInt(5));
        GetOrderBookResponse asked =
            markets()
                .getOrderBook(
                    GetOrderBookRequest.newBuilder().setMarket(market).setDepth(5_000).build());
        Eventually.passes(
            () -> assertThat(book.at(asked.getSequence())).isEqualTo(LocalBook.levels(asked)));
      }
      load.end();

      List<Trade> all = allTrades(market);
      Eventually.passes(() -> assertThat(trades.received()).isEqualTo(all));
      assertThat(all).hasSizeGreaterThan(CHECKPOINTS);
      assertThat(book.snapshots()).isGreaterThan(1);
      assertThat(book.connections).isGreaterThan(book.snapshots());
      assertThat(trades.connections).isGreaterThan(1);
      Eventually.passes(() -> assertThat(candles(market)).isEqualTo(naiveCandles(all)));
      Ticker asked = ticker(market);
      assertThat(asked.getTradeCount()).isEqualTo(all.size());
      assertThat(asked.getLastPrice()).isEqualTo(all.getLast().getPrice());
      assertThat(asked.getOpenPrice()).isEqualTo(all.getFirst().getPrice());
      assertThat(asked.getBaseVolume()).isEqualTo(sum(all, Trade::getQuantity));
      assertThat(asked.getQuoteVolume()).isEqualTo(sum(all, Trade::getQuoteAmount));
      Eventually.passes(() -> assertThat(ticker.last()).isEqualTo(asked));
    }
  }

  @Test
  void cursorIsGoodForItsStreamOnly() {
    String market = exchange.market();
    exchange.trader("maker").deposit("BTC", "1").sell(market, "1", "100");
    try (KeptBook book = new KeptBook(market)) {
      assertThat(refused(market, "garbage")).isEqualTo("INVALID_CURSOR");
      assertThat(refused(exchange.market(), book.cursor())).isEqualTo("INVALID_CURSOR");
    }
  }

  private String refused(String market, String cursor) {
    var call =
        markets()
            .watchOrderBook(
                WatchOrderBookRequest.newBuilder().setMarket(market).setCursor(cursor).build());
    return Refused.by(call::next).reason();
  }

  // ---- what the exchange says when it is asked

  /** Oldest first. */
  private List<Trade> allTrades(String market) {
    List<Trade> all = new ArrayList<>();
    String token = "";
    ListTradesResponse page;
    do {
      page =
          markets()
              .listTrades(
                  ListTradesRequest.newBuilder()
                      .setMarket(market)
                      .setPageSize(100)
                      .setPageToken(token)
                      .build());
      all.addAll(page.getTradesList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return all.reversed();
  }

  private Ticker ticker(String market) {
    return markets().getTicker(GetTickerRequest.newBuilder().setMarket(market).build()).getTicker();
  }

  private List<Candle> candles(String market) {
    return markets()
        .listCandles(
            ListCandlesRequest.newBuilder()
                .setMarket(market)
                .setInterval(CandleInterval.CANDLE_INTERVAL_1M)
                .build())
        .getCandlesList()
        .stream()
        .filter(candle -> candle.getTradeCount() > 0)
        .map(candle -> candle.toBuilder().clearRunning().build())
        .toList();
  }

  private static List<Candle> naiveCandles(List<Trade> trades) {
    Map<Long, List<Trade>> minutes = new TreeMap<>();
    trades.forEach(trade ->
        minutes
            .computeIfAbsent(trade.getTime().getSeconds() / 60 * 60, m -> new ArrayList<>())
            .add(trade));
    List<Candle> candles = new ArrayList<>();
    minutes.forEach((start, in) -> {
      List<BigDecimal> prices =
          in.stream().map(trade -> new BigDecimal(trade.getPrice())).sorted().toList();
      candles.add(
          Candle.newBuilder()
              .setStart(Timestamp.newBuilder().setSeconds(start))
              .setOpen(in.getFirst().getPrice())
              .setHigh(prices.getLast().toPlainString())
              .setLow(prices.getFirst().toPlainString())
              .setClose(in.getLast().getPrice())
              .setBaseVolume(sum(in, Trade::getQuantity))
              .setQuoteVolume(sum(in, Trade::getQuoteAmount))
              .setTradeCount(in.size())
              .build());
    });
    return candles;
  }

  private static String sum(List<Trade> trades, Function<Trade, String> amount) {
    return trades.stream()
        .map(amount)
        .map(BigDecimal::new)
        .reduce(BigDecimal.ZERO, BigDecimal::add)
        .stripTrailingZeros()
        .toPlainString();
  }

  // ---- customers

  /** Customers who place and cancel at random, so many at a time. */
  private final class Load implements AutoCloseable {
    private final String market;
    private final Random random;
    private final List<Trader> traders = new ArrayList<>();
    private final List<CancelOrderRequest> places = new ArrayList<>();
    private final Semaphore room = new Semaphore(IN_FLIGHT);
    private final AtomicInteger answered = new AtomicInteger();
    private final Thread thread;
    private volatile boolean stopping;

    Load(String market, long seed) {
      this.market = market;
      this.random = new Random(seed);
      for (int n = 0; n < 3; n++) {
        traders.add(exchange.trader("dealer").deposit("BTC", "10000").deposit("USD", "1000000"));
      }
      this.thread = Thread.ofVirtual().start(this::run);
    }

    private void run() {
      while (!stopping) {
        room.acquireUninterruptibly();
        send()
            .addListener(
                () -> {
                  answered.incrementAndGet();
                  room.release();
                },
                Runnable::run);
      }
    }

    private ListenableFuture<?> send() {
      Trader trader = traders.get(random.nextInt(traders.size()));
      var orders =
          OrderServiceGrpc.newFutureStub(exchange.order())
              .withInterceptors(TestExchange.bearer(trader.token()))
              .withDeadlineAfter(20, TimeUnit.SECONDS);
      if (places.size() > 10 && random.nextInt(6) == 0) {
        return orders.cancelOrder(places.get(places.size() - 1 - random.nextInt(10)));
      }
      PlaceOrderRequest order = order(trader);
      places.add(
          CancelOrderRequest.newBuilder()
              .setClientOrder(
                  ClientOrderRef.newBuilder()
                      .setMarket(market)
                      .setClientOrderId(order.getClientOrderId()))
              .build());
      return orders.placeOrder(order);
    }

    private PlaceOrderRequest order(Trader trader) {
      PlaceOrderRequest.Builder order = trader.order(market).setWait(Wait.WAIT_DECISION);
      String quantity = BigDecimal.valueOf(1 + random.nextInt(500), 3).toPlainString();
      String price = BigDecimal.valueOf(950 + 5L * random.nextInt(21), 1).toPlainString();
      return switch (random.nextInt(8)) {
        case 0 -> order.setMarketSell(MarketSellOrder.newBuilder().setQuantity(quantity)).build();
        case 1 -> order.setMarketBuy(MarketBuyOrder.newBuilder().setQuoteAmount(price)).build();
        default ->
            order
                .setLimit(
                    Trader.limit(
                        random.nextBoolean() ? Side.SIDE_BUY : Side.SIDE_SELL,
                        quantity,
                        price,
                        random.nextInt(6) == 0
                            ? TimeInForce.TIME_IN_FORCE_IOC
                            : TimeInForce.TIME_IN_FORCE_GTC))
                .build();
      };
    }

    /** Until so many more are answered. */
    void goesOn(int more) {
      int enough = answered.get() + more;
      Eventually.passes(() -> assertThat(answered).hasValueGreaterThanOrEqualTo(enough));
    }

    /** Stops it, and waits until its last trade is shown. */
    void end() {
      close();
      traders.getFirst().sell(market, "0.1", "120");
      Trader last = exchange.trader("last").deposit("USD", "1000");
      Order taken = last.buy(market, "0.1", "150");
      assertThat(taken.getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_FILLED);
      Eventually.passes(() ->
          assertThat(Tape.rawTrades(last, market).getFirst().getTakerOrderId())
              .isEqualTo(taken.getOrderId()));
    }

    @Override
    public void close() {
      stopping = true;
      Uninterruptibles.joinUninterruptibly(thread);
      room.acquireUninterruptibly(IN_FLIGHT);
      room.release(IN_FLIGHT);
    }
  }

  // ---- watchers

  /** A stream that can be cut; what a connection still says after that is not heard. */
  private abstract static class Watcher<R> implements AutoCloseable {
    private Context.CancellableContext connection = Context.current().withCancellation();
    private Throwable failure;
    int connections;

    abstract void open(StreamObserver<R> observer);

    abstract void onMessage(R message);

    synchronized void connect() {
      connection.cancel(null);
      var mine = Context.current().withCancellation();
      connection = mine;
      connections++;
      mine.run(() ->
          open(
              new StreamObserver<>() {
                @Override
                public void onNext(R message) {
                  hear(mine, () -> onMessage(message));
                }

                @Override
                public void onError(Throwable why) {
                  hear(mine, () -> failure = why);
                }

                @Override
                public void onCompleted() {
                  hear(mine, () -> failure = new AssertionError("The stream has ended."));
                }
              }));
    }

    private synchronized void hear(Context.CancellableContext from, Runnable news) {
      if (from == connection) {
        try {
          news.run();
        } catch (Throwable wrong) {
          failure = wrong;
        }
      }
    }

    synchronized void check() {
      assertThat(failure).isNull();
    }

    @Override
    public synchronized void close() {
      connection.cancel(null);
    }
  }

  /** A book that is kept as the contract says, with what it was after each message. */
  private final class KeptBook extends Watcher<WatchOrderBookResponse> {
    private final String market;
    private final LocalBook book = new LocalBook();
    private String cursor = "";

    KeptBook(String market) {
      this.market = market;
      connect();
      Eventually.passes(() -> assertThat(cursor()).isNotEmpty());
    }

    synchronized String cursor() {
      return cursor;
    }

    synchronized int snapshots() {
      return book.snapshots();
    }

    /** With its cursor, or for the whole book anew; then what came meanwhile is not known. */
    void reconnect(boolean withCursor) {
      int before = snapshots();
      if (!withCursor) {
        forget();
      }
      connect();
      if (!withCursor) {
        Eventually.passes(() -> assertThat(snapshots()).isGreaterThan(before));
      }
    }

    private synchronized void forget() {
      cursor = "";
    }

    @Override
    void open(StreamObserver<WatchOrderBookResponse> observer) {
      streams()
          .watchOrderBook(
              WatchOrderBookRequest.newBuilder().setMarket(market).setCursor(cursor).build(),
              observer);
    }

    @Override
    void onMessage(WatchOrderBookResponse message) {
      book.take(message);
      cursor = message.getCursor();
    }

    /** As it was after this change; it must have heard of a later one. */
    synchronized Map<String, String> at(long sequence) {
      check();
      return book.at(sequence);
    }
  }

  /** All trades since it was opened. */
  private final class KeptTrades extends Watcher<WatchTradesResponse> {
    private final String market;
    private final List<Trade> received = new ArrayList<>();
    private String cursor = "";

    KeptTrades(String market) {
      this.market = market;
      connect();
      Eventually.passes(() -> assertThat(cursor()).isNotEmpty());
    }

    synchronized String cursor() {
      return cursor;
    }

    @Override
    void open(StreamObserver<WatchTradesResponse> observer) {
      streams()
          .watchTrades(
              WatchTradesRequest.newBuilder().setMarket(market).setCursor(cursor).build(),
              observer);
    }

    @Override
    void onMessage(WatchTradesResponse message) {
      received.addAll(message.getTradesList());
      cursor = message.getCursor();
    }

    synchronized List<Trade> received() {
      check();
      return List.copyOf(received);
    }
  }

  /** The last ticker. */
  private final class KeptTicker extends Watcher<WatchTickerResponse> {
    private final String market;
    private final long openedNanos = System.nanoTime();
    private Ticker last = Ticker.getDefaultInstance();
    private int messages;

    KeptTicker(String market) {
      this.market = market;
      connect();
    }

    @Override
    void open(StreamObserver<WatchTickerResponse> observer) {
      streams().watchTicker(WatchTickerRequest.newBuilder().addMarkets(market).build(), observer);
    }

    @Override
    void onMessage(WatchTickerResponse message) {
      for (Ticker ticker : message.getTickersList()) {
        last = ticker;
        messages++;
      }
      long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - openedNanos);
      assertThat((long) messages).as("messages in %d s", seconds).isLessThanOrEqualTo(seconds + 2);
    }

    synchronized Ticker last() {
      check();
      return last;
    }
  }
}
