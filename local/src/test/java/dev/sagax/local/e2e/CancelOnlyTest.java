package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.ledger.v1.GetLedgerStateRequest;
import dev.sagax.proto.ledger.v1.LedgerMode;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpc;
import dev.sagax.proto.ledger.v1.LedgerState;
import dev.sagax.proto.ledger.v1.OpenLedgerRequest;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.vertx.redis.client.Command;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a breach that the ledger's own audit finds means to traders, and how it ends. */
class CancelOnlyTest {
  private static TestExchange exchange;
  private static Stores stores;

  @BeforeAll
  static void start() throws IOException {
    exchange = TestExchange.fresh(Map.of(Setting.AUDIT_SECONDS, "1"));
    stores = new Stores(exchange.infrastructure());
  }

  @AfterAll
  static void stop() throws IOException {
    stores.close();
    exchange.close();
  }

  @Test
  void breachStopsOrdersButNotCancelsUntilAnOperatorOpensTheLedger() {
    String market = exchange.market();
    Trader buyer = exchange.trader("buyer").deposit("USD", "1000");
    Trader seller = exchange.trader("seller").deposit("BTC", "2");
    PlaceOrderRequest.Builder request = buyer.order(market).setLimit(limit("1", "90"));
    Order resting = buyer.place(request);
    seller.sell(market, "0.5", "90");
    Eventually.passes(() -> assertThat(state().getVerifiedMicros()).isPositive());

    change(seller, 1);

    Eventually.passes(
        () -> assertThat(state().getMode()).isEqualTo(LedgerMode.LEDGER_MODE_CANCEL_ONLY));
    assertThat(state().getReason()).contains("Account " + seller.account());
    assertThat(health("ledger-audit")).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(health("readiness")).isEqualTo(ServingStatus.SERVING);
    Eventually.passes(() ->
        assertThat(Refused.by(() -> buyer.buy(market, "1", "80")).reason())
            .isEqualTo("MARKET_CANCEL_ONLY"));
    assertThat(buyer.place(request).getOrderId()).isEqualTo(resting.getOrderId());
    assertThat(Refused.by(CancelOnlyTest::open).reason()).isEqualTo("LEDGER_NOT_CONSERVED");
    assertThat(buyer.cancel(resting).getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_CANCELLED);

    change(seller, -1);

    assertThat(open().getMode()).isEqualTo(LedgerMode.LEDGER_MODE_OPEN);
    Eventually.passes(() -> buyer.buy(market, "1", "80"));
    Eventually.passes(() -> assertThat(health("ledger-audit")).isEqualTo(ServingStatus.SERVING));
    exchange.assertConserved();
  }

  private static dev.sagax.proto.order.v1.LimitOrder limit(String quantity, String price) {
    return Trader.limit(
        dev.sagax.proto.order.v1.Side.SIDE_BUY,
        quantity,
        price,
        dev.sagax.proto.order.v1.TimeInForce.TIME_IN_FORCE_GTC);
  }

  private static void change(Trader trader, int units) {
    stores.redis(
        Command.HINCRBY, "{ledger}:acct:" + trader.account(), "BTC:a", Integer.toString(units));
  }

  private static ServingStatus health(String service) {
    return HealthGrpc.newBlockingStub(exchange.settle())
        .check(HealthCheckRequest.newBuilder().setService(service).build())
        .getStatus();
  }

  private static LedgerState state() {
    return ledger().getLedgerState(GetLedgerStateRequest.getDefaultInstance()).getState();
  }

  private static LedgerState open() {
    return ledger().openLedger(OpenLedgerRequest.getDefaultInstance()).getState();
  }

  private static LedgerServiceGrpc.LedgerServiceBlockingStub ledger() {
    return LedgerServiceGrpc.newBlockingStub(exchange.settle())
        .withInterceptors(TestExchange.bearer(exchange.token("operator", Scope.OPERATOR)));
  }
}
