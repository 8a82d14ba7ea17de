package dev.sagax.match.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Timestamp;
import dev.sagax.local.e2e.Seed;
import dev.sagax.local.infra.PostgresServer;
import dev.sagax.match.BookChanges;
import dev.sagax.match.BookedOrder;
import dev.sagax.match.Party;
import dev.sagax.match.saga.MarketDataSaga;
import dev.sagax.match.saga.MatchSaga;
import dev.sagax.match.store.MatchingSchema;
import dev.sagax.match.store.PgBook;
import dev.sagax.match.store.PgCandles;
import dev.sagax.match.store.PgSettledIds;
import dev.sagax.match.store.PgTickers;
import dev.sagax.match.store.PgTrades;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.StepHandler;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.Caller;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.platform.schema.TestSchema;
import dev.sagax.proto.event.v1.SettleCompleted;
import dev.sagax.proto.event.v1.SettledTrade;
import dev.sagax.proto.market.v1.Candle;
import dev.sagax.proto.market.v1.CandleInterval;
import dev.sagax.proto.market.v1.GetOrderBookRequest;
import dev.sagax.proto.market.v1.GetTickerRequest;
import dev.sagax.proto.market.v1.ListCandlesRequest;
import dev.sagax.proto.market.v1.ListCandlesResponse;
import dev.sagax.proto.market.v1.ListTickersRequest;
import dev.sagax.proto.market.v1.ListTradesRequest;
import dev.sagax.proto.market.v1.ListTradesResponse;
import dev.sagax.proto.market.v1.PriceLevel;
import dev.sagax.proto.market.v1.Ticker;
import dev.sagax.proto.market.v1.Trade;
import dev.sagax.proto.order.v1.Side;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Trades, candles, tickers and levels as the API reads them from the rows of the market data's
 * step, compared with what comes of the same trades in the plainest way. Repeat a run with {@code
 * -Dsagax.seed=N}.
 */
class MarketDataRowsTest {
  private static final Call CALL = new Call(new Caller("alice", Set.of(Scope.READ)), 0, "r1");
  private static final String MARKET = "BTC-USD";
  private static final String QUIET = "ETH-USD";
  private static final int PARTITION = 1;
  private static final int OUTCOMES = 700;

  /** 2026-03-01T00:00:00Z */
  private static final long BEGIN = 1_772_323_200L;

  private static final Map<CandleInterval, Integer> SECONDS =
      Map.of(
          CandleInterval.CANDLE_INTERVAL_1M, 60,
          CandleInterval.CANDLE_INTERVAL_5M, 300,
          CandleInterval.CANDLE_INTERVAL_15M, 900,
          CandleInterval.CANDLE_INTERVAL_1H, 3_600,
          CandleInterval.CANDLE_INTERVAL_4H, 14_400,
          CandleInterval.CANDLE_INTERVAL_1D, 86_400);

  @TempDir private Path folder;
  private final Random random = new Random(Seed.of(MarketDataRowsTest.class));
  private final Vertx vertx = Vertx.vertx();
  private final Markets markets =
      Markets.parse(
          """
          assets: [{name: BTC, scale: 8}, {name: ETH, scale: 0}, {name: USD, scale: 2}]
          markets:
            - {name: BTC-USD, base: BTC, quote: USD, tick: 0.05, lot: 0.0001, partition: 1,
               maker_bps: 0, taker_bps: 0}
            - {name: ETH-USD, base: ETH, quote: USD, tick: 0.01, lot: 1, partition: 1,
               maker_bps: 0, taker_bps: 0}
          """,
          4);
  private final Market market = markets.market(MARKET).orElseThrow();
  private final PgTrades trades = new PgTrades();
  private final PgBook book = new PgBook(MatchSaga.SERVICE);
  private final PgCandles candles = new PgCandles();
  private final List<dev.sagax.match.Trade> made = new ArrayList<>();
  private final List<dev.sagax.match.Trade> settled = new ArrayList<>();
  private Instant now = Instant.ofEpochSecond(BEGIN);
  private PostgresServer server;
  private Pool pool;

  @BeforeEach
  void start() throws Exception {
    server = new PostgresServer(folder.resolve("postgres"), 0);
    server.start();
    pool =
        PgBuilder.pool()
            .connectingTo(PgConnectOptions.fromUri(server.uri()).setCachePreparedStatements(true))
            .with(new PoolOptions().setMaxSize(2))
            .using(vertx)
            .build();
    await(TestSchema.create(pool, new MatchingSchema()));
  }

  @AfterEach
  void stop() throws Exception {
    await(pool.close());
    await(vertx.close());
    server.close();
  }

