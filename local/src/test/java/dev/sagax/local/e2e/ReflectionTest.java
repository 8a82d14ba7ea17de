package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import dev.sagax.platform.rpc.Scope;
import java.io.IOException;
import java.util.Base64;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that was not written here and knows nothing but reflection can call everything. */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReflectionTest {
  private TestExchange exchange;
  private int orderPort;
  private int matchPort;
  private int settlePort;
  private int assetPort;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
    orderPort = exchange.ports().order();
    matchPort = exchange.ports().match();
    settlePort = exchange.ports().settle();
    assetPort = exchange.ports().asset();
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc-v1", "grpc-v1alpha"})
  void servicesAreListed(String reflection) {
    assertServices(reflection, orderPort, "sagax.order.v1.OrderService");
    assertServices(reflection, matchPort, "sagax.market.v1.MarketDataService");
    assertServices(reflection, settlePort, "sagax.ledger.v1.LedgerService");
    assertServices(reflection, assetPort, "sagax.asset.v1.AssetService");
    for (int port : new int[] {orderPort, matchPort, settlePort, assetPort}) {
      assertServices(reflection, port, "sagax.partition.v1.PartitionService");
    }
    assertServices(reflection, orderPort, "sagax.dlq.v1.DeadLetterService");
    assertServices(reflection, orderPort, "sagax.saga.v1.SagaService");
    assertServices(reflection, matchPort, "sagax.saga.v1.SagaPartService");
    assertServices(reflection, settlePort, "sagax.saga.v1.SagaPartService");
    assertServices(reflection, matchPort, "sagax.dlq.v1.DeadLetterService");
    assertServices(reflection, settlePort, "sagax.dlq.v1.DeadLetterService");
  }

  private static void assertServices(String reflection, int port, String service) {
    assertThat(Buf.curl(reflection, port, "", "--list-services").lines())
        .contains(service, "grpc.health.v1.Health");
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc-v1", "grpc-v1alpha"})
  void methodsAreListed(String reflection) {
    assertMethods(
        reflection,
        orderPort,
        "sagax.order.v1.OrderService/PlaceOrder",
        "sagax.order.v1.OrderService/CancelOrder",
        "sagax.order.v1.OrderService/GetOrder",
        "sagax.order.v1.OrderService/ListOrders",
        "sagax.order.v1.OrderService/WatchOrders",
        "sagax.market.v1.MarketAdminService/SetMarketState",
        "sagax.market.v1.MarketAdminService/GetMarketState");
    assertMethods(
        reflection,
        matchPort,
        "sagax.market.v1.MarketDataService/ListMarkets",
        "sagax.market.v1.MarketDataService/GetOrderBook",
        "sagax.market.v1.MarketDataService/ListTrades");
    assertMethods(
        reflection,
        settlePort,
        "sagax.ledger.v1.LedgerService/Hold",
        "sagax.ledger.v1.LedgerService/GetBalances",
        "sagax.ledger.v1.LedgerService/ListHolds",
        "sagax.ledger.v1.LedgerService/Audit");
    assertMethods(
        reflection,
        assetPort,
        "sagax.asset.v1.AssetService/GetBalances",
        "sagax.asset.v1.AssetService/Deposit",
        "sagax.asset.v1.AssetService/Withdraw",
        "sagax.asset.v1.AssetService/ConfirmWithdrawal",
        "sagax.asset.v1.AssetService/ListStatementEntries",
        "sagax.asset.v1.AssetService/GetTransfer",
        "sagax.asset.v1.AssetService/ListTransfers");
    assertMethods(
        reflection,
        matchPort,
        "sagax.partition.v1.PartitionService/ListPartitions",
        "sagax.partition.v1.PartitionService/ResumePartition");
    assertMethods(
        reflection,
        settlePort,
        "sagax.dlq.v1.DeadLetterService/ListDeadLetters",
        "sagax.dlq.v1.DeadLetterService/GetDeadLetter",
        "sagax.dlq.v1.DeadLetterService/ReplayDeadLetter",
        "sagax.dlq.v1.DeadLetterService/DiscardDeadLetter");
  }

  private static void assertMethods(String reflection, int port, String... methods) {
    assertThat(Buf.curl(reflection, port, "", "--list-methods").lines()).contains(methods);
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc-v1", "grpc-v1alpha"})
  void everyServiceCanBeCalled(String reflection) {
    String market = exchange.market();
    Trader alice = exchange.trader("alice").deposit("USD", "100");

    JsonNode markets =
        call(reflection, matchPort, "/sagax.market.v1.MarketDataService/ListMarkets", alice, "{}");
    JsonNode placed =
        call(
            reflection,
            orderPort,
            "/sagax.order.v1.OrderService/PlaceOrder",
            alice,
            """
            {"market": "%s", "client_order_id": "buf-1", "wait": "WAIT_SETTLED",
             "limit": {"side": "SIDE_BUY", "price": "100", "quantity": "0.25"}}\
            """
                .formatted(market));
    JsonNode balances =
        call(reflection, assetPort, "/sagax.asset.v1.AssetService/GetBalances", alice, "{}");
    JsonNode audit =
        Buf.curl(
                reflection,
                settlePort,
                "/sagax.ledger.v1.LedgerService/Audit",
                "-H",
                "authorization: Bearer " + exchange.token("operator", Scope.OPERATOR))
            .json();

    assertThat(StreamSupport.stream(markets.path("markets").spliterator(), false))
        .extracting(listed -> listed.path("name").asText())
        .contains(market);
    assertThat(placed.at("/order/status").asText()).isEqualTo("ORDER_STATUS_OPEN");
    assertThat(placed.at("/order/limit/side").asText()).isEqualTo("SIDE_BUY");
    assertThat(placed.at("/order/remaining").asText()).isEqualTo("0.25");
    assertThat(placed.at("/order/createTime").asText()).startsWith("20");
    assertThat(balances.at("/balances/0/available").asText()).isEqualTo("75");
    assertThat(balances.at("/balances/0/held").asText()).isEqualTo("25");
    assertThat(audit.path("conserved").asBoolean()).isTrue();
  }

  private static JsonNode call(
      String reflection, int port, String method, Trader trader, String request) {
    return curl(reflection, port, method, trader, request).json();
  }

  private static Buf.Answer curl(
      String reflection, int port, String method, Trader trader, String request) {
    return Buf.curl(
        reflection, port, method, "-H", "authorization: Bearer " + trader.token(), "-d", request);
  }

  @Test
  void errorDetailsCanBeRead() throws IOException {
    String market = exchange.market();
    Trader alice = exchange.trader("alice");

    Buf.Answer answer =
        curl(
            "grpc-v1",
            orderPort,
            "/sagax.order.v1.OrderService/PlaceOrder",
            alice,
            """
            {"market": "%s", "client_order_id": "buf-2",
             "limit": {"side": "SIDE_BUY", "price": "100.001", "quantity": "0.25"}}\
            """
                .formatted(market));

    assertThat(answer.exit()).isNotZero();
    JsonNode error = new ObjectMapper().readTree(answer.err());
    assertThat(error.path("code").asText()).isEqualTo("invalid_argument");
    ErrorInfo info = ErrorInfo.parseFrom(detail(error, "google.rpc.ErrorInfo"));
    BadRequest request = BadRequest.parseFrom(detail(error, "google.rpc.BadRequest"));
    assertThat(info.getReason() + " by " + info.getDomain()).isEqualTo("OFF_TICK by sagax.dev");
    assertThat(request.getFieldViolations(0).getField()).isEqualTo("limit.price");
  }

  private static byte[] detail(JsonNode error, String type) {
    for (JsonNode detail : error.path("details")) {
      if (detail.path("type").asText().equals(type)) {
        return Base64.getDecoder().decode(detail.path("value").asText());
      }
    }
    throw new AssertionError("No " + type + " in " + error);
  }

  @Test
  void healthOfEveryServiceCanBeAsked() {
    for (int port : new int[] {orderPort, matchPort, settlePort, assetPort}) {
      for (String name : new String[] {"", "readiness", "liveness"}) {
        Eventually.passes(() -> assertThat(health(port, name)).isEqualTo("SERVING"));
      }
    }
  }

  private static String health(int port, String service) {
    return Buf.curl(
            "grpc-v1",
            port,
            "/grpc.health.v1.Health/Check",
            "-d",
            "{\"service\": \"%s\"}".formatted(service))
        .json()
        .path("status")
        .asText();
  }
}
