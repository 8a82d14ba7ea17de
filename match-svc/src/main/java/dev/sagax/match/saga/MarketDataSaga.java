package dev.sagax.match.saga;

import dev.sagax.match.store.PgCandles;
import dev.sagax.match.store.PgSettledIds;
import dev.sagax.platform.log.SagaDefinition;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Markets;
import java.util.List;

/**
 * The reader of what is settled, beside the books: it has a group, positions and a fence of its
 * own, so that matching never waits for it. It writes nothing that others read from the log.
 */
public final class MarketDataSaga {
  public static final String SERVICE = "match-svc-market-data";

  /** Nobody waits for a candle, and a transaction costs the same for one trade as for many. */
  private static final long GATHER_MILLIS = 100;

  private MarketDataSaga() {}

  public static SagaDefinition definition(
      Markets markets, PgSettledIds settledIds, PgCandles candles) {
    return new SagaDefinition(
        SERVICE,
        MatchSaga.SCHEMA,
        List.of(Topic.SETTLE_COMPLETED),
        List.of(),
        partition -> new MarketDataStep(partition, markets, settledIds, candles),
        GATHER_MILLIS);
  }
}
