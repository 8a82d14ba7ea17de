package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import dev.sagax.proto.order.v1.Wait;
import io.grpc.StatusRuntimeException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Customers who place one order after the other, at one price, half of them buying and half
 * selling, and ask again with the same id until they have an answer. Nothing that happens to the
 * exchange may lose, double or change one of their orders.
 */
final class Trickle implements AutoCloseable {
  private static final int PAIRS = 2;
  private static final long DEADLINE_MILLIS = 1_000;
  private static final BigDecimal BUYERS_USD = new BigDecimal("1000000");
  private static final BigDecimal SELLERS_BTC = new BigDecimal("10000");

  private final String market;
  private final List<Trader> buyers = new ArrayList<>();
  private final List<Trader> sellers = new ArrayList<>();
  private final Map<Trader, Set<String>> acknowledged = new ConcurrentHashMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private final Set<String> refusals = new ConcurrentSkipListSet<>();
  private final AtomicInteger decided = new AtomicInteger();
  private final AtomicInteger troubled = new AtomicInteger();
  private volatile Throwable failure;
  private volatile boolean stopping;

  Trickle(Clients exchange, String market) {
    this.market = market;
    for (int n = 0; n < PAIRS; n++) {
      buyers.add(exchange.trader("buyer").deposit("USD", BUYERS_USD.toPlainString()));
      sellers.add(exchange.trader("seller").deposit("BTC", SELLERS_BTC.toPlainString()));
    }
    buyers.forEach(trader -> start(trader, Side.SIDE_BUY));
    sellers.forEach(trader -> start(trader, Side.SIDE_SELL));
  }

  private void start(Trader trader, Side side) {
    acknowledged.put(trader, new ConcurrentSkipListSet<>());
    threads.add(
        Thread.ofVirtual()
            .start(() -> {
              try {
                run(trader, side);
              } catch (Throwable thrown) {
                failure = thrown;
              }
            }));
  }

  private void run(Trader trader, Side side) {
    while (!stopping) {
      PlaceOrderRequest request =
          trader
              .order(market)
              .setWait(Wait.WAIT_DECISION)
              .setLimit(Trader.limit(side, "0.01", "100", TimeInForce.TIME_IN_FORCE_GTC))
              .build();
      placeUntilAnswered(trader, request);
      acknowledged.get(trader).add(request.getClientOrderId());
    }
  }

  private void placeUntilAnswered(Trader trader, PlaceOrderRequest request) {
    while (true) {
      try {
        Order order = trader.orders(DEADLINE_MILLIS).placeOrder(request).getOrder();
        (order.getStatus() == OrderStatus.ORDER_STATUS_ACCEPTED ? troubled : decided)
            .incrementAndGet();
        return;
      } catch (StatusRuntimeException refused) {
        switch (refused.getStatus().getCode()) {
          case DEADLINE_EXCEEDED -> troubled.incrementAndGet();
          case UNAVAILABLE -> {
            refusals.add(Refused.of(refused).reason());
            troubled.incrementAndGet();
          }
          default -> throw refused;
        }
      }
    }
  }

  /** Orders that were decided at once. */
  int decided() {
    return decided.get();
  }

  /** Calls that were not decided at once: only accepted, unavailable or out of time. */
  int troubled() {
    return troubled.get();
  }

  /** The reasons of the calls that were UNAVAILABLE. */
  Set<String> refusals() {
    return refusals;
  }

  /** Waits for so many more orders that are decided at once. */
  void flows(int more) {
    int from = decided();
    Eventually.passes(() -> {
      assertThat(failure).isNull();
      assertThat(decided() - from).isGreaterThanOrEqualTo(more);
    });
  }

  /** Waits for so many more calls that are in trouble. */
  void stalls(int more) {
    int from = troubled();
    Eventually.passes(() -> assertThat(troubled() - from).isGreaterThanOrEqualTo(more));
  }

  /** Lets every call have its answer. */
  void stop() {
    stopping = true;
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    assertThat(failure).isNull();
  }

  /** Every acknowledged order is there once, in one state that money and book agree with. */
  void assertEveryOrderCounts() {
    BigDecimal bought = BigDecimal.ZERO;
    for (Trader buyer : buyers) {
      List<Order> orders = assertOrders(buyer);
      bought = bought.add(sum(orders, Order::getFilledQuantity));
      BigDecimal paid = sum(orders, Order::getFilledQuote);
      BigDecimal held = sum(orders, Order::getRemaining).multiply(new BigDecimal("100"));
      buyer.has("USD", plain(BUYERS_USD.subtract(paid).subtract(held)), plain(held));
      buyer.has(
          "BTC",
          plain(sum(orders, Order::getFilledQuantity).subtract(sum(orders, Order::getFee))),
          "0");
    }
    BigDecimal sold = BigDecimal.ZERO;
    for (Trader seller : sellers) {
      List<Order> orders = assertOrders(seller);
      BigDecimal filled = sum(orders, Order::getFilledQuantity);
      BigDecimal held = sum(orders, Order::getRemaining);
      sold = sold.add(filled);
      seller.has("BTC", plain(SELLERS_BTC.subtract(filled).subtract(held)), plain(held));
      seller.has(
          "USD",
          plain(sum(orders, Order::getFilledQuote).subtract(sum(orders, Order::getFee))),
          "0");
    }
    assertThat(bought).isEqualByComparingTo(sold);
  }

  private List<Order> assertOrders(Trader trader) {
    List<Order> orders = trader.list(market, false, 500);
    assertThat(orders)
        .extracting(Order::getClientOrderId)
        .containsExactlyInAnyOrderElementsOf(acknowledged.get(trader));
    assertThat(orders)
        .extracting(Order::getStatus)
        .containsAnyOf(OrderStatus.ORDER_STATUS_FILLED, OrderStatus.ORDER_STATUS_OPEN)
        .isSubsetOf(
            OrderStatus.ORDER_STATUS_OPEN,
            OrderStatus.ORDER_STATUS_PARTIALLY_FILLED,
            OrderStatus.ORDER_STATUS_FILLED);
    return orders;
  }

  private static BigDecimal sum(List<Order> orders, Function<Order, String> figure) {
    return orders.stream()
        .map(figure)
        .map(BigDecimal::new)
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static String plain(BigDecimal number) {
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }

  @Override
  public void close() {
    stop();
  }
}
