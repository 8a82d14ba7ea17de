package dev.sagax.match.api;

import com.google.protobuf.Timestamp;
import dev.sagax.match.CandleInterval;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.proto.market.v1.Candle;

/** Candles as messages with decimal strings. */
final class CandleMapper {
  private CandleMapper() {}

  static CandleInterval interval(dev.sagax.proto.market.v1.CandleInterval interval) {
    return switch (interval) {
      case CANDLE_INTERVAL_1M -> CandleInterval.ONE_MINUTE;
      case CANDLE_INTERVAL_5M -> CandleInterval.FIVE_MINUTES;
      case CANDLE_INTERVAL_15M -> CandleInterval.QUARTER_HOUR;
      case CANDLE_INTERVAL_1H -> CandleInterval.ONE_HOUR;
      case CANDLE_INTERVAL_4H -> CandleInterval.FOUR_HOURS;
      case CANDLE_INTERVAL_1D -> CandleInterval.ONE_DAY;
      case CANDLE_INTERVAL_UNSPECIFIED, UNRECOGNIZED ->
          throw MarketRequests.refuse(
              Reason.INVALID_ENUM, "interval", "Expected how long a candle lasts, like 1M or 1H.");
    };
  }

  static Candle candle(Market market, dev.sagax.match.Candle candle, boolean running) {
    return Candle.newBuilder()
        .setStart(Timestamp.newBuilder().setSeconds(candle.startSeconds()))
        .setOpen(market.quote().format(candle.open()))
        .setHigh(market.quote().format(candle.high()))
        .setLow(market.quote().format(candle.low()))
        .setClose(market.quote().format(candle.close()))
        .setBaseVolume(MarketMapper.decimal(candle.base(), market.base()))
        .setQuoteVolume(MarketMapper.decimal(candle.quote(), market.quote()))
        .setTradeCount(candle.trades())
        .setRunning(running)
        .build();
  }
}
