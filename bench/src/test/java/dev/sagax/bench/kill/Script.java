package dev.sagax.bench.kill;

import dev.sagax.proto.order.v1.LimitOrder;
import dev.sagax.proto.order.v1.MarketBuyOrder;
import dev.sagax.proto.order.v1.MarketSellOrder;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * A random sequence of instructions for one market, by a few accounts that have money enough for
 * all of them.
 */
final class Script {
  /** How many accounts trade in a market. */
  static final int ACCOUNTS = 4;

  /** One instruction: a place, or the cancel of an earlier place of the same account. */
  sealed interface Step {
    int account();
  }

  /**
   * @param id the client order id
   * @param order everything but market and client order id
   */
  record Place(int account, String id, PlaceOrderRequest order) implements Step {}

  record Cancel(int account, String id) implements Step {}

  private Script() {}

  static List<Step> write(Random random, int length) {
    List<Step> steps = new ArrayList<>();
    for (int n = 0; n < length; n++) {
      steps.add(n > 10 && random.nextInt(5) == 0 ? cancel(random, steps) : place(random, n));
    }
    return steps;
  }

  private static Step cancel(Random random, List<Step> steps) {
    Step earlier = steps.get(steps.size() - 1 - random.nextInt(10));
    return switch (earlier) {
      case Place place -> new Cancel(place.account, place.id);
      case Cancel again -> again;
    };
  }

  private static Place place(Random random, int n) {
    PlaceOrderRequest.Builder order = PlaceOrderRequest.newBuilder();
    switch (random.nextInt(10)) {
      case 0 -> order.setMarketBuy(MarketBuyOrder.newBuilder().setQuoteAmount(amount(random, 500)));
      case 1 -> order.setMarketSell(MarketSellOrder.newBuilder().setQuantity(quantity(random)));
      case 2 -> order.setLimit(limit(random, TimeInForce.TIME_IN_FORCE_IOC));
      case 3 -> order.setLimit(limit(random, TimeInForce.TIME_IN_FORCE_POST_ONLY));
      default -> order.setLimit(limit(random, TimeInForce.TIME_IN_FORCE_GTC));
    }
    return new Place(random.nextInt(ACCOUNTS), "o-" + n, order.build());
  }

  private static LimitOrder limit(Random random, TimeInForce timeInForce) {
    boolean buy = random.nextBoolean();
    return LimitOrder.newBuilder()
        .setSide(buy ? Side.SIDE_BUY : Side.SIDE_SELL)
        .setPrice(
            decimal(100 + (buy ? -1 : 1) * random.nextInt(20) / 100.0 + (buy ? 0.1 : -0.1), 2))
        .setQuantity(quantity(random))
        .setTimeInForce(timeInForce)
        .build();
  }

  private static String quantity(Random random) {
    return decimal(random.nextInt(1, 50_000) / 10_000.0, 4);
  }

  private static String amount(Random random, int most) {
    return decimal(random.nextInt(100, most * 100) / 100.0, 2);
  }

  private static String decimal(double number, int places) {
    return String.format(Locale.ROOT, "%." + places + "f", number);
  }
}
