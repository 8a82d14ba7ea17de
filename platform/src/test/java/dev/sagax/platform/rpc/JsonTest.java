package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Timestamp;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.proto.ledger.v1.AssetBalance;
import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import dev.sagax.proto.order.v1.GetOrderRequest;
import dev.sagax.proto.order.v1.GetOrderResponse;
import dev.sagax.proto.order.v1.ListOrdersRequest;
import dev.sagax.proto.order.v1.ListOrdersResponse;
import dev.sagax.proto.order.v1.OrderServiceGrpcService;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.PlaceOrderResponse;
import dev.sagax.proto.order.v1.Side;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The same methods by JSON over HTTP, asked by a client that knows no gRPC. */
class JsonTest {
  private static final String BALANCES = "/sagax.ledger.v1.LedgerService/GetBalances";
  private static final String TIME = "2026-01-02T03:04:05Z";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicReference<Object> asked = new AtomicReference<>();
  private RunningEdge running;

  @BeforeEach
  void start() throws Exception {
    running = new RunningEdge(folder);
    running.edge.unary(
        OrderServiceGrpcService.GetOrder,
        (Call call, GetOrderRequest request) -> {
          asked.set(request);
          return Future.succeededFuture(GetOrderResponse.getDefaultInstance());
        });
    running.edge.unary(
        OrderServiceGrpcService.ListOrders,
        (Call call, ListOrdersRequest request) -> {
          asked.set(request);
          return Future.succeededFuture(ListOrdersResponse.getDefaultInstance());
        });
    running.edge.unary(
        OrderServiceGrpcService.PlaceOrder,
        (Call call, PlaceOrderRequest request) -> {
          asked.set(request);
          return Future.succeededFuture(PlaceOrderResponse.getDefaultInstance());
        });
  }

  @AfterEach
  void stop() throws Exception {
    http.close();
    running.close();
  }

