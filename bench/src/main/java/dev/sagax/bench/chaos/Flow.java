package dev.sagax.bench.chaos;

import dev.sagax.bench.chaos.Ask.Amend;
import dev.sagax.bench.chaos.Ask.Cancel;
import dev.sagax.bench.chaos.Ask.CancelAll;
import dev.sagax.bench.chaos.Ask.Deposit;
import dev.sagax.bench.chaos.Ask.OrderName;
import dev.sagax.bench.chaos.Ask.Place;
import dev.sagax.bench.chaos.Ask.Withdraw;
import dev.sagax.proto.order.v1.AmendOrderRequest;
import dev.sagax.proto.order.v1.ClientOrderRef;
import dev.sagax.proto.order.v1.LimitOrder;
import dev.sagax.proto.order.v1.MarketBuyOrder;
import dev.sagax.proto.order.v1.MarketSellOrder;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import dev.sagax.proto.order.v1.Wait;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * A seeded stream of what clients ask for: limits of all kinds around 100, markets, cancels and
 * amendments, also of orders that are only just being placed, deposits and withdrawals. Half of the
 * limits cross, so most orders trade. One account in ten is poor and is often refused. Safe on any
 * thread.
 */
final class Flow {
  static final List<String> MARKETS = List.of("AAA-USD", "BBB-USD", "CCC-USD", "DDD-USD");
  static final List<String> ASSETS = List.of("AAA", "BBB", "CCC", "DDD", "USD");

  private static final int SPREAD_TICKS = 5;
  private static final int REMEMBERED = 200;
  private static final BigDecimal MIDDLE = new BigDecimal("100.00");
  private static final String SMALLEST = "0.01";
  private static final BigDecimal TICK = new BigDecimal("0.01");

  private final RandomGenerator random;
  private final String run;
  private final int accounts;
  private final Deque<OrderName> recent = new ArrayDeque<>();
  private int count;

  Flow(RandomGenerator random, String run, int accounts) {
    this.random = random;
    this.run = run;
    this.accounts = accounts;
  }

  /** The accounts that ask. */
  List<String> accounts() {
    List<String> names = new ArrayList<>();
    for (int n = 0; n < accounts; n++) {
      names.add(account(n));
    }
    return names;
  }

  private static String account(int number) {
    return "chaos-%03d".formatted(number);
  }

  private static boolean isPoor(int account) {
    return account % 10 == 9;
  }

  /** What every account is given before anything else. */
  List<Deposit> firstDeposits() {
    List<Deposit> deposits = new ArrayList<>();
    for (int n = 0; n < accounts; n++) {
      for (String asset : ASSETS) {
        String amount = isPoor(n) ? "2" : asset.equals("USD") ? "4000000" : "40000";
        deposits.add(new Deposit(account(n), asset, amount, run + "-first-" + asset));
      }
    }
    return deposits;
  }

  synchronized Ask next() {
    int kind = random.nextInt(100);
    if (kind < 2) {
      return new Deposit(anyAccount(), anyAsset(), amount(), id());
    }
    if (kind < 5) {
      return new Withdraw(anyAccount(), anyAsset(), amount(), id());
    }
    if (kind < 20 && recent.size() > 10) {
      return new Cancel(anyRecent());
    }
    if (kind < 29 && recent.size() > 10) {
      return kind < 24 ? reduction() : replacement();
    }
    if (kind < 30) {
      return new CancelAll(anyAccount(), anyMarket(), count++);
    }
    return place();
  }

  /** Many orders in one market. */
  synchronized List<Ask> ordersIn(String market, int count) {
    return Stream.generate(() -> (Ask) place(market)).limit(count).toList();
  }

  /** Many deposits of one account. */
  synchronized List<Ask> depositsOf(String account, int count) {
    return Stream.generate(() -> (Ask) new Deposit(account, anyAsset(), amount(), id()))
        .limit(count)
        .toList();
  }

  private Place place() {
    return place(anyMarket());
  }

