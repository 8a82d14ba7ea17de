package dev.sagax.bench.replay;

import dev.sagax.bench.client.Refusals;
import dev.sagax.bench.client.Session;
import dev.sagax.bench.replay.Instruction.Place;
import dev.sagax.bench.replay.Instruction.Side;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.proto.market.v1.GetOrderBookRequest;
import dev.sagax.proto.market.v1.GetOrderBookResponse;
import dev.sagax.proto.market.v1.ListMarketsRequest;
import dev.sagax.proto.market.v1.ListTradesRequest;
import dev.sagax.proto.market.v1.ListTradesResponse;
import dev.sagax.proto.market.v1.PriceLevel;
import dev.sagax.proto.market.v1.Trade;
import dev.sagax.proto.order.v1.ListOrdersRequest;
import dev.sagax.proto.order.v1.ListOrdersResponse;
import dev.sagax.proto.order.v1.Order;
import io.grpc.StatusRuntimeException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What the exchange says about itself, in the words of the recorded files. Blocking. */
final class ExchangeView {
  private static final int TRADES_PAGE = 1_000;
  private static final int ORDERS_PAGE = 500;
  private static final int MAX_DEPTH = 5_000;
  private static final int ATTEMPTS = 20;
  private static final long PAUSE_MILLIS = 500;

  private final Map<Owner, Session> owners;
  private final Runnable reconnect;

  ExchangeView(Map<Owner, Session> owners, Runnable reconnect) {
    this.owners = owners;
    this.reconnect = reconnect;
  }

  private Session maker() {
    return owners.get(Owner.MAKER);
  }

  Map<String, MarketRules> markets() {
    Map<String, MarketRules> markets = new TreeMap<>();
    asking(() -> maker().markets().listMarkets(ListMarketsRequest.getDefaultInstance()))
        .getMarketsList()
        .forEach(market ->
            markets.put(
                market.getName(),
                new MarketRules(
                    market.getName(),
                    market.getBaseAsset(),
                    market.getQuoteAsset(),
                    market.getQuoteScale(),
                    new BigDecimal(market.getTick()),
                    new BigDecimal(market.getLot()))));
    return markets;
  }

  /**
   * The trades of each market, oldest first. A maker's order is named by its client id if it is one
   * of the places.
   */
  Map<String, List<RecordedTrade>> trades(Collection<String> markets, List<Place> places) {
    Map<String, String> clientIds = new HashMap<>();
    for (Place place : places) {
      clientIds.put(
          DeterministicId.orderId(place.owner().account, place.market(), place.clientOrderId()),
          place.clientOrderId());
    }
    Map<String, List<RecordedTrade>> trades = new TreeMap<>();
    for (String market : markets) {
      List<RecordedTrade> made =
          tradesOf(market).stream().map(trade -> recorded(trade, clientIds)).toList();
      if (!made.isEmpty()) {
        trades.put(market, made.reversed());
      }
    }
    return trades;
  }

  /** Until no trade is new for a while. */
  void awaitTrades(Collection<String> markets) {
    List<Long> before;
    List<Long> now = lastTrades(markets);
    do {
      before = now;
      pause();
      now = lastTrades(markets);
    } while (!now.equals(before));
  }

  private List<Long> lastTrades(Collection<String> markets) {
    return markets.stream()
        .map(market -> ListTradesRequest.newBuilder().setMarket(market).setPageSize(1).build())
        .map(request -> asking(() -> maker().markets().listTrades(request)))
        .map(page -> page.getTradesCount() == 0 ? 0L : page.getTrades(0).getTradeId())
        .toList();
  }

  private List<Trade> tradesOf(String market) {
    List<Trade> newestFirst = new ArrayList<>();
    String token = "";
    do {
      ListTradesRequest request =
          ListTradesRequest.newBuilder()
              .setMarket(market)
              .setPageSize(TRADES_PAGE)
              .setPageToken(token)
              .build();
      ListTradesResponse page = asking(() -> maker().markets().listTrades(request));
      newestFirst.addAll(page.getTradesList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return newestFirst;
  }

  private static RecordedTrade recorded(Trade trade, Map<String, String> clientIds) {
    String makerId = trade.getMakerOrderId();
    return new RecordedTrade(
        trade.getMarket(),
        switch (trade.getTakerSide()) {
          case SIDE_BUY -> Side.BUY;
          case SIDE_SELL -> Side.SELL;
          case SIDE_UNSPECIFIED, UNRECOGNIZED ->
              throw new ReplayFailedException("Trade " + trade.getTradeId() + " has no side.");
        },
        new BigDecimal(trade.getPrice()),
        new BigDecimal(trade.getQuantity()),
        clientIds.getOrDefault(
            makerId, makerId.isEmpty() ? "of another account" : "order " + makerId));
  }

  /** The book of each market: quantities by price on both sides. */
  Map<BookSide, Map<BigDecimal, BigDecimal>> books(Collection<String> markets) {
    Map<BookSide, Map<BigDecimal, BigDecimal>> books = new TreeMap<>();
    for (String market : markets) {
      GetOrderBookRequest request =
          GetOrderBookRequest.newBuilder().setMarket(market).setDepth(MAX_DEPTH).build();
      GetOrderBookResponse book = asking(() -> maker().markets().getOrderBook(request));
      add(books, new BookSide(market, Side.BUY), book.getBidsList());
      add(books, new BookSide(market, Side.SELL), book.getAsksList());
    }
    return books;
  }

  private static void add(
      Map<BookSide, Map<BigDecimal, BigDecimal>> books, BookSide side, List<PriceLevel> levels) {
    if (levels.size() == MAX_DEPTH) {
      throw new ReplayFailedException(
          "The book of %s has %d levels or more, which is more than can be asked for."
              .formatted(side, MAX_DEPTH));
    }
    if (!levels.isEmpty()) {
      Map<BigDecimal, BigDecimal> quantities = new TreeMap<>();
      levels.forEach(level ->
          quantities.put(new BigDecimal(level.getPrice()), new BigDecimal(level.getQuantity())));
      books.put(side, quantities);
    }
  }

  /** Hands over every order of the owners in these markets. */
  void orders(Collection<String> markets, Consumer<Order> each) {
    for (Session owner : owners.values()) {
      for (String market : markets) {
        orders(owner, market, each);
      }
    }
  }

  private void orders(Session owner, String market, Consumer<Order> each) {
    String token = "";
    do {
      ListOrdersRequest request =
          ListOrdersRequest.newBuilder()
              .setMarket(market)
              .setPageSize(ORDERS_PAGE)
              .setPageToken(token)
              .build();
      ListOrdersResponse page = asking(() -> owner.orders().listOrders(request));
      page.getOrdersList().forEach(each);
      token = page.getNextPageToken();
    } while (!token.isEmpty());
  }

  /** Asks again while a service is away; everything here may be asked any number of times. */
  <T> T asking(Supplier<T> question) {
    for (int attempt = 1; ; attempt++) {
      try {
        return question.get();
      } catch (StatusRuntimeException e) {
        if (!Refusals.isTransient(e) || attempt == ATTEMPTS) {
          throw new ReplayFailedException("The exchange answers " + Refusals.describe(e) + ".");
        }
        pause();
        reconnect.run();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ReplayFailedException("Interrupted.");
    }
  }
}
