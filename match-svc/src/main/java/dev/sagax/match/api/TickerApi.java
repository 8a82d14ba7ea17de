package dev.sagax.match.api;

import dev.sagax.match.store.PgTickers;
import dev.sagax.match.store.TickerView;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.proto.market.v1.GetTickerRequest;
import dev.sagax.proto.market.v1.GetTickerResponse;
import dev.sagax.proto.market.v1.ListTickersRequest;
import dev.sagax.proto.market.v1.ListTickersResponse;
import dev.sagax.proto.market.v1.MarketDataServiceGrpcService;
import dev.sagax.proto.market.v1.Ticker;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;

/** Tickers, read from what is committed. The 24 hours end at the clock of the reader. */
public final class TickerApi {
  private final Markets markets;
  private final SqlClient db;
  private final PgTickers tickers;
  private final InstantSource clock;
  private final TickerWatch watch;

  public TickerApi(
      Vertx vertx, Markets markets, SqlClient db, PgTickers tickers, InstantSource clock) {
    this.watch = new TickerWatch(vertx, markets, this::tickers, clock);
    this.markets = markets;
    this.db = db;
    this.tickers = tickers;
    this.clock = clock;
  }

  public void register(GrpcEdge edge) {
    edge.unary(MarketDataServiceGrpcService.GetTicker, this::getTicker);
    edge.unary(MarketDataServiceGrpcService.ListTickers, this::listTickers);
    edge.serverStream(MarketDataServiceGrpcService.WatchTicker, watch::open);
  }

  Future<GetTickerResponse> getTicker(Call call, GetTickerRequest request) {
    Market market = MarketRequests.market(markets, request.getMarket());
    return tickers(List.of(market.name()))
        .map(found -> GetTickerResponse.newBuilder().setTicker(found.getFirst()).build());
  }

  Future<ListTickersResponse> listTickers(Call call, ListTickersRequest request) {
    return tickers(markets.markets().stream().map(Market::name).toList())
        .map(found -> ListTickersResponse.newBuilder().addAllTickers(found).build());
  }

  /** The tickers of these markets, by name. */
  private Future<List<Ticker>> tickers(Collection<String> names) {
    return tickers
        .of(db, names, clock.instant().getEpochSecond())
        .map(views -> views.stream().map(this::message).toList());
  }

  private Ticker message(TickerView view) {
    return TickerMapper.ticker(markets.market(view.market()).orElseThrow(), view);
  }
}
