package dev.sagax.local.e2e;

import static dev.sagax.proto.order.v1.OrderStatus.ORDER_STATUS_CANCELLED;
import static dev.sagax.proto.order.v1.OrderStatus.ORDER_STATUS_OPEN;
import static dev.sagax.proto.order.v1.Side.SIDE_BUY;
import static dev.sagax.proto.order.v1.TimeInForce.TIME_IN_FORCE_GTC;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.sagax.proto.order.v1.CancelOrderRequest;
import dev.sagax.proto.order.v1.CancelOrderResponse;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.PlaceOrderResponse;
import dev.sagax.proto.order.v1.Wait;
import dev.sagax.proto.order.v1.WatchOrdersRequest;
import dev.sagax.proto.order.v1.WatchOrdersResponse;
import io.grpc.Status;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A customer whose program is a page in a browser: it trades and watches by gRPC-Web. */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GrpcWebApiTest {
  private static final String BINARY = "application/grpc-web+proto";
  private static final String TEXT = "application/grpc-web-text";
  private static final String ORDERS = "sagax.order.v1.OrderService/";
  private static final String NEEDED = "authorization,content-type,x-grpc-web";

  private TestExchange exchange;
  private int port;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
    port = exchange.ports().order();
  }

  private GrpcWeb.Answer<PlaceOrderResponse> place(
      GrpcWeb page, Trader who, PlaceOrderRequest request) {
    return page.call(
        port, ORDERS + "PlaceOrder", who.token(), request, PlaceOrderResponse.parser());
  }

  private GrpcWeb.Answer<WatchOrdersResponse> watch(
      GrpcWeb page, String token, WatchOrdersRequest.Builder request) {
    return page.call(
        port, ORDERS + "WatchOrders", token, request.build(), WatchOrdersResponse.parser());
  }

  private static PlaceOrderRequest buy(Trader who, String market, String price) {
    return who.order(market)
        .setLimit(Trader.limit(SIDE_BUY, "0.5", price, TIME_IN_FORCE_GTC))
        .build();
  }

  @ParameterizedTest
  @ValueSource(strings = {BINARY, TEXT})
  void orderIsPlacedWatchedAndCancelled(String type) {
    String market = exchange.market();
    Trader alice = exchange.trader("web").deposit("USD", "100");
    try (GrpcWeb page = new GrpcWeb(SharedExchange.PAGE, type);
        var stream = watch(page, alice.token(), WatchOrdersRequest.newBuilder().setFromNow(true))) {
      assertThat(stream.next().hasHeartbeat()).isTrue();

      var answer = place(page, alice, buy(alice, market, "100"));
      Order placed = answer.only().getOrder();
      Order opened = version(stream, 2);
      alice.has("USD", "50", "50");
      Order cancelled =
          page.call(
                  port,
                  ORDERS + "CancelOrder",
                  alice.token(),
                  CancelOrderRequest.newBuilder()
                      .setOrderId(placed.getOrderId())
                      .setWait(Wait.WAIT_SETTLED)
                      .build(),
                  CancelOrderResponse.parser())
              .only()
              .getOrder();
      Order closed = version(stream, 3);

      assertGivenToItsPage(answer.http(), type);
      assertThat(placed.getStatus()).isEqualTo(ORDER_STATUS_OPEN);
      assertThat(opened).isEqualTo(placed);
      assertThat(cancelled.getStatus()).isEqualTo(ORDER_STATUS_CANCELLED);
      assertThat(closed).isEqualTo(cancelled);
      alice.has("USD", "100", "0");
    }
  }

  /** Reads on to this version of the only order that there is; each comes once. */
  private static Order version(GrpcWeb.Answer<WatchOrdersResponse> stream, long version) {
    Order before = null;
    Order told;
    do {
      WatchOrdersResponse message = stream.next();
      told = message.getUpdate().getOrder();
      if (before != null && message.hasUpdate()) {
        assertThat(told.getVersion()).isEqualTo(before.getVersion() + 1);
      }
      before = message.hasUpdate() ? told : before;
    } while (told.getVersion() < version);
    assertThat(told.getVersion()).isEqualTo(version);
    return told;
  }

  /** A browser gives a page the answer, and lets it read how the call ended. */
  private static void assertGivenToItsPage(HttpResponse<?> http, String type) {
    assertThat(http.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    assertThat(http.statusCode()).isEqualTo(200);
    assertThat(http.headers().firstValue("content-type").orElse(""))
        .startsWith(type.replace("+proto", ""));
    assertThat(http.headers().firstValue("access-control-allow-origin"))
        .contains(SharedExchange.PAGE);
    assertThat(words(http, "access-control-expose-headers"))
        .contains("grpc-status", "grpc-message", "grpc-status-details-bin");
  }

  private static List<String> words(HttpResponse<?> http, String header) {
    return List.of(http.headers().firstValue(header).orElse("").split(", *"));
  }

  @ParameterizedTest
  @ValueSource(strings = {BINARY, TEXT})
  void refusalHasItsStatusAndDetailsInTheTrailers(String type) {
    String market = exchange.market();
    Trader alice = exchange.trader("web").deposit("USD", "100");
    try (GrpcWeb page = new GrpcWeb(SharedExchange.PAGE, type)) {
      PlaceOrderRequest offTick = buy(alice, market, "100.001");

      assertRefused("OFF_TICK of limit.price", place(page, alice, offTick));
      assertRefused(
          "INVALID_CURSOR of cursor",
          watch(page, alice.token(), WatchOrdersRequest.newBuilder().setCursor("?")));
      assertThat(
              refusal(watch(page, "no token", WatchOrdersRequest.newBuilder())).code()
                  + " "
                  + refusal(watch(page, "no token", WatchOrdersRequest.newBuilder())).reason())
          .isEqualTo("UNAUTHENTICATED TOKEN_INVALID");
      assertThat(alice.list(market, false, 10)).isEmpty();
      alice.has("USD", "100", "0");
    }
  }

  private static void assertRefused(String expected, GrpcWeb.Answer<? extends Message> answer) {
    Refused refused = refusal(answer);
    assertThat(refused.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refused.reason() + " of " + refused.field()).isEqualTo(expected);
    assertThat(answer.http().headers().firstValue("access-control-allow-origin"))
        .contains(SharedExchange.PAGE);
  }

  private static Refused refusal(GrpcWeb.Answer<? extends Message> answer) {
    assertThat(answer.http().statusCode()).isEqualTo(200);
    return Refused.by(answer::next);
  }

  @Test
  void browserAsksFirstAndOnlyThePagesOfTheSettingMayCall() {
    for (int each : new int[] {port, exchange.ports().match(), exchange.ports().asset()}) {
      try (GrpcWeb known = new GrpcWeb(SharedExchange.PAGE, BINARY);
          GrpcWeb foreign = new GrpcWeb("https://other.example.com", BINARY)) {
        HttpResponse<Void> may = known.preflight(each, ORDERS + "PlaceOrder", NEEDED);
        HttpResponse<Void> mayNot = foreign.preflight(each, ORDERS + "PlaceOrder", NEEDED);

        assertThat(may.statusCode()).isEqualTo(204);
        assertThat(may.headers().firstValue("access-control-allow-origin"))
            .contains(SharedExchange.PAGE);
        assertThat(words(may, "access-control-allow-methods")).contains("POST");
        assertThat(words(may, "access-control-allow-headers")).contains(NEEDED.split(","));
        assertThat(mayNot.headers().map()).doesNotContainKey("access-control-allow-origin");
      }
    }
  }
}
