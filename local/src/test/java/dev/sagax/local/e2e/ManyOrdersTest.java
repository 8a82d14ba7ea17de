package dev.sagax.local.e2e;

import static dev.sagax.proto.order.v1.Side.SIDE_BUY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.proto.order.v1.CancelAllOrdersRequest;
import dev.sagax.proto.order.v1.CancelAllOrdersResponse;
import dev.sagax.proto.order.v1.ListOrdersRequest;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderReason;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.PlaceOrderResult;
import dev.sagax.proto.order.v1.PlaceOrdersRequest;
import dev.sagax.proto.order.v1.TimeInForce;
import dev.sagax.proto.order.v1.Wait;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Calls about several orders at once. */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ManyOrdersTest {
  private TestExchange exchange;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
  }

  @AfterAll
  void everyAssetIsConserved() {
    exchange.assertConserved();
  }

  @Test
  void ordersOfOneCallAreDecidedInTheirOrderAndEachHasItsResult() {
    String market = exchange.market();
    Trader trader = exchange.trader("batch").deposit("USD", "100");
    PlaceOrderRequest first = limit(trader, market, "0.5", "100").build();
    PlaceOrderRequest tooDear = limit(trader, market, "1", "100").build();
    PlaceOrderRequest last = limit(trader, market, "0.5", "99").build();
    PlaceOrderRequest offTick = limit(trader, market, "0.5", "99.0000001").build();

    List<PlaceOrderResult> results = place(trader, first, tooDear, first, offTick, last);

    assertThat(results)
        .extracting(result ->
            result.hasOrder()
                ? result.getOrder().getStatus() + " " + result.getOrder().getReason()
                : "" + result.getError().getCode())
        .containsExactly(
            "ORDER_STATUS_OPEN ORDER_REASON_UNSPECIFIED",
            "ORDER_STATUS_REJECTED ORDER_REASON_INSUFFICIENT_FUNDS",
            "ORDER_STATUS_OPEN ORDER_REASON_UNSPECIFIED",
            "3",
            "ORDER_STATUS_OPEN ORDER_REASON_UNSPECIFIED");
    assertThat(results.get(2).getOrder().getOrderId())
        .isEqualTo(results.get(0).getOrder().getOrderId());
    trader.has("USD", "0.5", "99.5");
    assertThat(place(trader, first, tooDear).get(1).getOrder().getStatus())
        .isEqualTo(OrderStatus.ORDER_STATUS_REJECTED);
    assertThat(trader.list(market, false, 2)).hasSize(3);
  }

  @Test
  void cancelOfAllReleasesEveryHoldOfItsMarketAndSide() {
    String market = exchange.market();
    String other = exchange.market();
    Trader trader = exchange.trader("canceller").deposit("USD", "1000").deposit("BTC", "5");
    List<PlaceOrderRequest> orders = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      orders.add(limit(trader, market, "0.1", "" + (100 + i)).build());
    }
    Order elsewhere = trader.buy(other, "1", "100");
    Order sell = trader.sell(market, "1", "200");
    List<PlaceOrderResult> placed = place(trader, orders.toArray(PlaceOrderRequest[]::new));

    CancelAllOrdersResponse cancelled =
        trader
            .orders()
            .cancelAllOrders(
                CancelAllOrdersRequest.newBuilder()
                    .setMarket(market)
                    .setSide(SIDE_BUY)
                    .setWait(Wait.WAIT_SETTLED)
                    .build());

    assertThat(cancelled.getDecided()).isTrue();
    assertThat(cancelled.getOrderIdsList())
        .containsExactlyElementsOf(
            placed.stream().map(result -> result.getOrder().getOrderId()).toList());
    trader.has("USD", "900", "100");
    assertThat(
            trader
                .orders()
                .listOrders(
                    ListOrdersRequest.newBuilder()
                        .setMarket(market)
                        .setSide(SIDE_BUY)
                        .setPageSize(500)
                        .build())
                .getOrdersList())
        .hasSize(30)
        .allMatch(order -> order.getStatus() == OrderStatus.ORDER_STATUS_CANCELLED)
        .allMatch(order -> order.getReason() == OrderReason.ORDER_REASON_CANCELLED_BY_OWNER);

    trader.cancelAll();

    trader.has("USD", "1000", "0");
    trader.has("BTC", "5", "0");
    assertThat(trader.get(elsewhere).getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_CANCELLED);
    assertThat(trader.get(sell).getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_CANCELLED);
  }

  private static PlaceOrderRequest.Builder limit(
      Trader trader, String market, String quantity, String price) {
    return trader
        .order(market)
        .setWait(Wait.WAIT_DECISION)
        .setLimit(Trader.limit(SIDE_BUY, quantity, price, TimeInForce.TIME_IN_FORCE_GTC));
  }

  private static List<PlaceOrderResult> place(Trader trader, PlaceOrderRequest... orders) {
    return trader
        .orders()
        .placeOrders(PlaceOrdersRequest.newBuilder().addAllOrders(List.of(orders)).build())
        .getResultsList();
  }
}
