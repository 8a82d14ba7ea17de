package dev.sagax.match.api;

import dev.sagax.match.store.BookView;
import dev.sagax.match.store.PgBook;
import dev.sagax.match.store.PgMarketStates;
import dev.sagax.match.store.PgTrades;
import dev.sagax.match.store.TradeView;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.platform.rpc.PageSize;
import dev.sagax.proto.market.v1.GetOrderBookRequest;
import dev.sagax.proto.market.v1.GetOrderBookResponse;
import dev.sagax.proto.market.v1.ListMarketsRequest;
import dev.sagax.proto.market.v1.ListMarketsResponse;
import dev.sagax.proto.market.v1.ListTradesRequest;
import dev.sagax.proto.market.v1.ListTradesResponse;
import dev.sagax.proto.market.v1.MarketDataServiceGrpcService;
import dev.sagax.proto.market.v1.MarketState;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.List;
import java.util.Map;

/** Markets, order books and trades, read from what is committed. */
public final class MarketDataApi {
  private static final int DEFAULT_DEPTH = 100;
  private static final int MAX_DEPTH = 5_000;
  private static final int DEFAULT_PAGE = 50;
  private static final int MAX_PAGE = 1_000;

  private final Markets markets;
  private final SqlClient db;
  private final PgBook book;
  private final PgTrades trades;

  public MarketDataApi(Markets markets, SqlClient db, PgBook book, PgTrades trades) {
    this.markets = markets;
    this.db = db;
    this.book = book;
    this.trades = trades;
  }

  /** Registers the methods of MarketDataService. */
  public void register(GrpcEdge edge) {
    edge.unary(MarketDataServiceGrpcService.ListMarkets, this::listMarkets);
    edge.unary(MarketDataServiceGrpcService.GetOrderBook, this::getOrderBook);
    edge.unary(MarketDataServiceGrpcService.ListTrades, this::listTrades);
  }

  Future<ListMarketsResponse> listMarkets(Call call, ListMarketsRequest request) {
    return PgMarketStates.all(db).map(this::listed);
  }

  /**
   * @param states the numbers of those that were set, by market
   */
  ListMarketsResponse listed(Map<String, Integer> states) {
    ListMarketsResponse.Builder response = ListMarketsResponse.newBuilder();
    for (Market market : markets.markets()) {
      int state = states.getOrDefault(market.name(), MarketState.MARKET_STATE_TRADING_VALUE);
      response.addMarkets(MarketMapper.market(market).setStateValue(state));
    }
    return response.build();
  }

  Future<GetOrderBookResponse> getOrderBook(Call call, GetOrderBookRequest request) {
    Market market = MarketRequests.market(markets, request.getMarket());
    int depth = MarketRequests.depth(request.getDepth(), DEFAULT_DEPTH, MAX_DEPTH);
    return view(market, depth, request.getGroup()).map(view -> response(market, view));
  }

  private Future<BookView> view(Market market, int depth, String group) {
    return group.isEmpty()
        ? book.view(db, market, depth)
        : book.viewGrouped(db, market, depth, MarketRequests.group(market, group));
  }

  Future<ListTradesResponse> listTrades(Call call, ListTradesRequest request) {
    Market market = MarketRequests.market(markets, request.getMarket());
    int size = PageSize.of(request.getPageSize(), DEFAULT_PAGE, MAX_PAGE);
    long before = TradesToken.beforeId(market.name(), request.getPageToken());
    return trades
        .before(db, market.name(), before, size + 1)
        .map(found -> page(market, found, size, call.account()));
  }

  private static GetOrderBookResponse response(Market market, BookView view) {
    GetOrderBookResponse.Builder response =
        GetOrderBookResponse.newBuilder().setMarket(market.name()).setSequence(view.sequence());
    view.bids().forEach(level -> response.addBids(MarketMapper.level(market, level)));
    view.asks().forEach(level -> response.addAsks(MarketMapper.level(market, level)));
    return response.build();
  }

  /**
   * @param found one more than the page holds when there is a next page
   */
  static ListTradesResponse page(Market market, List<TradeView> found, int size, String account) {
    ListTradesResponse.Builder page = ListTradesResponse.newBuilder();
    found.stream()
        .limit(size)
        .forEach(trade -> page.addTrades(MarketMapper.trade(market, trade, account)));
    if (found.size() > size) {
      page.setNextPageToken(TradesToken.of(market.name(), found.get(size - 1).id()));
    }
    return page.build();
  }
}
