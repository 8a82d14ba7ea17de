package dev.sagax.match;

import dev.sagax.match.api.CandleApi;
import dev.sagax.match.api.MarketDataApi;
import dev.sagax.match.api.OrderBookWatch;
import dev.sagax.match.api.SagaPartApi;
import dev.sagax.match.api.TickerApi;
import dev.sagax.match.api.TradeWatch;
import dev.sagax.match.saga.MarketDataSaga;
import dev.sagax.match.saga.MatchSaga;
import dev.sagax.match.store.MatchingSchema;
import dev.sagax.match.store.PgBook;
import dev.sagax.match.store.PgCandles;
import dev.sagax.match.store.PgSettledIds;
import dev.sagax.match.store.PgTickers;
import dev.sagax.match.store.PgTrades;
import dev.sagax.platform.boot.ServiceConfig;
import dev.sagax.platform.boot.ServicePlatform;
import dev.sagax.platform.boot.ServiceVerticle;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Markets;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.time.InstantSource;
import java.util.List;

/** match-svc: order books, one writer per market, and the public facts about them. */
public final class MatchVerticle extends ServiceVerticle {

  public MatchVerticle(ServiceConfig config) {
    super(MatchSaga.SERVICE, config);
  }

  @Override
  protected Future<Void> assemble(ServicePlatform platform) {
    return platform.migrate(new MatchingSchema()).compose(migrated -> open(platform));
  }

  private Future<Void> open(ServicePlatform platform) {
    PgBook book = new PgBook(MatchSaga.SERVICE);
    PgTrades trades = new PgTrades();
    new SagaPartApi(platform.db(), book).register(platform.edge());
    platform.runSaga(MatchSaga.definition(platform.markets(), book, trades, platform.faults()));
    showMarketData(platform, book, trades);
    return showStreams(platform, book);
  }

  private static void showMarketData(ServicePlatform platform, PgBook book, PgTrades trades) {
    PgCandles candles = new PgCandles();
    Markets markets = platform.markets();
    SqlClient db = platform.db();
    InstantSource clock = InstantSource.system();
    new MarketDataApi(markets, db, book, trades).register(platform.edge());
    new CandleApi(markets, db, candles, clock).register(platform.edge());
    new TickerApi(platform.vertx(), markets, db, new PgTickers(), clock).register(platform.edge());
    platform.runSaga(MarketDataSaga.definition(markets, new PgSettledIds(), candles));
  }

  /** Streams may be asked for once everything that is appended from then on is seen. */
  private static Future<Void> showStreams(ServicePlatform platform, PgBook book) {
    OrderBookWatch books = new OrderBookWatch(platform, book);
    TradeWatch trades = new TradeWatch(platform);
    books.register(platform.edge());
    trades.register(platform.edge());
    return platform
        .follow(
            List.of(Topic.BOOK_UPDATED, Topic.SETTLE_COMPLETED),
            record -> {
              books.tail().onRecord(record);
              trades.tail().onRecord(record);
            })
        .started()
        .onSuccess(v -> {
          books.tail().start();
          trades.tail().start();
        });
  }
}