  @Test
  void marketDataIsWhatAllSettledTradesComeTo() throws Exception {
    assertThat(ticker().getLastPrice()).isEmpty();
    assertThat(candles(CandleInterval.CANDLE_INTERVAL_1M, BEGIN, Long.MAX_VALUE)).isEmpty();
    List<LogRecord> records = trade();
    await(write(step -> trades.insert(made, step)));

    read(records);

    assertThat(settled.size()).isBetween(OUTCOMES / 2, made.size() - 1);
    assertThat(ids()).isEqualTo(settled.reversed().stream().map(t -> t.id()).toList());
    for (CandleInterval interval : SECONDS.keySet()) {
      long from = BEGIN - 100_000 + random.nextInt(300_000);
      assertThat(candles(interval, from, Long.MAX_VALUE)).isEqualTo(naive(interval, from));
      assertThat(candles(interval, BEGIN, from))
          .isEqualTo(
              naive(interval, BEGIN).stream()
                  .filter(candle -> candle.getStart().getSeconds() < from)
                  .toList());
    }
    for (int day = 0; day < 5; day++) {
      now = now.plusSeconds(random.nextInt(30_000));
      assertThat(ticker()).isEqualTo(naiveTicker());
    }
    assertThat(
            await(
                    new TickerApi(vertx, markets, pool, new PgTickers(), clock())
                        .listTickers(CALL, ListTickersRequest.getDefaultInstance()))
                .getTickersList())
        .containsExactly(
            naiveTicker(),
            Ticker.newBuilder().setMarket(QUIET).setBaseVolume("0").setQuoteVolume("0").build());
  }

  @Test
  void levelsAreAggregatedToMultiplesOfTheGroup() throws Exception {
    TreeMap<BigDecimal, BigDecimal> bids = new TreeMap<>(Collections.reverseOrder());
    TreeMap<BigDecimal, BigDecimal> asks = new TreeMap<>();
    List<BookedOrder> orders = new ArrayList<>();
    for (int n = 1; n <= 300; n++) {
      boolean buys = random.nextBoolean();
      long price = (buys ? 1_000 : 2_000) + 5L * random.nextInt(200);
      long quantity = 10_000L * (1 + random.nextInt(50));
      orders.add(
          new BookedOrder(
              n,
              MARKET,
              "%032x".formatted(n),
              "alice",
              buys ? dev.sagax.match.book.Side.BUY : dev.sagax.match.book.Side.SELL,
              price,
              quantity,
              0,
              quantity));
      long multiple = buys ? price / 70 * 70 : (price + 69) / 70 * 70;
      (buys ? bids : asks)
          .merge(BigDecimal.valueOf(multiple, 2), BigDecimal.valueOf(quantity, 8), BigDecimal::add);
    }
    orders.add(
        new BookedOrder(
            301,
            MARKET,
            "%032x".formatted(301),
            "alice",
            dev.sagax.match.book.Side.SELL,
            Long.MAX_VALUE,
            10_000,
            0,
            10_000));
    await(write(step -> book.save(PARTITION, new BookChanges(orders, List.of(), List.of()), step)));

    var all = await(orderBook("0.7", 5_000));
    var top = await(orderBook("0.7", 2));

    assertThat(levels(all.getBidsList())).isEqualTo(levels(bids));
    assertThat(levels(all.getAsksList())).isEqualTo(levels(asks));
    assertThat(top.getBidsList()).isEqualTo(all.getBidsList().subList(0, 2));
    assertThat(top.getAsksList()).isEqualTo(all.getAsksList().subList(0, 2));
  }

  // ---- the trades

  /** Three days of bursts and pauses; the ledger refuses some, and clocks of APIs differ. */
  private List<LogRecord> trade() {
    List<LogRecord> records = new ArrayList<>();
    long time = BEGIN + random.nextInt(10_000);
    long id = 0;
    for (int outcome = 0; outcome < OUTCOMES; outcome++) {
      time += random.nextInt(10) == 0 ? random.nextInt(3_000) : random.nextInt(40);
      long micros = time * 1_000_000 + random.nextInt(1_000_000);
      boolean refused = random.nextInt(10) == 0;
      SettleCompleted.Builder event =
          SettleCompleted.newBuilder().setMarket(MARKET).setTimeMicros(micros);
      for (int fills = random.nextInt(4); fills > 0; fills--) {
        dev.sagax.match.Trade one = trade(++id, micros);
        made.add(one);
        if (!refused) {
          settled.add(one);
          event.setTakerSide(Side.SIDE_BUY).addTrades(completed(one));
        }
      }
      if (!refused) {
        records.add(
            new LogRecord(
                Topic.SETTLE_COMPLETED,
                PARTITION,
                records.size() + 1L,
                records.size(),
                null,
                event.build().toByteArray()));
      }
      time -= random.nextInt(3);
    }
    now = Instant.ofEpochSecond(time + random.nextInt(10_000));
    return records;
  }

