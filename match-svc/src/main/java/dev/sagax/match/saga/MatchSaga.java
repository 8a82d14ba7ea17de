package dev.sagax.match.saga;

import dev.sagax.match.Matching;
import dev.sagax.match.store.PgBook;
import dev.sagax.match.store.PgTrades;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.log.SagaDefinition;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Markets;
import java.util.List;

/** match-svc's part in the saga: which topics, which handler. */
public final class MatchSaga {
  public static final String SERVICE = "match-svc";
  public static final String SCHEMA = "matching";

  private MatchSaga() {}

  public static SagaDefinition definition(
      Markets markets, PgBook book, PgTrades trades, FaultInjector faults) {
    return new SagaDefinition(
        SERVICE,
        SCHEMA,
        List.of(Topic.MATCH_REQUESTED, Topic.MATCH_CANCEL_REQUESTED),
        List.of(
            Topic.SETTLE_REQUESTED,
            Topic.ORDER_CANCEL_REQUESTED,
            Topic.BOOK_UPDATED,
            Topic.MATCH_DLQ),
        partition ->
            new MatchStep(partition, () -> new Matching(markets, partition), book, trades, faults));
  }
}
