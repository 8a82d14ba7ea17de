package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.PlaceOrdersRequest;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** An exchange with limits: an account that goes too far is refused, and nobody else. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RateLimitTest {
  private static final int BURST = 60;

  /** So many that the whole bucket is spent and as much as there is on credit. */
  private static final int MOST_BATCHES = 5;

  private TestExchange exchange;

  @BeforeAll
  void start() throws Exception {
    exchange = TestExchange.fresh(Map.of(Setting.RATELIMIT_LIMITS, "place=1/" + BURST));
  }

  @AfterAll
  void stop() throws Exception {
    exchange.close();
  }

  private static PlaceOrdersRequest batch(Trader trader, String market) {
    var batch = PlaceOrdersRequest.newBuilder();
    for (int i = 0; i < 50; i++) {
      batch.addOrders(
          trader
              .order(market)
              .setLimit(
                  Trader.limit(Side.SIDE_SELL, "0.01", "100", TimeInForce.TIME_IN_FORCE_GTC)));
    }
    return batch.build();
  }

  @Test
  void accountThatPlacesTooMuchIsRefusedAndMayStillCancel() {
    String market = exchange.market();
    Trader hasty = exchange.trader("hasty").deposit("BTC", "10");
    Trader calm = exchange.trader("calm").deposit("BTC", "10");
    Order resting = hasty.sell(market, "0.01", "100");

    int placed = 0;
    Refused refused = null;
    for (int i = 0; refused == null && i < MOST_BATCHES; i++) {
      try {
        placed += hasty.orders().placeOrders(batch(hasty, market)).getResultsCount();
      } catch (StatusRuntimeException failure) {
        refused = Refused.of(failure);
      }
    }

    assertThat(refused).as("the refusal of a batch").isNotNull();
    assertThat(refused.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(refused.reason()).isEqualTo("RATE_LIMITED");
    assertThat(placed).isBetween(50, 150);
    assertThat(Tape.of(hasty.cancel(resting))).startsWith("CANCELLED");
    calm.sell(market, "0.01", "100");
    assertThat(hasty.list(market, true, 500)).hasSize(placed);
    exchange.assertConserved();
  }
}