  private dev.sagax.match.Trade trade(long id, long micros) {
    long price = 5 * (2_000L + random.nextInt(200));
    long quantity = 10_000L * (1 + random.nextInt(100_000));
    return new dev.sagax.match.Trade(
        MARKET,
        id,
        party(1, "alice", dev.sagax.match.book.Side.SELL),
        party(2, "bob", dev.sagax.match.book.Side.BUY),
        price,
        quantity,
        price * quantity / 100_000_000,
        micros);
  }

  private static Party party(long number, String account, dev.sagax.match.book.Side side) {
    return new Party(number, "%032x".formatted(number), account, side, 0, false);
  }

  private static SettledTrade completed(dev.sagax.match.Trade trade) {
    return SettledTrade.newBuilder()
        .setTradeId(trade.id())
        .setPriceUnits(trade.price())
        .setQuantityUnits(trade.quantity())
        .setQuoteUnits(trade.quote())
        .build();
  }

  /** In random cuts; some batches are lost before they are committed, and handled again. */
  private void read(List<LogRecord> records) throws Exception {
    StepHandler handler = load();
    int next = 0;
    while (next < records.size()) {
      int end = Math.min(records.size(), next + 1 + random.nextInt(40));
      Statements batch = new Statements();
      await(handler.handle(records.subList(next, end), batch));
      if (random.nextInt(4) == 0) {
        handler = load();
      } else {
        await(batch.commit(pool));
        next = end;
      }
    }
  }

  private StepHandler load() throws Exception {
    StepHandler handler =
        MarketDataSaga.definition(markets, new PgSettledIds(), candles).handler().apply(PARTITION);
    await(handler.load(pool));
    return handler;
  }

  // ---- what the API says

  private InstantSource clock() {
    return InstantSource.fixed(now);
  }

  private Ticker ticker() throws Exception {
    return await(
            new TickerApi(vertx, markets, pool, new PgTickers(), clock())
                .getTicker(CALL, GetTickerRequest.newBuilder().setMarket(MARKET).build()))
        .getTicker();
  }

  private List<Candle> candles(CandleInterval interval, long from, long to) throws Exception {
    CandleApi api = new CandleApi(markets, pool, candles, clock());
    ListCandlesRequest.Builder request =
        ListCandlesRequest.newBuilder()
            .setMarket(MARKET)
            .setInterval(interval)
            .setFrom(Timestamp.newBuilder().setSeconds(from));
    if (to <= from) {
      return List.of();
    }
    if (to != Long.MAX_VALUE) {
      request.setTo(Timestamp.newBuilder().setSeconds(to));
    }
    List<Candle> all = new ArrayList<>();
    ListCandlesResponse page;
    do {
      int size = 1 + random.nextInt(1_000);
      page = await(api.listCandles(CALL, request.setPageSize(size).build()));
      assertThat(page.getCandlesCount()).isLessThanOrEqualTo(size);
      all.addAll(page.getCandlesList());
      request.setPageToken(page.getNextPageToken());
    } while (!page.getNextPageToken().isEmpty());
    return all;
  }

  private List<Long> ids() throws Exception {
    MarketDataApi api = new MarketDataApi(markets, pool, book, trades);
    ListTradesRequest.Builder request = ListTradesRequest.newBuilder().setMarket(MARKET);
    List<Long> ids = new ArrayList<>();
    ListTradesResponse page;
    do {
      page = await(api.listTrades(CALL, request.setPageSize(1 + random.nextInt(200)).build()));
      page.getTradesList().stream().map(Trade::getTradeId).forEach(ids::add);
      request.setPageToken(page.getNextPageToken());
    } while (!page.getNextPageToken().isEmpty());
    return ids;
  }

  private Future<dev.sagax.proto.market.v1.GetOrderBookResponse> orderBook(
      String group, int depth) {
    return new MarketDataApi(markets, pool, book, trades)
        .getOrderBook(
            CALL,
            GetOrderBookRequest.newBuilder()
                .setMarket(MARKET)
                .setGroup(group)
                .setDepth(depth)
                .build());
  }

  // ---- the plainest way

  private List<Candle> naive(CandleInterval interval, long from) {
    int seconds = SECONDS.get(interval);
    long first =
        settled.stream().mapToLong(t -> t.timeMicros() / 1_000_000).min().orElseThrow()
            / seconds
            * seconds;
    long running = now.getEpochSecond() / seconds * seconds;
    List<Candle> all = new ArrayList<>();
    String close = "";
    for (long start = first; start <= running; start += seconds) {
      Candle candle = naive(start, seconds, close, start == running);
      close = candle.getClose();
      if (start + seconds > from) {
        all.add(candle);
      }
    }
    return all;
  }

