package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderReason;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.PlaceOrderResult;
import dev.sagax.proto.order.v1.PlaceOrdersRequest;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import dev.sagax.proto.order.v1.Wait;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** An exchange where an account may have three open orders in a market. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MaxOpenOrdersTest {
  private static final String TOO_MANY = "REJECTED TOO_MANY_OPEN_ORDERS";

  private TestExchange exchange;

  @BeforeAll
  void start() throws IOException {
    exchange = TestExchange.fresh(Map.of(Setting.MAX_OPEN_ORDERS, "3"));
  }

  @AfterAll
  void stop() throws IOException {
    exchange.assertConserved();
    exchange.close();
  }

  @Test
  void oneMoreIsRejectedAndHoldsNothingUntilAnotherIsClosed() {
    String market = exchange.market();
    Trader trader = exchange.trader("many").deposit("USD", "1000");
    Trader other = exchange.trader("other").deposit("USD", "1000").deposit("BTC", "1");
    Order best = trader.buy(market, "0.1", "100");
    Order second = trader.buy(market, "0.1", "99");
    trader.buy(market, "0.1", "98");
    PlaceOrderRequest.Builder oneMore = buy(trader, market, "97");

    Order rejected = trader.place(oneMore);

    assertThat(stateOf(rejected)).isEqualTo(TOO_MANY);
    trader.has("USD", "970.3", "29.7");
    assertThat(stateOf(trader.buy(exchange.market(), "0.1", "100"))).isEqualTo("OPEN");
    assertThat(stateOf(other.buy(market, "0.1", "96"))).isEqualTo("OPEN");

    trader.cancel(second);
    assertThat(trader.place(oneMore)).as("the same again").isEqualTo(rejected);
    assertThat(stateOf(trader.buy(market, "0.1", "97"))).isEqualTo("OPEN");
    assertThat(stateOf(trader.buy(market, "0.1", "97"))).isEqualTo(TOO_MANY);

    other.sell(market, "0.1", "100");
    assertThat(stateOf(trader.get(best))).isEqualTo("FILLED");
    assertThat(stateOf(trader.buy(market, "0.1", "97"))).isEqualTo("OPEN");
    assertThat(stateOf(trader.marketBuy(market, "10"))).isEqualTo(TOO_MANY);
  }

  @Test
  void ordersOfOneCallFillThePlacesInTheirOrder() {
    String market = exchange.market();
    Trader trader = exchange.trader("batch").deposit("USD", "1000");
    PlaceOrdersRequest.Builder request = PlaceOrdersRequest.newBuilder();
    for (String price : new String[] {"100", "99", "98", "97", "96"}) {
      request.addOrders(buy(trader, market, price).setWait(Wait.WAIT_DECISION));
    }

    var results = trader.orders().placeOrders(request.build()).getResultsList();

    assertThat(states(results.stream()))
        .containsExactly("OPEN", "OPEN", "OPEN", TOO_MANY, TOO_MANY);
    var again = trader.orders().placeOrders(request.build()).getResultsList();
    assertThat(states(again.stream())).containsExactly("OPEN", "OPEN", "OPEN", TOO_MANY, TOO_MANY);
    trader.has("USD", "970.3", "29.7");
  }

  @Test
  void openOrdersAreCountedOnAfterARestartAndFewerAfterACancelOfAll() {
    String market = exchange.market();
    Trader trader = exchange.trader("restarted").deposit("USD", "1000");
    for (int i = 0; i < 3; i++) {
      trader.buy(market, "0.1", "100");
    }

    exchange.restart();

    assertThat(stateOf(trader.buy(market, "0.1", "100"))).isEqualTo(TOO_MANY);
    assertThat(trader.cancelAll().getOrderIdsList()).hasSize(3);
    for (int i = 0; i < 3; i++) {
      assertThat(stateOf(trader.buy(market, "0.1", "100"))).isEqualTo("OPEN");
    }
    assertThat(stateOf(trader.buy(market, "0.1", "100"))).isEqualTo(TOO_MANY);
    trader.has("USD", "970", "30");
  }

  private static PlaceOrderRequest.Builder buy(Trader trader, String market, String price) {
    return trader
        .order(market)
        .setLimit(Trader.limit(Side.SIDE_BUY, "0.1", price, TimeInForce.TIME_IN_FORCE_GTC));
  }

  private static Stream<String> states(Stream<PlaceOrderResult> results) {
    return results.map(result -> stateOf(result.getOrder()));
  }

  private static String stateOf(Order order) {
    String status = word(order.getStatus(), "ORDER_STATUS_");
    return order.getReason() == OrderReason.ORDER_REASON_UNSPECIFIED
        ? status
        : status + " " + word(order.getReason(), "ORDER_REASON_");
  }

  private static String word(Enum<?> value, String prefix) {
    return value.name().substring(prefix.length());
  }
}
