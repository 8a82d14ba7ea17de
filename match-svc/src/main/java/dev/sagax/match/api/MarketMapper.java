package dev.sagax.match.api;

import com.google.protobuf.Timestamp;
import dev.sagax.match.LevelChange;
import dev.sagax.match.SettledTrade;
import dev.sagax.match.book.Side;
import dev.sagax.match.store.BookView;
import dev.sagax.match.store.TradeView;
import dev.sagax.platform.money.Asset;
import dev.sagax.platform.money.Market;
import dev.sagax.proto.market.v1.PriceLevel;
import dev.sagax.proto.market.v1.Trade;
import java.math.BigDecimal;
import java.math.BigInteger;

/** Markets, levels and trades as messages with decimal strings. */
final class MarketMapper {
  private static final long MICROS = 1_000_000;
  private static final int NANOS_PER_MICRO = 1_000;

  private MarketMapper() {}

  /** All of it that the markets file says. */
  static dev.sagax.proto.market.v1.Market.Builder market(Market market) {
    return dev.sagax.proto.market.v1.Market.newBuilder()
        .setName(market.name())
        .setBaseAsset(market.base().name())
        .setQuoteAsset(market.quote().name())
        .setTick(market.quote().format(market.tickUnits()))
        .setLot(market.base().format(market.lotUnits()))
        .setMinNotional(market.quote().format(market.minNotionalUnits()))
        .setMakerBps(market.makerBps())
        .setTakerBps(market.takerBps())
        .setBaseScale(market.base().scale())
        .setQuoteScale(market.quote().scale())
        .setBandBps(market.bandBps());
  }

  static PriceLevel level(Market market, BookView.Level level) {
    return PriceLevel.newBuilder()
        .setPrice(market.quote().format(level.price()))
        .setQuantity(decimal(level.quantity(), market.base()))
        .setOrders(Math.toIntExact(level.orders()))
        .build();
  }

  static PriceLevel level(Market market, LevelChange level) {
    return PriceLevel.newBuilder()
        .setPrice(market.quote().format(level.price()))
        .setQuantity(decimal(level.quantity(), market.base()))
        .setOrders(level.orders())
        .build();
  }

  /** As everybody sees it. */
  static Trade trade(Market market, SettledTrade trade) {
    return Trade.newBuilder()
        .setTradeId(trade.id())
        .setMarket(market.name())
        .setPrice(market.quote().format(trade.price()))
        .setQuantity(market.base().format(trade.quantity()))
        .setQuoteAmount(market.quote().format(trade.quote()))
        .setTakerSide(side(trade.takerSide()))
        .setTime(time(trade.timeMicros()))
        .build();
  }

  /**
   * @param account who asks: sees the ids of its own orders only
   */
  static Trade trade(Market market, TradeView trade, String account) {
    return Trade.newBuilder()
        .setTradeId(trade.id())
        .setMarket(market.name())
        .setPrice(market.quote().format(trade.price()))
        .setQuantity(market.base().format(trade.quantity()))
        .setQuoteAmount(market.quote().format(trade.quote()))
        .setTakerSide(side(trade.takerSide()))
        .setMakerOrderId(orderId(trade.maker(), account))
        .setTakerOrderId(orderId(trade.taker(), account))
        .setTime(time(trade.timeMicros()))
        .build();
  }

  static String decimal(BigInteger units, Asset asset) {
    return new BigDecimal(units, asset.scale()).stripTrailingZeros().toPlainString();
  }

  private static String orderId(TradeView.Owner owner, String account) {
    return owner.account().equals(account) ? owner.orderId() : "";
  }

  private static dev.sagax.proto.order.v1.Side side(Side side) {
    return switch (side) {
      case BUY -> dev.sagax.proto.order.v1.Side.SIDE_BUY;
      case SELL -> dev.sagax.proto.order.v1.Side.SIDE_SELL;
    };
  }

  static Timestamp time(long micros) {
    return Timestamp.newBuilder()
        .setSeconds(Math.floorDiv(micros, MICROS))
        .setNanos((int) Math.floorMod(micros, MICROS) * NANOS_PER_MICRO)
        .build();
  }
}
