package dev.sagax.match;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What was traded in a stretch of time. Prices in quote units per one whole base unit.
 *
 * @param startSeconds when it begins, in seconds since 1970
 * @param open price of its first trade
 * @param close price of its last trade
 * @param base what was traded, in base units; the sum of many trades may exceed a long
 * @param quote what was paid, in quote units; may exceed a long
 */
public record Candle(
    long startSeconds,
    long open,
    long high,
    long low,
    long close,
    BigInteger base,
    BigInteger quote,
    long trades) {

  /** One in which nothing was traded: all prices are the close of the one before. */
  static Candle empty(long startSeconds, long close) {
    return new Candle(
        startSeconds, close, close, close, close, BigInteger.ZERO, BigInteger.ZERO, 0);
  }

  /** One with its first trade. */
  static Candle of(long startSeconds, SettledTrade trade) {
    return empty(startSeconds, trade.price()).with(trade);
  }

  /** With one more trade, later than all that are in it. */
  Candle with(SettledTrade trade) {
    return new Candle(
        startSeconds,
        open,
        Math.max(high, trade.price()),
        Math.min(low, trade.price()),
        trade.price(),
        base.add(BigInteger.valueOf(trade.quantity())),
        quote.add(BigInteger.valueOf(trade.quote())),
        trades + 1);
  }

  /**
   * One candle for every stretch of the interval, with empty ones where nothing was traded. What
   * lies before the first trade ever has none.
   *
   * @param found those in which something was traded, from begin to end
   * @param closeBefore of the last one before begin, if there is one
   * @param begin when the first one begins
   * @param end before which the last one begins
   */
  public static List<Candle> withoutGaps(
      List<Candle> found, OptionalLong closeBefore, long begin, long end, CandleInterval interval) {
    Map<Long, Candle> byStart =
        found.stream().collect(Collectors.toMap(Candle::startSeconds, Function.identity()));
    List<Candle> all = new ArrayList<>();
    OptionalLong close = closeBefore;
    for (long start = begin; start < end; start += interval.seconds) {
      Candle candle = byStart.get(start);
      if (candle == null && close.isPresent()) {
        candle = empty(start, close.getAsLong());
      }
      if (candle != null) {
        all.add(candle);
        close = OptionalLong.of(candle.close());
      }
    }
    return all;
  }
}
