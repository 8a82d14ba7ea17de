package dev.sagax.bench.load;

import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.Side;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A seeded stream of limit orders of both sides around a fixed middle, priced up to five ticks to
 * either side of it: half of them cross at once, the others rest until one that crosses comes. The
 * markets take turns, the accounts are drawn.
 */
final class OrderFlow {
  private final SplittableRandom random;
  private final String run;
  private final List<FlowMarket> markets;
  private final int accounts;
  private int count;

  /**
   * An order to place.
   *
   * @param number counts the orders of the flow from 0
   * @param account 0 to accounts - 1
   * @param market its index in the flow's markets
   */
  record Planned(int number, int account, int market, PlaceOrderRequest request) {}

  OrderFlow(long seed, List<FlowMarket> markets, int accounts) {
    this.random = new SplittableRandom(seed);
    this.run = Long.toUnsignedString(seed, Character.MAX_RADIX) + "-";
    this.markets = markets;
    this.accounts = accounts;
  }

  Planned next() {
    int number = count++;
    int market = number % markets.size();
    FlowMarket terms = markets.get(market);
    boolean buys = random.nextBoolean();
    int crossing = random.nextInt(2 * FlowMarket.SPREAD_TICKS) - FlowMarket.SPREAD_TICKS;
    PlaceOrderRequest request =
        PlaceOrderRequest.newBuilder()
            .setMarket(terms.name())
            .setClientOrderId(run + number)
            .setLimit(
                terms.limit(
                    buys ? Side.SIDE_BUY : Side.SIDE_SELL,
                    buys ? crossing : -crossing,
                    random.nextInt(terms.quantities().size())))
            .build();
    return new Planned(number, random.nextInt(accounts), market, request);
  }

  /** The number of an order, from the client order id that the flow gave it. */
  static int numberOf(String clientOrderId) {
    int start = clientOrderId.lastIndexOf('-') + 1;
    return Integer.parseInt(clientOrderId, start, clientOrderId.length(), 10);
  }
}