  private HttpRequest.Builder request(String path, Scope... scopes) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + running.port + path))
        .timeout(Duration.ofSeconds(30))
        .header("authorization", "Bearer " + running.token(scopes));
  }

  private HttpResponse<String> post(String path, String body, Scope scope) throws Exception {
    return http.send(
        request(path, scope)
            .header("content-type", "application/json; charset=utf-8")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(request(path, Scope.READ).GET().build(), BodyHandlers.ofString());
  }

  /** The rest of the request never comes, so the connection is of no use any more. */
  @Test
  void connectionIsClosedAfterARefusalThatDidNotWaitForTheBody() throws Exception {
    try (var socket = new Socket("127.0.0.1", running.port)) {
      socket.setSoTimeout(20_000);
      String half =
          "POST %s HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"
              .formatted(BALANCES);
      socket.getOutputStream().write(half.getBytes(StandardCharsets.US_ASCII));

      byte[] untilItsEnd = socket.getInputStream().readAllBytes();

      assertThat(new String(untilItsEnd, StandardCharsets.UTF_8))
          .contains("connection: close")
          .contains("TOKEN_MISSING");
    }
  }

  @Test
  void everyUnaryMethodIsCalledByItsName() throws Exception {
    running.getBalances =
        (call, request) ->
            Future.succeededFuture(
                GetBalancesResponse.newBuilder()
                    .addBalances(
                        AssetBalance.newBuilder().setAsset(request.getAccount().toUpperCase()))
                    .build());

    HttpResponse<String> answer = post(BALANCES, "{\"account\": \"usd\"}", Scope.SERVICE);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).contains("application/json");
    assertThat(JSON.readTree(answer.body()).at("/balances/0/asset").asText()).isEqualTo("USD");
  }

  @Test
  void parametersStandInThePathAndTheQuery() throws Exception {
    assertThat(get("/v1/orders/a%2Fb").statusCode()).isEqualTo(200);
    assertThat(((GetOrderRequest) asked.get()).getOrderId()).isEqualTo("a/b");

    assertThat(get("/v1/markets/BTC-USD/orders/o+1").statusCode()).isEqualTo(200);
    assertThat(((GetOrderRequest) asked.get()).getClientOrder().getMarket()).isEqualTo("BTC-USD");
    assertThat(((GetOrderRequest) asked.get()).getClientOrder().getClientOrderId())
        .isEqualTo("o+1");

    assertThat(get("/v1/orders?page_size=7&pageToken=x").statusCode()).isEqualTo(200);
    assertThat(asked.get())
        .isEqualTo(ListOrdersRequest.newBuilder().setPageSize(7).setPageToken("x").build());
  }

  @Test
  void parametersMayBeTimesAndListsOfValues() throws Exception {
    HttpResponse<String> answer =
        get(
            "/v1/orders?statuses=ORDER_STATUS_OPEN&side=SIDE_SELL&statuses=ORDER_STATUS_FILLED"
                + "&open_only=true&from=2026-01-02T03:04:05.5Z&until=2026-01-02T09:00:00%2B01:00");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(asked.get())
        .isEqualTo(
            ListOrdersRequest.newBuilder()
                .addStatuses(OrderStatus.ORDER_STATUS_OPEN)
                .addStatuses(OrderStatus.ORDER_STATUS_FILLED)
                .setSide(Side.SIDE_SELL)
                .setOpenOnly(true)
                .setFrom(Timestamp.newBuilder().setSeconds(1_767_323_045).setNanos(500_000_000))
                .setUntil(Timestamp.newBuilder().setSeconds(1_767_340_800))
                .build());
  }

  @Test
  void bodyIsTheRequest() throws Exception {
    String order =
        """
        {"market": "BTC-USD", "client_order_id": "o-1",
         "limit": {"side": "SIDE_BUY", "price": "50000", "quantity": "0.01"}}\
        """;

    HttpResponse<String> answer = post("/v1/orders", order, Scope.TRADE);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    PlaceOrderRequest request = (PlaceOrderRequest) asked.get();
    assertThat(request.getClientOrderId()).isEqualTo("o-1");
    assertThat(request.getLimit().getPrice()).isEqualTo("50000");
  }

  @Test
  void failureIsAStatusWithItsDetails() throws Exception {
    running.getBalances =
        (call, request) ->
            Future.failedFuture(
                Refusal.ofField(Reason.OFF_TICK, "limit.price", "Expected 价 ticks.")
                    .with("tick", "0.01")
                    .asException());

    HttpResponse<String> answer =
        http.send(
            request(BALANCES, Scope.SERVICE)
                .header("x-request-id", "mine-7")
                .POST(BodyPublishers.noBody())
                .build(),
            BodyHandlers.ofString());

    JsonNode status = JSON.readTree(answer.body());
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("x-request-id")).contains("mine-7");
    assertThat(status.path("code").asInt()).isEqualTo(3);
    assertThat(status.path("message").asText()).isEqualTo("Expected 价 ticks.");
    assertThat(detail(status, "ErrorInfo").path("reason").asText()).isEqualTo("OFF_TICK");
    assertThat(detail(status, "ErrorInfo").at("/metadata/tick").asText()).isEqualTo("0.01");
    assertThat(detail(status, "BadRequest").at("/fieldViolations/0/field").asText())
        .isEqualTo("limit.price");
    assertThat(detail(status, "RequestInfo").path("requestId").asText()).isEqualTo("mine-7");
  }

  private static JsonNode detail(JsonNode status, String type) {
    for (JsonNode detail : status.path("details")) {
      if (detail.path("@type").asText().equals("type.googleapis.com/google.rpc." + type)) {
        return detail;
      }
    }
    throw new AssertionError("No " + type + " in " + status);
  }

  static Stream<Arguments> badCalls() {
    String large = "{\"account\": \"" + "x".repeat(300_000) + "\"}";
    return Stream.of(
        bad("no JSON", "POST", BALANCES, "{", 400, "MALFORMED_MESSAGE"),
        bad("no object", "POST", BALANCES, "7", 400, "MALFORMED_MESSAGE"),
        bad("two objects", "POST", BALANCES, "{} {}", 400, "MALFORMED_MESSAGE"),
        bad("unknown field", "POST", BALANCES, "{\"acount\": \"a\"}", 400, "MALFORMED_MESSAGE"),
        bad(
            "field twice",
            "POST",
            BALANCES,
            "{\"account\": \"a\", \"account\": \"b\"}",
            400,
            "MALFORMED_MESSAGE"),
        bad("wrong type", "POST", BALANCES, "{\"account\": {}}", 400, "MALFORMED_MESSAGE"),
        bad("too large", "POST", BALANCES, large, 413, "MESSAGE_TOO_LARGE"),
        bad("unknown parameter", "GET", "/v1/orders?size=1", "", 400, "MALFORMED_MESSAGE"),
        bad("no number", "GET", "/v1/orders?page_size=x", "", 400, "MALFORMED_MESSAGE"),
        bad(
            "parameter twice",
            "GET",
            "/v1/orders?page_size=1&page_size=2",
            "",
            400,
            "MALFORMED_MESSAGE"),
        bad(
            "parameter under both its names",
            "GET",
            "/v1/orders?page_size=1&pageSize=1",
            "",
            400,
            "MALFORMED_MESSAGE"),
        bad(
            "parameter in path and query",
            "GET",
            "/v1/orders/1?order_id=2",
            "",
            400,
            "MALFORMED_MESSAGE"),
        bad("no time", "GET", "/v1/orders?from=yesterday", "", 400, "MALFORMED_MESSAGE"),
        bad("part of a time", "GET", "/v1/orders?from.seconds=1", "", 400, "MALFORMED_MESSAGE"),
        bad(
            "time twice",
            "GET",
            "/v1/orders?from=" + TIME + "&from=" + TIME,
            "",
            400,
            "MALFORMED_MESSAGE"),
        bad(
            "unknown value in a list",
            "GET",
            "/v1/orders?statuses=OPEN",
            "",
            400,
            "MALFORMED_MESSAGE"),
        bad("value within a value", "GET", "/v1/orders?side.x=1", "", 400, "MALFORMED_MESSAGE"),
        bad(
            "message as parameter",
            "GET",
            "/v1/orders/1?client_order=x",
            "",
            400,
            "MALFORMED_MESSAGE"),
        bad("unknown path", "GET", "/v1/nothing", "", 404, "UNKNOWN_METHOD"),
        bad("root", "GET", "/", "", 404, "UNKNOWN_METHOD"),
        bad("unknown method", "POST", BALANCES + "s", "{}", 404, "UNKNOWN_METHOD"),
        bad(
            "health is gRPC's",
            "POST",
            "/grpc.health.v1.Health/Check",
            "{}",
            404,
            "UNKNOWN_METHOD"),
        bad("wrong verb", "DELETE", "/v1/orders", "", 405, "UNKNOWN_METHOD"));
  }

  private static Arguments bad(
      String name, String verb, String path, String body, int status, String reason) {
    return Arguments.of(name, verb, path, body, status, reason);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badCalls")
  void badCallHasItsStatusAndReason(
      String name, String verb, String path, String body, int status, String reason)
      throws Exception {
    HttpResponse<String> answer =
        http.send(
            request(path, Scope.SERVICE, Scope.READ)
                .header("content-type", "application/json")
                .method(verb, BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(reasonOf(answer)).isEqualTo(reason);
    assertThat(asked.get()).isNull();
  }

  private static String reasonOf(HttpResponse<String> answer) throws Exception {
    return detail(JSON.readTree(answer.body()), "ErrorInfo").path("reason").asText();
  }

  @Test
  void callerNeedsATokenAndItsScope() throws Exception {
    HttpResponse<String> none =
        http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + running.port + "/v1/orders"))
                .GET()
                .build(),
            BodyHandlers.ofString());
    HttpResponse<String> wrong = post("/v1/orders", "{}", Scope.READ);

    assertThat(none.statusCode()).isEqualTo(401);
    assertThat(reasonOf(none)).isEqualTo("TOKEN_MISSING");
    assertThat(wrong.statusCode()).isEqualTo(403);
    assertThat(reasonOf(wrong)).isEqualTo("SCOPE_MISSING");
    assertThat(asked.get()).isNull();
  }

  @Test
  void bodyMustSayThatItIsJson() throws Exception {
    HttpResponse<String> answer =
        http.send(
            request("/v1/orders", Scope.TRADE)
                .header("content-type", "text/plain")
                .POST(BodyPublishers.ofString("{}"))
                .build(),
            BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(415);
    assertThat(reasonOf(answer)).isEqualTo("MALFORMED_MESSAGE");
  }

  @Test
  void deadlineIsKept() throws Exception {
    running.getBalances = (call, request) -> Promise.<GetBalancesResponse>promise().future();

    HttpResponse<String> answer =
        http.send(
            request(BALANCES, Scope.SERVICE)
                .header("grpc-timeout", "100m")
                .POST(BodyPublishers.noBody())
                .build(),
            BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(504);
    assertThat(reasonOf(answer)).isEqualTo("DEADLINE_EXCEEDED");
  }

  @Test
  void browserIsToldWhichPagesMayCall() throws Exception {
    var settings =
        new EdgeSettings(
            true, Map.of(), Set.of("https://trade.example.com"), EdgeSettings.Bounds.DEFAULT);
    var browsed = new RunningEdge(folder, settings, RateLimits.none());
    try {
      HttpResponse<String> good = preflight(browsed, "https://trade.example.com");
      HttpResponse<String> evil = preflight(browsed, "https://evil.example.com");

      assertThat(good.statusCode()).isEqualTo(204);
      assertThat(good.headers().firstValue("access-control-allow-origin"))
          .contains("https://trade.example.com");
      assertThat(good.headers().firstValue("access-control-allow-headers").orElse(""))
          .contains("authorization")
          .contains("x-grpc-web")
          .contains("traceparent");
      assertThat(evil.headers().firstValue("access-control-allow-origin")).isEmpty();
      assertThat(evil.headers().firstValue("access-control-allow-headers")).isEmpty();
    } finally {
      browsed.close();
    }
  }

  private HttpResponse<String> preflight(RunningEdge edge, String origin) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + edge.port + BALANCES))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,x-grpc-web")
            .method("OPTIONS", BodyPublishers.noBody())
            .build(),
        BodyHandlers.ofString());
  }
}
