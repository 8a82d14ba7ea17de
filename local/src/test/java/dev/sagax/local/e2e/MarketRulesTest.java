package dev.sagax.local.e2e;

import static dev.sagax.proto.market.v1.MarketState.MARKET_STATE_CANCEL_ONLY;
import static dev.sagax.proto.market.v1.MarketState.MARKET_STATE_HALTED;
import static dev.sagax.proto.market.v1.MarketState.MARKET_STATE_POST_ONLY;
import static dev.sagax.proto.market.v1.MarketState.MARKET_STATE_TRADING;
import static dev.sagax.proto.order.v1.Side.SIDE_BUY;
import static dev.sagax.proto.order.v1.TimeInForce.TIME_IN_FORCE_GTC;
import static dev.sagax.proto.order.v1.TimeInForce.TIME_IN_FORCE_POST_ONLY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.proto.market.v1.GetMarketStateRequest;
import dev.sagax.proto.market.v1.ListMarketsRequest;
import dev.sagax.proto.market.v1.Market;
import dev.sagax.proto.market.v1.MarketState;
import dev.sagax.proto.market.v1.MarketStatus;
import dev.sagax.proto.market.v1.SetMarketStateRequest;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import io.grpc.Status;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an operator says about a market: how far prices may go, what it takes, who pays what. */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MarketRulesTest {
  private TestExchange exchange;
  private Stores stores;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
    stores = new Stores(exchange.infrastructure());
  }

  @AfterAll
  void close() {
    stores.close();
    exchange.assertConserved();
  }

  private Trader buyer(String usd) {
    return exchange.trader("buyer").deposit("USD", usd);
  }

  private Trader seller(String btc) {
    return exchange.trader("seller").deposit("BTC", btc);
  }

  private Market listed(String market) {
    return buyer("1")
        .markets()
        .listMarkets(ListMarketsRequest.getDefaultInstance())
        .getMarketsList()
        .stream()
        .filter(each -> each.getName().equals(market))
        .findFirst()
        .orElseThrow();
  }

  // ---- the price band

  @Test
  void priceBandLiesAroundTheLastTradeAlsoAfterTheBooksAreLoadedAgain() {
    String market = exchange.bandedMarket();
    Trader seller = seller("2");
    Trader buyer = buyer("1000");
    seller.sell(market, "0.5", "100");
    buyer.buy(market, "0.1", "100");
    stores.fence("matching", "match-svc", TestMarkets.partition(market));

    Order tooDear = buyer.buy(market, "0.1", "110.01");
    Order tooCheap = buyer.buy(market, "0.1", "89.99");
    Order lowest = buyer.buy(market, "0.1", "90");

    assertThat(listed(market).getBandBps()).isEqualTo(1_000);
    assertThat(Tape.of(tooDear)).isEqualTo("EXPIRED PRICE_OUT_OF_BAND 0 for 0, fee 0 BTC, left 0");
    assertThat(Tape.of(tooCheap)).isEqualTo("EXPIRED PRICE_OUT_OF_BAND 0 for 0, fee 0 BTC, left 0");
    assertThat(Tape.of(lowest)).isEqualTo("OPEN 0 for 0, fee 0 BTC, left 0.1");
    buyer.has("USD", "981", "9");
  }

  @Test
  void marketOrderStopsAtTheBandAndGetsTheRestBack() {
    String market = exchange.bandedMarket();
    Trader seller = seller("2");
    Trader buyer = buyer("1000");
    seller.sell(market, "0.1", "100");
    seller.sell(market, "0.1", "109");
    seller.sell(market, "0.1", "120");
    buyer.buy(market, "0.05", "100");

    Order order = buyer.marketBuy(market, "100");

    assertThat(Tape.of(order))
        .isEqualTo("EXPIRED PRICE_OUT_OF_BAND 0.15 for 15.9, fee 0.0003 BTC, left 0");
    buyer.has("USD", "979.1", "0");
  }

  // ---- fees

  @Test
  void accountWithFeesOfItsOwnPaysThemInItsMarketOnly() {
    String market = TestMarkets.banded(0);
    String elsewhere = exchange.bandedMarket();
    Trader own =
        new Trader(exchange, TestMarkets.ACCOUNT_WITH_OWN_FEES)
            .deposit("BTC", "2")
            .deposit("USD", "100");
    Trader other = buyer("1000").deposit("BTC", "1");
    Order resting = own.sell(market, "0.1", "100");
    other.buy(market, "0.1", "100");
    other.sell(market, "0.1", "100");

    Order taking = own.buy(market, "0.1", "100");

    assertThat(Tape.of(own.get(resting))).isEqualTo("FILLED 0.1 for 10, fee 0.003 USD, left 0");
    assertThat(Tape.of(taking)).isEqualTo("FILLED 0.1 for 10, fee 0.00005 BTC, left 0");
    Order usual = own.sell(elsewhere, "0.1", "100");
    other.buy(elsewhere, "0.1", "100");
    assertThat(Tape.of(own.get(usual))).isEqualTo("FILLED 0.1 for 10, fee 0.01 USD, left 0");
  }

  // ---- states

  private MarketStatus set(String market, MarketState state, String reason) {
    return exchange
        .marketAdmin()
        .setMarketState(
            SetMarketStateRequest.newBuilder()
                .setMarket(market)
                .setState(state)
                .setReason(reason)
                .build())
        .getStatus();
  }

  private MarketStatus get(String market) {
    return exchange
        .marketAdmin()
        .getMarketState(GetMarketStateRequest.newBuilder().setMarket(market).build())
        .getStatus();
  }

  /** Refused before it is recorded, or recorded and rejected: it depends on who heard first. */
  private static String refusalOf(Trader trader, PlaceOrderRequest.Builder request) {
    try {
      Order order = trader.place(request);
      return order.getReason().name().replace("ORDER_REASON_", "");
    } catch (io.grpc.StatusRuntimeException e) {
      Refused refused = Refused.of(e);
      assertThat(refused.code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
      return refused.reason();
    }
  }

  @Test
  void stateSaysWhatAMarketTakesAndCancelsAreAlwaysTaken() {
    String market = exchange.market();
    Trader buyer = buyer("1000");
    PlaceOrderRequest.Builder placed =
        buyer.order(market).setLimit(Trader.limit(SIDE_BUY, "0.1", "100", TIME_IN_FORCE_GTC));
    Order resting = buyer.place(placed);
    assertThat(get(market).getState()).isEqualTo(MARKET_STATE_TRADING);
    assertThat(get(market).hasSetTime()).isFalse();

    MarketStatus halted = set(market, MARKET_STATE_HALTED, "the feed is stale");

    assertThat(halted.getState()).isEqualTo(MARKET_STATE_HALTED);
    assertThat(halted.getReason()).isEqualTo("the feed is stale");
    assertThat(halted.getSetBy()).isEqualTo("operator");
    assertThat(set(market, MARKET_STATE_HALTED, "the feed is stale")).isEqualTo(halted);
    assertThat(get(market)).isEqualTo(halted);
    Eventually.passes(() -> assertThat(listed(market).getState()).isEqualTo(MARKET_STATE_HALTED));
    stores.fence("orders", "order-svc", TestMarkets.partition(market));
    assertThat(refusalOf(buyer, limit(buyer, market))).isEqualTo("MARKET_HALTED");
    assertThat(refusalOf(buyer, buyer.order(market).setMarketBuy(marketBuy())))
        .isEqualTo("MARKET_HALTED");
    assertThat(buyer.place(placed)).isEqualTo(resting);
    assertThat(Tape.of(buyer.cancel(resting))).startsWith("CANCELLED CANCELLED_BY_OWNER");

    set(market, MARKET_STATE_CANCEL_ONLY, "closing");
    Eventually.passes(
        () -> assertThat(refusalOf(buyer, limit(buyer, market))).isEqualTo("MARKET_CANCEL_ONLY"));

    set(market, MARKET_STATE_POST_ONLY, "opening");
    Eventually.passes(
        () -> assertThat(refusalOf(buyer, limit(buyer, market))).isEqualTo("MARKET_POST_ONLY"));
    Order post = buyer.limit(market, SIDE_BUY, "0.1", "99", TIME_IN_FORCE_POST_ONLY);
    assertThat(Tape.of(post)).isEqualTo("OPEN 0 for 0, fee 0 BTC, left 0.1");

    set(market, MARKET_STATE_TRADING, "open");
    Eventually.passes(
        () -> assertThat(refusalOf(buyer, limit(buyer, market))).isEqualTo("UNSPECIFIED"));
    assertThat(listed(market).getState()).isEqualTo(MARKET_STATE_TRADING);
  }

  private static PlaceOrderRequest.Builder limit(Trader trader, String market) {
    return trader.order(market).setLimit(Trader.limit(SIDE_BUY, "0.1", "98", TIME_IN_FORCE_GTC));
  }

  private static dev.sagax.proto.order.v1.MarketBuyOrder marketBuy() {
    return dev.sagax.proto.order.v1.MarketBuyOrder.newBuilder().setQuoteAmount("5").build();
  }
}
