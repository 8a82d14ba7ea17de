package dev.sagax.bench.load;

import dev.sagax.platform.money.Market;
import dev.sagax.proto.order.v1.LimitOrder;
import dev.sagax.proto.order.v1.Side;
import java.math.BigInteger;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The prices and quantities that the load uses in a market: a few ticks around a fixed middle, a
 * few lots, all of them admitted by the market's rules.
 *
 * @param prices decimals, ascending; as many below the middle as above it
 * @param quantities decimals, ascending
 * @param mostBaseUnits what the largest sell holds
 * @param mostQuoteUnits what the largest buy holds
 */
record FlowMarket(
    String name,
    String base,
    String quote,
    List<String> prices,
    List<String> quantities,
    BigInteger mostBaseUnits,
    BigInteger mostQuoteUnits) {
  /** Prices go this many ticks below and above the middle. */
  static final int SPREAD_TICKS = 5;

  private static final long MIDDLE_TICKS = 10_000;
  private static final int QUANTITIES = 20;

  static FlowMarket of(Market market) {
    BigInteger baseWhole = BigInteger.valueOf(market.base().unitsPerWhole());
    BigInteger lotAtOneTick =
        BigInteger.valueOf(market.tickUnits()).multiply(BigInteger.valueOf(market.lotUnits()));
    long lowestTicks =
        Math.max(MIDDLE_TICKS - SPREAD_TICKS, ceilDiv(baseWhole, lotAtOneTick).longValueExact());
    BigInteger lotAtLowest = lotAtOneTick.multiply(BigInteger.valueOf(lowestTicks));
    BigInteger minimum = BigInteger.valueOf(market.minNotionalUnits()).multiply(baseWhole);
    long fewestLots = Math.max(1, ceilDiv(minimum, lotAtLowest).longValueExact());
    long[] prices =
        LongStream.rangeClosed(0, 2 * SPREAD_TICKS)
            .map(n -> Math.multiplyExact(lowestTicks + n, market.tickUnits()))
            .toArray();
    long[] quantities =
        LongStream.range(0, QUANTITIES)
            .map(n -> Math.multiplyExact(fewestLots + n, market.lotUnits()))
            .toArray();
    BigInteger most = BigInteger.valueOf(quantities[quantities.length - 1]);
    return new FlowMarket(
        market.name(),
        market.base().name(),
        market.quote().name(),
        LongStream.of(prices).mapToObj(market.quote()::format).toList(),
        LongStream.of(quantities).mapToObj(market.base()::format).toList(),
        most,
        ceilDiv(most.multiply(BigInteger.valueOf(prices[prices.length - 1])), baseWhole));
  }

  private static BigInteger ceilDiv(BigInteger dividend, BigInteger divisor) {
    return dividend.add(divisor).subtract(BigInteger.ONE).divide(divisor);
  }

  /**
   * @param ticksAboveMiddle from -{@link #SPREAD_TICKS} to {@link #SPREAD_TICKS}
   * @param quantity an index of {@link #quantities}
   */
  LimitOrder limit(Side side, int ticksAboveMiddle, int quantity) {
    return LimitOrder.newBuilder()
        .setSide(side)
        .setPrice(prices.get(SPREAD_TICKS + ticksAboveMiddle))
        .setQuantity(quantities.get(quantity))
        .build();
  }
}
