package dev.sagax.match;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What settled trades add to the candles of their markets, of every interval. */
public final class CandleChanges {
  private final Map<Key, Candle> added = new LinkedHashMap<>();

  private record Key(String market, CandleInterval interval, long startSeconds) {}

  /** What is to be added to a candle, as a candle of only that. */
  public record Change(String market, CandleInterval interval, Candle added) {}

  /** Trades of a market come in their order. */
  public void add(SettledTrade trade) {
    for (CandleInterval interval : CandleInterval.values()) {
      long start = interval.startOfMicros(trade.timeMicros());
      added.merge(
          new Key(trade.market(), interval, start),
          Candle.of(start, trade),
          (before, one) -> before.with(trade));
    }
  }

  public List<Change> all() {
    List<Change> all = new ArrayList<>();
    added.forEach((key, candle) -> all.add(new Change(key.market(), key.interval(), candle)));
    return all;
  }
}
