package dev.sagax.order.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.MarketRules;
import dev.sagax.order.OrderType;
import dev.sagax.order.SelfTrade;
import dev.sagax.order.Side;
import dev.sagax.order.TestMarkets;
import dev.sagax.order.TimeInForce;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.proto.order.v1.ClientOrderRef;
import dev.sagax.proto.order.v1.LimitOrder;
import dev.sagax.proto.order.v1.MarketBuyOrder;
import dev.sagax.proto.order.v1.MarketSellOrder;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RequestReaderTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00.123456Z");

  private final RequestReader reader =
      new RequestReader(TestMarkets.MARKETS, InstantSource.fixed(NOW));

  @ParameterizedTest(name = "{0} -> {2} {1}")
  @MethodSource("refusals")
  void refusesWithTheFieldAndTheRule(
      String what, String field, Reason reason, Consumer<PlaceOrderRequest.Builder> change) {
    PlaceOrderRequest.Builder request = good();
    change.accept(request);

    assertThatThrownBy(() -> reader.toPlaceOrder("alice", request.build()))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> {
              assertThat(refused.refusal().reason()).isEqualTo(reason);
              assertThat(refused.refusal().field()).isEqualTo(field);
              assertThat(refused.refusal().message()).endsWith(".");
            });
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        row("no market", "market", Reason.FIELD_REQUIRED, r -> r.setMarket("")),
        row("unknown market", "market", Reason.UNKNOWN_MARKET, r -> r.setMarket("BTC-EUR")),
        row("no id", "client_order_id", Reason.FIELD_REQUIRED, r -> r.setClientOrderId("")),
        row(
            "id of 65",
            "client_order_id",
            Reason.INVALID_ID,
            r -> r.setClientOrderId("x".repeat(65))),
        row("id with blank", "client_order_id", Reason.INVALID_ID, r -> r.setClientOrderId("a b")),
        row(
            "id with control",
            "client_order_id",
            Reason.INVALID_ID,
            r -> r.setClientOrderId("a\u0000")),
        row("id not ascii", "client_order_id", Reason.INVALID_ID, r -> r.setClientOrderId("주문")),
        row("no type", "type", Reason.FIELD_REQUIRED, PlaceOrderRequest.Builder::clearLimit),
        row("no side", "limit.side", Reason.INVALID_ENUM, r -> limit(r).setSideValue(0)),
        row("unknown side", "limit.side", Reason.INVALID_ENUM, r -> limit(r).setSideValue(3)),
        row(
            "unknown time in force",
            "limit.time_in_force",
            Reason.INVALID_ENUM,
            r -> limit(r).setTimeInForceValue(5)),
        row(
            "unknown self-trade prevention",
            "self_trade_prevention",
            Reason.INVALID_ENUM,
            r -> r.setSelfTradePreventionValue(4)),
        row("no price", "limit.price", Reason.FIELD_REQUIRED, r -> limit(r).setPrice("")),
        row("zero price", "limit.price", Reason.NOT_POSITIVE, r -> limit(r).setPrice("0")),
        row("negative price", "limit.price", Reason.NOT_POSITIVE, r -> limit(r).setPrice("-1")),
        row("exponent", "limit.price", Reason.INVALID_DECIMAL, r -> limit(r).setPrice("1e3")),
        row("plus", "limit.price", Reason.INVALID_DECIMAL, r -> limit(r).setPrice("+1")),
        row("blank", "limit.price", Reason.INVALID_DECIMAL, r -> limit(r).setPrice(" 1")),
        row("leading zero", "limit.price", Reason.INVALID_DECIMAL, r -> limit(r).setPrice("01")),
        row("comma", "limit.price", Reason.INVALID_DECIMAL, r -> limit(r).setPrice("1,0")),
        row(
            "no digits after dot",
            "limit.price",
            Reason.INVALID_DECIMAL,
            r -> limit(r).setPrice("1.")),
        row(
            "price decimals",
            "limit.price",
            Reason.TOO_MANY_DECIMALS,
            r -> limit(r).setPrice("1.0000001")),
        row(
            "huge price",
            "limit.price",
            Reason.AMOUNT_OVERFLOW,
            r -> limit(r).setPrice("9999999999999999")),
        row("off tick", "limit.price", Reason.OFF_TICK, r -> limit(r).setPrice("50000.005")),
        row("no quantity", "limit.quantity", Reason.FIELD_REQUIRED, r -> limit(r).setQuantity("")),
        row(
            "zero quantity",
            "limit.quantity",
            Reason.NOT_POSITIVE,
            r -> limit(r).setQuantity("0.0")),
        row(
            "quantity decimals",
            "limit.quantity",
            Reason.TOO_MANY_DECIMALS,
            r -> limit(r).setQuantity("0.000000001")),
        row("off lot", "limit.quantity", Reason.OFF_LOT, r -> limit(r).setQuantity("0.00015")),
        row(
            "price x quantity",
            "limit.quantity",
            Reason.AMOUNT_OVERFLOW,
            r -> limit(r).setPrice("9000000000").setQuantity("90000000000")),
        row(
            "below minimum",
            "limit.quantity",
            Reason.BELOW_MIN_NOTIONAL,
            r -> limit(r).setPrice("49999.99").setQuantity("0.0001")),
        row("lot worth nothing", "limit.price", Reason.PRICE_TOO_SMALL, r -> pepe(r)),
        row("no amount", "market_buy.quote_amount", Reason.FIELD_REQUIRED, r -> buy(r, "")),
        row("zero amount", "market_buy.quote_amount", Reason.NOT_POSITIVE, r -> buy(r, "0")),
        row(
            "amount decimals",
            "market_buy.quote_amount",
            Reason.TOO_MANY_DECIMALS,
            r -> buy(r, "5.0000001")),
        row(
            "huge amount",
            "market_buy.quote_amount",
            Reason.AMOUNT_OVERFLOW,
            r -> buy(r, "9".repeat(19))),
        row(
            "amount below minimum",
            "market_buy.quote_amount",
            Reason.BELOW_MIN_NOTIONAL,
            r -> buy(r, "4.999999")),
        row("sell nothing", "market_sell.quantity", Reason.NOT_POSITIVE, r -> sell(r, "0")),
        row("sell no number", "market_sell.quantity", Reason.INVALID_DECIMAL, r -> sell(r, "NaN")),
        row("sell off lot", "market_sell.quantity", Reason.OFF_LOT, r -> sell(r, "0.00001")));
  }

  @Test
  void admitsALimitOrderWithFrozenRulesAndItsDeterministicId() {
    PlaceOrder place = reader.toPlaceOrder("alice", good().build());

    assertThat(place)
        .isEqualTo(
            new PlaceOrder(
                DeterministicId.orderId("alice", "BTC-USD", "c1"),
                "alice",
                "BTC-USD",
                "c1",
                1_795_348_800_123_456L,
                new OrderType.Limit(Side.BUY, 50_000_000_000L, 10_000, TimeInForce.GTC),
                MarketRules.of(TestMarkets.BTC_USD),
                SelfTrade.CANCEL_TAKER));
  }

  @Test
  void admitsExactlyTheMinimumAndSmallMarketSells() {
    PlaceOrderRequest.Builder request = good();

    buy(request, "5");
    assertThat(reader.toPlaceOrder("alice", request.build()).type())
        .isEqualTo(new OrderType.MarketBuy(5_000_000));
    sell(request, "0.0001");
    assertThat(reader.toPlaceOrder("alice", request.build()).type())
        .isEqualTo(new OrderType.MarketSell(10_000));
  }

  @Test
  void aReferenceNamesItsOwnFields() {
    assertThatThrownBy(() -> reader.toCancelOrder("alice", ClientOrderRef.getDefaultInstance()))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.refusal().field()).isEqualTo("client_order.market"));
    assertThatThrownBy(() ->
            reader.toCancelOrder("alice", ClientOrderRef.newBuilder().setMarket("BTC-USD").build()))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused ->
                assertThat(refused.refusal().field()).isEqualTo("client_order.client_order_id"));
  }

  private static PlaceOrderRequest.Builder good() {
    return PlaceOrderRequest.newBuilder()
        .setMarket("BTC-USD")
        .setClientOrderId("c1")
        .setLimit(LimitOrder.newBuilder().setSideValue(1).setPrice("50000").setQuantity("0.0001"));
  }

  private static LimitOrder.Builder limit(PlaceOrderRequest.Builder request) {
    return request.getLimitBuilder();
  }

  private static void pepe(PlaceOrderRequest.Builder request) {
    request.setMarket("PEPE-KRW").getLimitBuilder().setPrice("99").setQuantity("100");
  }

  private static void buy(PlaceOrderRequest.Builder request, String amount) {
    request.setMarketBuy(MarketBuyOrder.newBuilder().setQuoteAmount(amount));
  }

  private static void sell(PlaceOrderRequest.Builder request, String quantity) {
    request.setMarketSell(MarketSellOrder.newBuilder().setQuantity(quantity));
  }

  private static Arguments row(
      String what, String field, Reason reason, Consumer<PlaceOrderRequest.Builder> change) {
    return Arguments.of(what, field, reason, change);
  }
}
