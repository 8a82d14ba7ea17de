package dev.sagax.match.saga;

import dev.sagax.match.CandleChanges;
import dev.sagax.match.SettledIds;
import dev.sagax.match.SettledTrade;
import dev.sagax.match.store.PgCandles;
import dev.sagax.match.store.PgSettledIds;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.StepHandler;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.List;

/** {@code settle.completed}: says which trades are facts, and makes the candles of them. */
final class MarketDataStep implements StepHandler {
  private final List<String> markets;
  private final PgSettledIds table;
  private final PgCandles candles;
  private final SettledIds settled = new SettledIds();

  MarketDataStep(int partition, Markets markets, PgSettledIds table, PgCandles candles) {
    this.markets =
        markets.markets().stream()
            .filter(market -> market.partition() == partition)
            .map(Market::name)
            .toList();
    this.table = table;
    this.candles = candles;
  }

  @Override
  public Future<Void> load(SqlClient snapshot) {
    return table
        .lastRanges(snapshot, markets)
        .map(ranges -> {
          ranges.forEach(settled::restore);
          return null;
        });
  }

  @Override
  public Future<Void> handle(List<LogRecord> records, StepWrites step) {
    List<SettledTrade> trades =
        records.stream().flatMap(record -> SettledEvents.decode(record).stream()).toList();
    CandleChanges changes = new CandleChanges();
    trades.stream().filter(t -> settled.add(t.market(), t.id())).forEach(changes::add);
    table.save(settled.takeChanges(), step);
    candles.save(changes.all(), step);
    return Future.succeededFuture();
  }
}
