package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sagax.proto.order.v1.Order;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** A customer without gRPC: JSON over HTTP, from the balance to the candle. */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JsonApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private TestExchange exchange;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
  }

  @AfterAll
  void close() {
    http.close();
  }

  /** An answer with its status. */
  private record Answer(int status, JsonNode json) {
    JsonNode ok() {
      assertThat(status).as(json.toString()).isEqualTo(200);
      return json;
    }

    String reason() {
      return reasonOf(json);
    }
  }

  private static String reasonOf(JsonNode status) {
    return status.at("/details/0/reason").asText();
  }

  private Answer get(Trader who, int port, String path) {
    return send(request(who, port, path).GET());
  }

  private Answer post(Trader who, int port, String path, String body) {
    return send(
        request(who, port, path)
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  private static HttpRequest.Builder request(Trader who, int port, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(Duration.ofSeconds(30))
        .header("grpc-timeout", "20S")
        .header("authorization", "Bearer " + who.token());
  }

  private Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
      return new Answer(response.statusCode(), JSON.readTree(response.body()));
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private int orders() {
    return exchange.ports().order();
  }

  private int markets() {
    return exchange.ports().match();
  }

  private static String order(String market, String id, String side, String quantity, int price) {
    return """
    {"market": "%s", "client_order_id": "%s", "wait": "WAIT_SETTLED",
     "limit": {"side": "SIDE_%s", "quantity": "%s", "price": "%d"}}\
    """
        .formatted(market, id, side, quantity, price);
  }

  @Test
  void batchHasAResultForEachOrder() {
    String market = exchange.market();
    Trader seller = exchange.trader("json").deposit("BTC", "2");
    String batch =
        "{\"orders\": [%s, %s]}"
            .formatted(
                order(market, "a", "SELL", "0.5", 100), order("NO-SUCH", "b", "SELL", "1", 100));

    JsonNode results = post(seller, orders(), "/v1/orders:batch", batch).ok().path("results");

    assertThat(results).hasSize(2);
    assertThat(results.at("/0/order/status").asText()).isEqualTo("ORDER_STATUS_OPEN");
    assertThat(results.at("/1/error/code").asInt()).isEqualTo(5);
    assertThat(reasonOf(results.at("/1/error"))).isEqualTo("UNKNOWN_MARKET");
    seller.has("BTC", "1.5", "0.5");
  }

  @Test
  void orderIsReducedCancelledAndFoundByItsStatesAndTime() {
    Instant before = Instant.now();
    String market = exchange.market();
    Trader seller = exchange.trader("json").deposit("BTC", "2");
    String id =
        post(seller, orders(), "/v1/orders", order(market, "a", "SELL", "2", 100))
            .ok()
            .at("/order/orderId")
            .asText();

    JsonNode amended =
        post(
                seller,
                orders(),
                "/v1/orders:amend",
                "{\"order_id\": \"%s\", \"quantity\": \"1.5\"}".formatted(id))
            .ok();
    JsonNode cancelled =
        post(
                seller,
                orders(),
                "/v1/orders:cancel",
                "{\"order_id\": \"%s\", \"wait\": \"WAIT_SETTLED\"}".formatted(id))
            .ok();

    assertThat(amended.path("result").asText()).isEqualTo("AMEND_RESULT_REDUCED");
    assertThat(cancelled.at("/order/status").asText()).isEqualTo("ORDER_STATUS_CANCELLED");
    String since = "&from=" + URLEncoder.encode(before.toString(), StandardCharsets.UTF_8);
    assertThat(found(seller, "?statuses=ORDER_STATUS_FILLED" + since)).isEmpty();
    assertThat(
            found(seller, "?statuses=ORDER_STATUS_FILLED&statuses=ORDER_STATUS_CANCELLED" + since))
        .hasSize(1);
    assertThat(found(seller, "?until=" + before)).isEmpty();
    JsonNode byName =
        get(seller, orders(), "/v1/markets/" + market + "/orders/a").ok().path("order");
    assertThat(byName.path("orderId").asText()).isEqualTo(id);
    seller.has("BTC", "2", "0");
  }

  private JsonNode found(Trader who, String query) {
    return get(who, orders(), "/v1/orders" + query).ok().path("orders");
  }

  @Test
  void marketIsReadAsItsTradesCandlesAndTicker() {
    String market = exchange.market();
    Trader seller = exchange.trader("json").deposit("BTC", "2");
    Trader buyer = exchange.trader("json").deposit("USD", "1000");
    seller.sell(market, "1", "100");
    Order bought = buyer.buy(market, "0.5", "100");
    String of = "/v1/markets/" + market;

    Eventually.passes(() -> {
      JsonNode trades = get(buyer, markets(), of + "/trades?page_size=10").ok().path("trades");
      assertThat(trades).hasSize(1);
      assertThat(trades.at("/0/takerOrderId").asText()).isEqualTo(bought.getOrderId());
    });

    JsonNode candles =
        get(buyer, markets(), of + "/candles?interval=CANDLE_INTERVAL_1D&from=2020-01-01T00:00:00Z")
            .ok()
            .path("candles");
    assertThat(candles.path(0).path("close").asText()).isEqualTo("100");
    assertThat(get(buyer, markets(), of + "/ticker").ok().toString()).contains("\"100\"");
    assertThat(get(buyer, markets(), "/v1/tickers").ok().toString()).contains(market);
    assertThat(get(buyer, markets(), of + "/book").ok().at("/asks/0/quantity").asText())
        .isEqualTo("0.5");
    Answer noInterval = get(buyer, markets(), of + "/candles");
    assertThat(noInterval.status()).isEqualTo(400);
    assertThat(noInterval.reason()).isEqualTo("INVALID_ENUM");
  }

  @Test
  void refusalHasAnHttpStatusAndItsReason() {
    Trader trader = exchange.trader("json");

    Answer unknown = get(trader, orders(), "/v1/orders/00000000000000000000000000000001");
    Answer badPrice =
        post(trader, orders(), "/v1/orders", order(exchange.market(), "a", "BUY", "1", 0));

    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.reason()).isEqualTo("ORDER_NOT_FOUND");
    assertThat(badPrice.status()).isEqualTo(400);
  }
}
