package dev.sagax.bench.load;

import dev.sagax.platform.log.DeterministicId;
import dev.sagax.proto.order.v1.LimitOrder;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.Side;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A seeded stream of limit orders of both sides around a fixed middle, priced up to five ticks to
 * either side of it: half of them cross at once, the others rest until one that crosses comes.
 */
final class OrderFlow {
  private static final int MIDDLE_TICKS = 10_000;
  private static final int SPREAD_TICKS = 5;
  private static final int MOST_LOTS = 20;

  private final SplittableRandom random;
  private final String run;
  private final List<String> markets;
  private final List<String> accounts;
  private long count;

  /** An order to place, and the id it will have. */
  record Planned(String account, PlaceOrderRequest request, String orderId) {}

  OrderFlow(long seed, List<String> markets, List<String> accounts) {
    this.random = new SplittableRandom(seed);
    this.run = Long.toString(seed, Character.MAX_RADIX);
    this.markets = markets;
    this.accounts = accounts;
  }

  Planned next() {
    String market = markets.get((int) (count % markets.size()));
    String account = accounts.get(random.nextInt(accounts.size()));
    boolean buys = random.nextBoolean();
    int crossing = random.nextInt(2 * SPREAD_TICKS) - SPREAD_TICKS;
    int ticks = MIDDLE_TICKS + (buys ? crossing : -crossing);
    String clientOrderId = run + "-" + count++;
    PlaceOrderRequest request =
        PlaceOrderRequest.newBuilder()
            .setMarket(market)
            .setClientOrderId(clientOrderId)
            .setLimit(
                LimitOrder.newBuilder()
                    .setSide(buys ? Side.SIDE_BUY : Side.SIDE_SELL)
                    .setPrice("%d.%02d".formatted(ticks / 100, ticks % 100))
                    .setQuantity("0.%02d".formatted(1 + random.nextInt(MOST_LOTS))))
            .build();
    return new Planned(account, request, DeterministicId.orderId(account, market, clientOrderId));
  }
}