  private Candle naive(long start, int seconds, String before, boolean running) {
    List<dev.sagax.match.Trade> in = between(start, start + seconds);
    Candle.Builder candle =
        Candle.newBuilder()
            .setStart(Timestamp.newBuilder().setSeconds(start))
            .setBaseVolume(sum(in.stream().mapToLong(t -> t.quantity()), 8))
            .setQuoteVolume(sum(in.stream().mapToLong(t -> t.quote()), 2))
            .setTradeCount(in.size())
            .setRunning(running);
    return in.isEmpty()
        ? candle.setOpen(before).setHigh(before).setLow(before).setClose(before).build()
        : candle
            .setOpen(price(in.getFirst().price()))
            .setHigh(price(in.stream().mapToLong(t -> t.price()).max().orElseThrow()))
            .setLow(price(in.stream().mapToLong(t -> t.price()).min().orElseThrow()))
            .setClose(price(in.getLast().price()))
            .build();
  }

  private Ticker naiveTicker() {
    long end = now.getEpochSecond() / 60 * 60 + 60;
    List<dev.sagax.match.Trade> in = between(end - 86_400, Long.MAX_VALUE / 1_000_000);
    dev.sagax.match.Trade last = settled.getLast();
    // The open of a day is that of its first minute, and its minutes are ordered by time.
    long open =
        in.isEmpty() ? last.price() : first(in.stream().map(t -> t.timeMicros()).toList(), in);
    return Ticker.newBuilder()
        .setMarket(MARKET)
        .setLastPrice(price(last.price()))
        .setLastQuantity(plain(BigDecimal.valueOf(last.quantity(), 8)))
        .setLastTradeId(last.id())
        .setLastTime(
            Timestamp.newBuilder()
                .setSeconds(last.timeMicros() / 1_000_000)
                .setNanos((int) (last.timeMicros() % 1_000_000) * 1_000))
        .setOpenPrice(price(open))
        .setHighPrice(price(in.stream().mapToLong(t -> t.price()).max().orElse(last.price())))
        .setLowPrice(price(in.stream().mapToLong(t -> t.price()).min().orElse(last.price())))
        .setPriceChange(price(last.price() - open))
        .setBaseVolume(sum(in.stream().mapToLong(t -> t.quantity()), 8))
        .setQuoteVolume(sum(in.stream().mapToLong(t -> t.quote()), 2))
        .setTradeCount(in.size())
        .build();
  }

  /** Price of the first trade of the earliest minute. */
  private static long first(List<Long> micros, List<dev.sagax.match.Trade> in) {
    long minute = Collections.min(micros) / 60_000_000;
    return in.stream()
        .filter(t -> t.timeMicros() / 60_000_000 == minute)
        .findFirst()
        .orElseThrow()
        .price();
  }

  private List<dev.sagax.match.Trade> between(long begin, long end) {
    return settled.stream()
        .filter(t -> t.timeMicros() >= begin * 1_000_000 && t.timeMicros() < end * 1_000_000)
        .toList();
  }

  private static String sum(LongStream units, int scale) {
    return plain(
        units.mapToObj(u -> BigDecimal.valueOf(u, scale)).reduce(BigDecimal.ZERO, BigDecimal::add));
  }

  private String price(long units) {
    return plain(BigDecimal.valueOf(units, market.quote().scale()));
  }

  private static String plain(BigDecimal value) {
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }

  private static List<String> levels(List<PriceLevel> levels) {
    return levels.stream().map(l -> l.getPrice() + " x " + l.getQuantity()).toList();
  }

  private static List<String> levels(Map<BigDecimal, BigDecimal> levels) {
    return levels.entrySet().stream()
        .map(l -> plain(l.getKey()) + " x " + plain(l.getValue()))
        .toList();
  }

  // ---- rows

  private Future<Void> write(java.util.function.Consumer<StepWrites> business) {
    Statements batch = new Statements();
    business.accept(batch);
    return batch.commit(pool);
  }

  /** Keeps the statements of a batch until it is committed. */
  private record Statements(List<Map.Entry<String, Tuple>> all) implements StepWrites {
    Statements() {
      this(new ArrayList<>());
    }

    Future<Void> commit(Pool pool) {
      return pool.withTransaction(db ->
          Future.all(
                  all.stream()
                      .map(s -> db.preparedQuery(s.getKey()).execute(s.getValue()))
                      .toList())
              .mapEmpty());
    }

    @Override
    public void write(String sql, Tuple parameters) {
      all.add(Map.entry(sql, parameters));
    }

    @Override
    public long emit(Topic topic, String key, MessageLite message) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void deadLetter(Topic dlq, LogRecord record, String subject, String error) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void leave(int records) {
      throw new UnsupportedOperationException();
    }

    @Override
    public SqlClient db() {
      throw new UnsupportedOperationException();
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
