package dev.sagax.match.api;

import dev.sagax.match.store.TickerView;
import dev.sagax.match.store.TickerView.Day;
import dev.sagax.match.store.TickerView.Last;
import dev.sagax.platform.money.Market;
import dev.sagax.proto.market.v1.Ticker;
import java.math.BigInteger;

/** Tickers as messages with decimal strings. */
final class TickerMapper {
  private TickerMapper() {}

  static Ticker ticker(Market market, TickerView view) {
    Ticker.Builder ticker =
        Ticker.newBuilder().setMarket(market.name()).setBaseVolume("0").setQuoteVolume("0");
    view.last().ifPresent(last -> traded(ticker, market, last, view.day().orElse(still(last))));
    view.bid().ifPresent(bid -> ticker.setBestBid(MarketMapper.level(market, bid)));
    view.ask().ifPresent(ask -> ticker.setBestAsk(MarketMapper.level(market, ask)));
    return ticker.build();
  }

  /** 24 hours in which nothing was traded. */
  private static Day still(Last last) {
    long price = last.price();
    return new Day(price, price, price, BigInteger.ZERO, BigInteger.ZERO, 0);
  }

  private static void traded(Ticker.Builder ticker, Market market, Last last, Day day) {
    ticker
        .setLastPrice(market.quote().format(last.price()))
        .setLastQuantity(market.base().format(last.quantity()))
        .setLastTradeId(last.tradeId())
        .setLastTime(MarketMapper.time(last.timeMicros()))
        .setOpenPrice(market.quote().format(day.open()))
        .setHighPrice(market.quote().format(day.high()))
        .setLowPrice(market.quote().format(day.low()))
        .setPriceChange(market.quote().format(last.price() - day.open()))
        .setBaseVolume(MarketMapper.decimal(day.base(), market.base()))
        .setQuoteVolume(MarketMapper.decimal(day.quote(), market.quote()))
        .setTradeCount(day.trades());
  }
}