  private Amend reduction() {
    OrderName name = anyRecent();
    return new Amend(
        name, amendment(name).setQuantity(SMALLEST).setWait(Wait.WAIT_DECISION).build());
  }

  /** Half of them are for as much as rests of the order, the others for another quantity. */
  private Amend replacement() {
    OrderName name = anyRecent();
    AmendOrderRequest.Builder request =
        amendment(name).setNewClientOrderId(id()).setPrice(price(random.nextBoolean()));
    if (random.nextBoolean()) {
      request.setQuantity(quantity());
    }
    request.setWait(random.nextInt(8) == 0 ? Wait.WAIT_SETTLED : Wait.WAIT_DECISION);
    Amend amend = new Amend(name, request.build());
    remember(amend.subject());
    return amend;
  }

  private static AmendOrderRequest.Builder amendment(OrderName name) {
    return AmendOrderRequest.newBuilder()
        .setClientOrder(
            ClientOrderRef.newBuilder()
                .setMarket(name.market())
                .setClientOrderId(name.clientOrderId()));
  }

  private Place place(String market) {
    OrderName name = new OrderName(anyAccount(), market, id());
    PlaceOrderRequest.Builder request =
        PlaceOrderRequest.newBuilder().setMarket(market).setClientOrderId(name.clientOrderId());
    int kind = random.nextInt(100);
    if (kind < 70) {
      request.setLimit(limit(TimeInForce.TIME_IN_FORCE_GTC));
    } else if (kind < 76) {
      request.setLimit(limit(TimeInForce.TIME_IN_FORCE_IOC));
    } else if (kind < 80) {
      request.setLimit(limit(TimeInForce.TIME_IN_FORCE_FOK));
    } else if (kind < 88) {
      request.setLimit(limit(TimeInForce.TIME_IN_FORCE_POST_ONLY));
    } else if (kind < 94) {
      request.setMarketBuy(
          MarketBuyOrder.newBuilder()
              .setQuoteAmount(1 + random.nextInt(30) + "." + random.nextInt(1, 10)));
    } else {
      request.setMarketSell(MarketSellOrder.newBuilder().setQuantity(quantity()));
    }
    request.setWait(random.nextInt(8) == 0 ? Wait.WAIT_SETTLED : Wait.WAIT_DECISION);
    remember(name);
    return new Place(name, request.build());
  }

  private LimitOrder limit(TimeInForce timeInForce) {
    boolean buys = random.nextBoolean();
    return LimitOrder.newBuilder()
        .setSide(buys ? Side.SIDE_BUY : Side.SIDE_SELL)
        .setPrice(price(buys))
        .setQuantity(quantity())
        .setTimeInForce(timeInForce)
        .build();
  }

  private String price(boolean buys) {
    int crossing = random.nextInt(2 * SPREAD_TICKS) - SPREAD_TICKS;
    int ticks = buys ? crossing : -crossing;
    return MIDDLE.add(TICK.multiply(BigDecimal.valueOf(ticks))).toPlainString();
  }

  private void remember(OrderName name) {
    recent.addLast(name);
    if (recent.size() > REMEMBERED) {
      recent.removeFirst();
    }
  }

  /** Now and then the very last one, whose placing is then still under way. */
  private OrderName anyRecent() {
    if (random.nextInt(10) == 0) {
      return recent.peekLast();
    }
    return recent.stream().skip(random.nextInt(recent.size())).findFirst().orElseThrow();
  }

  private String anyAccount() {
    return account(random.nextInt(accounts));
  }

  private String anyMarket() {
    return MARKETS.get(random.nextInt(MARKETS.size()));
  }

  private String anyAsset() {
    return ASSETS.get(random.nextInt(ASSETS.size()));
  }

  private String amount() {
    return random.nextInt(1, 20) + "." + random.nextInt(1, 10);
  }

  private String quantity() {
    return "0." + (char) ('0' + random.nextInt(10)) + (char) ('1' + random.nextInt(9));
  }

  private String id() {
    return run + "-" + count++;
  }
}
