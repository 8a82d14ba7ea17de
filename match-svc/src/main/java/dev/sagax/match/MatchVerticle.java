package dev.sagax.match;

import dev.sagax.match.api.MarketDataApi;
import dev.sagax.match.api.SagaPartApi;
import dev.sagax.match.saga.MatchSaga;
import dev.sagax.match.store.PgBook;
import dev.sagax.match.store.PgTrades;
import dev.sagax.platform.boot.ServiceConfig;
import dev.sagax.platform.boot.ServicePlatform;
import dev.sagax.platform.boot.ServiceVerticle;
import io.vertx.core.Future;

/** match-svc: order books, one writer per market, and the public facts about them. */
public final class MatchVerticle extends ServiceVerticle {

  public MatchVerticle(ServiceConfig config) {
    super(MatchSaga.SERVICE, config);
  }

  @Override
  protected Future<Void> assemble(ServicePlatform platform) {
    return platform.migrate(MatchSaga.SCHEMA, "matching.sql").compose(migrated -> open(platform));
  }

  private Future<Void> open(ServicePlatform platform) {
    PgBook book = new PgBook(MatchSaga.SERVICE);
    PgTrades trades = new PgTrades();
    new MarketDataApi(platform.markets(), platform.db(), book, trades).register(platform.edge());
    new SagaPartApi(platform.db(), book).register(platform.edge());
    platform.runSaga(MatchSaga.definition(platform.markets(), book, trades, platform.faults()));
    return Future.succeededFuture();
  }
}
