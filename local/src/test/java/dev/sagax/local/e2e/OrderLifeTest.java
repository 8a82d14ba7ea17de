package dev.sagax.local.e2e;

import static dev.sagax.proto.order.v1.Side.SIDE_BUY;
import static dev.sagax.proto.order.v1.Side.SIDE_SELL;
import static dev.sagax.proto.order.v1.TimeInForce.TIME_IN_FORCE_FOK;
import static dev.sagax.proto.order.v1.TimeInForce.TIME_IN_FORCE_GTC;
import static dev.sagax.proto.order.v1.TimeInForce.TIME_IN_FORCE_IOC;
import static dev.sagax.proto.order.v1.TimeInForce.TIME_IN_FORCE_POST_ONLY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.proto.market.v1.Trade;
import dev.sagax.proto.order.v1.AmendOrderResponse;
import dev.sagax.proto.order.v1.AmendResult;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.SelfTradePrevention;
import dev.sagax.proto.order.v1.TimeInForce;
import dev.sagax.proto.order.v1.Wait;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What becomes of every kind of order, to the last unit. Coarse markets take 10 basis points of the
 * maker and 20 of the taker, fine ones 7 and 13, always of what a side receives and rounded up.
 */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OrderLifeTest {
  private TestExchange exchange;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
  }

  @AfterAll
  void everyAssetIsConserved() {
    exchange.assertConserved();
  }

  private Trader buyer(String usd) {
    return exchange.trader("buyer").deposit("USD", usd);
  }

  private Trader seller(String btc) {
    return exchange.trader("seller").deposit("BTC", btc);
  }

  // ---- limit orders

  @Test
  void limitBuyTradesAtTheBetterPriceOfTheMaker() {
    String market = exchange.market();
    Trader maker = seller("1");
    Trader taker = buyer("1000");
    Order resting = maker.sell(market, "0.5", "100");

    Order order = taker.buy(market, "0.5", "110");

    assertThat(Tape.of(order)).isEqualTo("FILLED 0.5 for 50, fee 0.001 BTC, left 0");
    assertThat(order.getAveragePrice()).isEqualTo("100");
    taker.has("USD", "950", "0");
    taker.has("BTC", "0.499", "0");
    assertThat(Tape.of(maker.get(resting))).isEqualTo("FILLED 0.5 for 50, fee 0.05 USD, left 0");
    maker.has("USD", "49.95", "0");
    maker.has("BTC", "0.5", "0");
    Eventually.passes(
        () -> assertThat(Tape.trades(taker, market)).containsExactly("BUY 0.5 @ 100 for 50"));
    assertThat(Tape.book(taker, market)).isEqualTo("|");
  }

  @Test
  void limitSellTradesAtTheBetterPriceOfTheMaker() {
    String market = exchange.market();
    Trader maker = buyer("1000");
    Trader taker = seller("1");
    Order resting = maker.buy(market, "0.5", "100");
    maker.has("USD", "950", "50");

    Order order = taker.sell(market, "0.5", "90");

    assertThat(Tape.of(order)).isEqualTo("FILLED 0.5 for 50, fee 0.1 USD, left 0");
    taker.has("USD", "49.9", "0");
    taker.has("BTC", "0.5", "0");
    assertThat(Tape.of(maker.get(resting))).isEqualTo("FILLED 0.5 for 50, fee 0.0005 BTC, left 0");
    maker.has("USD", "950", "0");
    maker.has("BTC", "0.4995", "0");
  }

  @Test
  void partlyFilledOrderRestsWithTheRemainderAndReturnsTheRestOfItsHoldWhenItCloses() {
    String market = exchange.market();
    Trader seller = seller("2");
    Trader buyer = buyer("1000");
    seller.sell(market, "0.3", "100");

    Order order = buyer.buy(market, "1", "101");

    assertThat(Tape.of(order)).isEqualTo("PARTIALLY_FILLED 0.3 for 30, fee 0.0006 BTC, left 0.7");
    buyer.has("USD", "899", "71");
    buyer.has("BTC", "0.2994", "0");
    assertThat(Tape.book(buyer, market)).isEqualTo("101x0.7(1)|");

    Order second = seller.sell(market, "0.7", "101");

    assertThat(Tape.of(second)).isEqualTo("FILLED 0.7 for 70.7, fee 0.1414 USD, left 0");
    assertThat(Tape.of(buyer.get(order))).isEqualTo("FILLED 1 for 100.7, fee 0.0013 BTC, left 0");
    buyer.has("USD", "899.3", "0");
    buyer.has("BTC", "0.9987", "0");
    seller.has("USD", "100.5286", "0");
    seller.has("BTC", "1", "0");
  }

  @Test
  void takerSweepsBestPriceFirstAndOldestFirstWithinAPrice() {
    String market = exchange.market();
    Trader far = seller("1");
    Trader first = seller("1");
    Trader second = seller("1");
    Order atFar = far.sell(market, "0.1", "101");
    Order oldest = first.sell(market, "0.1", "100");
    Order younger = second.sell(market, "0.1", "100");
    assertThat(Tape.book(far, market)).isEqualTo("|100x0.2(2) 101x0.1(1)");
    Trader taker = buyer("1000");

    Order order = taker.buy(market, "0.25", "102");

    assertThat(Tape.of(order)).isEqualTo("FILLED 0.25 for 25.05, fee 0.0005 BTC, left 0");
    assertThat(order.getAveragePrice()).isEqualTo("100.2");
    Eventually.passes(() ->
        assertThat(Tape.trades(taker, market))
            .containsExactly(
                "BUY 0.1 @ 100 for 10", "BUY 0.1 @ 100 for 10", "BUY 0.05 @ 101 for 5.05"));
    assertThat(Tape.book(taker, market)).isEqualTo("|101x0.05(1)");
    assertThat(makers(first, market)).containsExactly("", "", oldest.getOrderId());
    assertThat(makers(second, market)).containsExactly("", younger.getOrderId(), "");
    assertThat(makers(far, market)).containsExactly(atFar.getOrderId(), "", "");
    assertThat(Tape.rawTrades(taker, market))
        .extracting(Trade::getTakerOrderId)
        .containsOnly(order.getOrderId());
  }

  /** The makers of all trades that the viewer may see, newest first. */
  private static List<String> makers(Trader viewer, String market) {
    return Tape.rawTrades(viewer, market).stream().map(Trade::getMakerOrderId).toList();
  }

  @Test
  void oneInstructionMeetsAtMostFiveHundredMakers() {
    String market = exchange.market();
    Trader maker = seller("10");
    atOnce(501, n -> maker.sell(market, "0.01", "100"));
    Trader taker = buyer("1000");

    Order order = taker.buy(market, "5.01", "100");

    assertThat(Tape.of(order)).isEqualTo("EXPIRED SWEEP_LIMIT 5 for 500, fee 0.01 BTC, left 0");
    taker.has("USD", "500", "0");
    taker.has("BTC", "4.99", "0");
    maker.has("BTC", "4.99", "0.01");
    maker.has("USD", "499.5", "0");
    assertThat(Tape.book(taker, market)).isEqualTo("|100x0.01(1)");
  }

  @Test
  void everyRoundingGoesToTheLastUnit() {
    String market = exchange.fineMarket();
    Trader maker = seller("1");
    Trader taker = buyer("200");
    Order resting = maker.sell(market, "0.33333333", "333.333333");

    Order order = taker.buy(market, "0.33333333", "333.333333");

    // 111.1111098... USD: paid 111.111109; fees are rounded up: 43,333.3 and 77,777.8 units
    assertThat(Tape.of(order))
        .isEqualTo("FILLED 0.33333333 for 111.111109, fee 0.00043334 BTC, left 0");
    assertThat(order.getAveragePrice()).isEqualTo("333.33333");
    taker.has("USD", "88.888891", "0");
    taker.has("BTC", "0.33289999", "0");
    assertThat(Tape.of(maker.get(resting)))
        .isEqualTo("FILLED 0.33333333 for 111.111109, fee 0.077778 USD, left 0");
    maker.has("USD", "111.033331", "0");
    maker.has("BTC", "0.66666667", "0");
  }

  @Test
  void holdIsRoundedUpAndTheUnitTooMuchComesBack() {
    String market = exchange.fineMarket();
    Trader maker = buyer("200");
    Trader taker = seller("1");

    Order resting = maker.buy(market, "0.33333333", "333.333333");

    maker.has("USD", "88.88889", "111.11111");

    Order order = taker.sell(market, "0.33333333", "333.333333");

    assertThat(Tape.of(order))
        .isEqualTo("FILLED 0.33333333 for 111.111109, fee 0.144445 USD, left 0");
    taker.has("USD", "110.966664", "0");
    assertThat(Tape.of(maker.get(resting)))
        .isEqualTo("FILLED 0.33333333 for 111.111109, fee 0.00023334 BTC, left 0");
    maker.has("USD", "88.888891", "0");
    maker.has("BTC", "0.33309999", "0");
  }

  @Test
  void feeOfTheSmallestTradeTakesAllOfItButNeverMore() {
    String market = exchange.fineMarket();
    Trader maker = seller("1");
    Trader taker = buyer("1");
    Order resting = maker.sell(market, "0.00000001", "100");

    Order order = taker.buy(market, "0.00000001", "100");

    assertThat(Tape.of(order))
        .isEqualTo("FILLED 0.00000001 for 0.000001, fee 0.00000001 BTC, left 0");
    assertThat(Tape.of(maker.get(resting)))
        .isEqualTo("FILLED 0.00000001 for 0.000001, fee 0.000001 USD, left 0");
    taker.has("USD", "0.999999", "0");
    taker.has("BTC", "0", "0");
    maker.has("USD", "0", "0");
    maker.has("BTC", "0.99999999", "0");
  }

  @Test
  void restingOrdersHoldTheirFundsOnBothSides() {
    String market = exchange.market();
    Trader buyer = buyer("100");
    Trader seller = seller("1");

    Order bid = buyer.buy(market, "0.5", "99.99");
    Order ask = seller.sell(market, "0.4", "100.01");

    assertThat(Tape.of(bid)).isEqualTo("OPEN 0 for 0, fee 0 BTC, left 0.5");
    assertThat(bid.getAveragePrice()).isEmpty();
    assertThat(Tape.of(ask)).isEqualTo("OPEN 0 for 0, fee 0 USD, left 0.4");
    buyer.has("USD", "50.005", "49.995");
    seller.has("BTC", "0.6", "0.4");
    assertThat(Tape.book(buyer, market)).isEqualTo("99.99x0.5(1)|100.01x0.4(1)");
  }

  @Test
  void immediateOrCancelKeepsItsFillsAndExpiresWithTheRest() {
    String market = exchange.market();
    Trader seller = seller("1");
    Trader buyer = buyer("1000");
    seller.sell(market, "0.3", "100");

    Order partly = buyer.limit(market, SIDE_BUY, "1", "100", TIME_IN_FORCE_IOC);
    Order nothing = buyer.limit(market, SIDE_BUY, "1", "100", TIME_IN_FORCE_IOC);

    assertThat(Tape.of(partly))
        .isEqualTo("EXPIRED IMMEDIATE_OR_CANCEL 0.3 for 30, fee 0.0006 BTC, left 0");
    assertThat(Tape.of(nothing))
        .isEqualTo("EXPIRED IMMEDIATE_OR_CANCEL 0 for 0, fee 0 BTC, left 0");
    buyer.has("USD", "970", "0");
    assertThat(Tape.book(buyer, market)).isEqualTo("|");
  }

  @Test
  void immediateOrCancelSellIsFilledWhereTheBookIsDeepEnough() {
    String market = exchange.market();
    Trader buyer = buyer("1000");
    Trader seller = seller("1");
    buyer.buy(market, "1", "100");

    Order filled = seller.limit(market, SIDE_SELL, "0.4", "99", TIME_IN_FORCE_IOC);
    Order tooDear = seller.limit(market, SIDE_SELL, "0.4", "100.01", TIME_IN_FORCE_IOC);

    assertThat(Tape.of(filled)).isEqualTo("FILLED 0.4 for 40, fee 0.08 USD, left 0");
    assertThat(Tape.of(tooDear))
        .isEqualTo("EXPIRED IMMEDIATE_OR_CANCEL 0 for 0, fee 0 USD, left 0");
    seller.has("BTC", "0.6", "0");
    assertThat(Tape.book(buyer, market)).isEqualTo("100x0.6(1)|");
  }

  @Test
  void postOnlyRestsOrExpiresButNeverTakes() {
    String market = exchange.market();
    Trader buyer = buyer("1000");
    Trader seller = seller("1");

    Order bid = buyer.limit(market, SIDE_BUY, "0.5", "99", TIME_IN_FORCE_POST_ONLY);
    Order crossingAsk = seller.limit(market, SIDE_SELL, "0.5", "99", TIME_IN_FORCE_POST_ONLY);
    Order ask = seller.limit(market, SIDE_SELL, "0.5", "99.01", TIME_IN_FORCE_POST_ONLY);
    Order crossingBid = buyer.limit(market, SIDE_BUY, "0.5", "100", TIME_IN_FORCE_POST_ONLY);

    assertThat(Tape.of(bid)).isEqualTo("OPEN 0 for 0, fee 0 BTC, left 0.5");
    assertThat(Tape.of(ask)).isEqualTo("OPEN 0 for 0, fee 0 USD, left 0.5");
    assertThat(Tape.of(crossingAsk)).isEqualTo("EXPIRED WOULD_CROSS 0 for 0, fee 0 USD, left 0");
    assertThat(Tape.of(crossingBid)).isEqualTo("EXPIRED WOULD_CROSS 0 for 0, fee 0 BTC, left 0");
    buyer.has("USD", "950.5", "49.5");
    seller.has("BTC", "0.5", "0.5");
    assertThat(Tape.trades(buyer, market)).isEmpty();
  }

  @Test
  void accountDoesNotTradeWithItself() {
    String market = exchange.market();
    Trader both = exchange.trader("both").deposit("USD", "1000").deposit("BTC", "1");
    Order ask = both.sell(market, "0.5", "100");

    Order bid = both.buy(market, "0.5", "100");

    assertThat(Tape.of(bid)).isEqualTo("EXPIRED SELF_TRADE 0 for 0, fee 0 BTC, left 0");
    assertThat(Tape.of(both.get(ask))).isEqualTo("OPEN 0 for 0, fee 0 USD, left 0.5");
    both.has("USD", "1000", "0");
    both.has("BTC", "0.5", "0.5");
  }

  @Test
  void fillOrKillFillsWhollyOrExpiresWithoutAFill() {
    String market = exchange.market();
    Trader seller = seller("1");
    Trader buyer = buyer("1000");
    Order resting = seller.sell(market, "0.3", "100");

    Order killed = buyer.limit(market, SIDE_BUY, "0.3001", "100", TIME_IN_FORCE_FOK);
    Order filled = buyer.limit(market, SIDE_BUY, "0.2", "101", TIME_IN_FORCE_FOK);

    assertThat(Tape.of(killed)).isEqualTo("EXPIRED FILL_OR_KILL 0 for 0, fee 0 BTC, left 0");
    assertThat(Tape.of(filled)).isEqualTo("FILLED 0.2 for 20, fee 0.0004 BTC, left 0");
    assertThat(buyer.get(filled).getLimit().getTimeInForce()).isEqualTo(TIME_IN_FORCE_FOK);
    buyer.has("USD", "980", "0");
    assertThat(Tape.of(seller.get(resting)))
        .isEqualTo("PARTIALLY_FILLED 0.2 for 20, fee 0.02 USD, left 0.1");
  }

  /**
   * Another's 0.1 rests in front of the account's own 0.2, and 0.5 arrive (50 USD for a market
   * buy). An order that goes on finds nobody behind its own.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # mode       | taker       | the taker ends                              | prevented | the maker ends       | prevented
          UNSPECIFIED  | GTC         | EXPIRED SELF_TRADE 0.1                      | 0.4       | OPEN                 | 0
          CANCEL_TAKER | GTC         | EXPIRED SELF_TRADE 0.1                      | 0.4       | OPEN                 | 0
          CANCEL_MAKER | GTC         | PARTIALLY_FILLED 0.1                        | 0         | CANCELLED SELF_TRADE | 0.2
          CANCEL_BOTH  | GTC         | EXPIRED SELF_TRADE 0.1                      | 0.4       | CANCELLED SELF_TRADE | 0.2
          CANCEL_TAKER | IOC         | EXPIRED SELF_TRADE 0.1                      | 0.4       | OPEN                 | 0
          CANCEL_MAKER | IOC         | EXPIRED IMMEDIATE_OR_CANCEL 0.1             | 0         | CANCELLED SELF_TRADE | 0.2
          CANCEL_BOTH  | IOC         | EXPIRED SELF_TRADE 0.1                      | 0.4       | CANCELLED SELF_TRADE | 0.2
          CANCEL_TAKER | FOK         | EXPIRED FILL_OR_KILL 0                      | 0         | OPEN                 | 0
          CANCEL_MAKER | FOK         | EXPIRED FILL_OR_KILL 0                      | 0         | OPEN                 | 0
          CANCEL_BOTH  | FOK         | EXPIRED FILL_OR_KILL 0                      | 0         | OPEN                 | 0
          CANCEL_TAKER | MARKET_BUY  | EXPIRED SELF_TRADE 0.1                      | 40        | OPEN                 | 0
          CANCEL_MAKER | MARKET_BUY  | EXPIRED INSUFFICIENT_LIQUIDITY 0.1          | 0         | CANCELLED SELF_TRADE | 0.2
          CANCEL_BOTH  | MARKET_BUY  | EXPIRED SELF_TRADE 0.1                      | 40        | CANCELLED SELF_TRADE | 0.2
          CANCEL_TAKER | MARKET_SELL | EXPIRED SELF_TRADE 0.1                      | 0.4       | OPEN                 | 0
          CANCEL_MAKER | MARKET_SELL | EXPIRED INSUFFICIENT_LIQUIDITY 0.1          | 0         | CANCELLED SELF_TRADE | 0.2
          CANCEL_BOTH  | MARKET_SELL | EXPIRED SELF_TRADE 0.1                      | 0.4       | CANCELLED SELF_TRADE | 0.2
          """)
  void selfTradeIsPreventedAsTheTakerAsks(
      String mode,
      String taker,
      String takerEnds,
      String takerPrevented,
      String makerEnds,
      String makerPrevented) {
    String market = exchange.fineMarket();
    boolean sells = taker.equals("MARKET_SELL");
    Trader other = exchange.trader("other").deposit("USD", "10").deposit("BTC", "0.1");
    Trader own = exchange.trader("own").deposit("USD", "100").deposit("BTC", "1");
    other.limit(market, sells ? SIDE_BUY : SIDE_SELL, "0.1", "100", TIME_IN_FORCE_GTC);
    Order maker = own.limit(market, sells ? SIDE_BUY : SIDE_SELL, "0.2", "100", TIME_IN_FORCE_GTC);
    PlaceOrderRequest.Builder request =
        own.order(market)
            .setSelfTradePrevention(SelfTradePrevention.valueOf("SELF_TRADE_PREVENTION_" + mode));
    switch (taker) {
      case "MARKET_BUY" -> request.getMarketBuyBuilder().setQuoteAmount("50");
      case "MARKET_SELL" -> request.getMarketSellBuilder().setQuantity("0.5");
      default ->
          request.setLimit(
              Trader.limit(SIDE_BUY, "0.5", "100", TimeInForce.valueOf("TIME_IN_FORCE_" + taker)));
    }

    Order order = own.place(request);

    assertThat(Tape.of(order)).startsWith(takerEnds + " for ");
    assertThat(order.getPreventedQuantity()).isEqualTo(takerPrevented);
    Order met = own.get(maker);
    assertThat(Tape.of(met)).startsWith(makerEnds + " 0 for ");
    assertThat(met.getPreventedQuantity()).isEqualTo(makerPrevented);
    own.cancel(order);
    own.cancel(maker);
    own.hasNothingHeld();
  }

  // ---- market orders

  @Test
  void marketBuySpendsItsAmountInWholeLotsAndReturnsTheRest() {
    String market = exchange.market();
    Trader seller = seller("1");
    seller.sell(market, "0.01", "100");
    seller.sell(market, "0.9", "200");
    Trader buyer = buyer("10");

    Order order = buyer.marketBuy(market, "2.505");

    // 0.01 at 100, then 1.505 USD buy 75 lots of 0.0001 at 200; 0.005 USD buy no further lot
    assertThat(Tape.of(order)).isEqualTo("FILLED 0.0175 for 2.5, fee 0.000035 BTC, left 0");
    assertThat(order.getAveragePrice()).isEqualTo("142.857142");
    buyer.has("USD", "7.5", "0");
    buyer.has("BTC", "0.017465", "0");
  }

  @Test
  void marketBuyThatEmptiesTheBookKeepsItsFills() {
    String market = exchange.market();
    Trader seller = seller("1");
    seller.sell(market, "0.01", "100");
    Trader buyer = buyer("10");

    Order order = buyer.marketBuy(market, "5");

    assertThat(Tape.of(order))
        .isEqualTo("EXPIRED INSUFFICIENT_LIQUIDITY 0.01 for 1, fee 0.00002 BTC, left 0");
    buyer.has("USD", "9", "0");
    buyer.has("BTC", "0.00998", "0");
  }

  @Test
  void marketOrdersOnAnEmptyBookExpireWithoutAFill() {
    String market = exchange.market();
    Trader buyer = buyer("10");
    Trader seller = seller("1");

    Order buy = buyer.marketBuy(market, "5");
    Order sell = seller.marketSell(market, "0.5");

    assertThat(Tape.of(buy)).isEqualTo("EXPIRED INSUFFICIENT_LIQUIDITY 0 for 0, fee 0 BTC, left 0");
    assertThat(buy.getAveragePrice()).isEmpty();
    assertThat(Tape.of(sell))
        .isEqualTo("EXPIRED INSUFFICIENT_LIQUIDITY 0 for 0, fee 0 USD, left 0");
    buyer.has("USD", "10", "0");
    seller.has("BTC", "1", "0");
  }

  @Test
  void marketBuyThatPaysForNoLotExpires() {
    String market = exchange.market();
    Trader seller = seller("1");
    seller.sell(market, "1", "20000");
    Trader buyer = buyer("10");

    Order order = buyer.marketBuy(market, "1.999999");

    assertThat(Tape.of(order)).isEqualTo("EXPIRED BUDGET_BELOW_ONE_LOT 0 for 0, fee 0 BTC, left 0");
    buyer.has("USD", "10", "0");
  }

  @Test
  void marketSellTakesTheBestBidsFirst() {
    String market = exchange.market();
    Trader low = buyer("100");
    Trader high = buyer("100");
    low.buy(market, "0.5", "99");
    high.buy(market, "0.5", "100");
    Trader seller = seller("2");

    Order filled = seller.marketSell(market, "0.7");
    Order tooMuch = seller.marketSell(market, "0.5");

    assertThat(Tape.of(filled)).isEqualTo("FILLED 0.7 for 69.8, fee 0.1396 USD, left 0");
    assertThat(Tape.of(tooMuch))
        .isEqualTo("EXPIRED INSUFFICIENT_LIQUIDITY 0.3 for 29.7, fee 0.0594 USD, left 0");
    seller.has("USD", "99.301", "0");
    seller.has("BTC", "1", "0");
    high.has("BTC", "0.4995", "0");
    low.has("USD", "50.5", "0");
  }

  // ---- refusals after the order is recorded

  @Test
  void orderThatTheBalanceDoesNotCoverIsRejected() {
    String market = exchange.market();
    Trader buyer = buyer("49.99");
    Trader seller = seller("0.4999");

    Order bid = buyer.buy(market, "0.5", "99.99");
    Order ask = seller.sell(market, "0.5", "100");
    Order marketBuy = buyer.marketBuy(market, "49.990001");
    Order marketSell = seller.marketSell(market, "0.5");

    assertThat(List.of(bid, ask, marketBuy, marketSell))
        .extracting(Tape::of)
        .containsExactly(
            "REJECTED INSUFFICIENT_FUNDS 0 for 0, fee 0 BTC, left 0",
            "REJECTED INSUFFICIENT_FUNDS 0 for 0, fee 0 USD, left 0",
            "REJECTED INSUFFICIENT_FUNDS 0 for 0, fee 0 BTC, left 0",
            "REJECTED INSUFFICIENT_FUNDS 0 for 0, fee 0 USD, left 0");
    buyer.has("USD", "49.99", "0");
    seller.has("BTC", "0.4999", "0");
    assertThat(Tape.book(buyer, market)).isEqualTo("|");
  }

  @Test
  void secondOrderIsRejectedWhenTheFirstHoldsTheFunds() {
    String market = exchange.market();
    Trader buyer = buyer("100");

    Order first = buyer.buy(market, "1", "60");
    Order second = buyer.buy(market, "1", "60");
    buyer.cancel(first);
    Order third = buyer.buy(market, "1", "100");

    assertThat(second.getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_REJECTED);
    assertThat(Tape.of(third)).isEqualTo("OPEN 0 for 0, fee 0 BTC, left 1");
    buyer.has("USD", "0", "100");
  }

  // ---- cancels

  @Test
  void cancelReleasesTheHold() {
    String market = exchange.market();
    Trader buyer = buyer("100");
    Trader seller = seller("1");
    Order bid = buyer.buy(market, "0.5", "99.99");
    Order ask = seller.sell(market, "0.4", "100.01");

    Order byId = buyer.cancel(bid);
    Order byClientId = seller.cancel(market, ask.getClientOrderId());

    assertThat(Tape.of(byId)).isEqualTo("CANCELLED CANCELLED_BY_OWNER 0 for 0, fee 0 BTC, left 0");
    assertThat(byId.getOrderId()).isEqualTo(bid.getOrderId());
    assertThat(Tape.of(byClientId))
        .isEqualTo("CANCELLED CANCELLED_BY_OWNER 0 for 0, fee 0 USD, left 0");
    assertThat(byClientId.getOrderId()).isEqualTo(ask.getOrderId());
    buyer.has("USD", "100", "0");
    seller.has("BTC", "1", "0");
    assertThat(Tape.book(buyer, market)).isEqualTo("|");
  }

  @Test
  void cancelOfAPartlyFilledOrderKeepsItsFills() {
    String market = exchange.market();
    Trader seller = seller("1");
    Trader buyer = buyer("1000");
    Order bid = buyer.buy(market, "1", "101");
    seller.sell(market, "0.3", "100");

    Order cancelled = buyer.cancel(bid);

    assertThat(Tape.of(cancelled))
        .isEqualTo("CANCELLED CANCELLED_BY_OWNER 0.3 for 30.3, fee 0.0003 BTC, left 0");
    buyer.has("USD", "969.7", "0");
    buyer.has("BTC", "0.2997", "0");
  }

  @Test
  void cancelOfAClosedOrderChangesNothingAndAnswersWithIt() {
    String market = exchange.market();
    Trader seller = seller("1");
    Trader buyer = buyer("1000");
    Order ask = seller.sell(market, "0.3", "100");
    buyer.buy(market, "0.3", "100");
    Order filled = seller.get(ask);

    Order cancelled = seller.cancel(ask);

    assertThat(Tape.of(cancelled)).isEqualTo("FILLED 0.3 for 30, fee 0.03 USD, left 0");
    assertThat(cancelled).isEqualTo(filled);
    assertThat(seller.get(ask)).isEqualTo(filled);
  }

  @Test
  void cancelAndFillThatRaceEndInExactlyOneOfTheTwo() {
    int rounds = 15;
    String market = exchange.market();
    Trader maker = seller("15");
    Trader taker = buyer("1500");
    List<Order> asks = new ArrayList<>();

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < rounds; round++) {
        Order ask = maker.sell(market, "1", "100");
        asks.add(ask);
        var bid =
            CompletableFuture.supplyAsync(
                () -> taker.limit(market, SIDE_BUY, "1", "100", TIME_IN_FORCE_IOC), threads);
        var cancel = CompletableFuture.supplyAsync(() -> maker.cancel(ask), threads);
        assertThat(cancel.join().getStatus())
            .isEqualTo(
                bid.join().getStatus() == OrderStatus.ORDER_STATUS_FILLED
                    ? OrderStatus.ORDER_STATUS_FILLED
                    : OrderStatus.ORDER_STATUS_CANCELLED);
      }
    }

    long filled =
        asks.stream()
            .map(maker::get)
            .filter(ask -> ask.getStatus() == OrderStatus.ORDER_STATUS_FILLED)
            .count();
    taker.has("USD", Long.toString(1_500 - 100 * filled), "0");
    maker.has("BTC", Long.toString(rounds - filled), "0");
    Eventually.passes(() -> assertThat(Tape.rawTrades(maker, market)).hasSize((int) filled));
  }

  @Test
  void orderThatArrivesAfterItsCancelIsRejected() {
    String market = exchange.market();
    Trader buyer = buyer("100");

    Refused unknown = Refused.by(() -> buyer.cancel(market, "later"));
    Order order =
        buyer.place(
            buyer
                .order(market)
                .setClientOrderId("later")
                .setLimit(Trader.limit(SIDE_BUY, "0.5", "100", TIME_IN_FORCE_GTC)));

    assertThat(unknown.code()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(unknown.reason()).isEqualTo("ORDER_NOT_FOUND");
    assertThat(Tape.of(order))
        .isEqualTo("REJECTED CANCELLED_BEFORE_PLACED 0 for 0, fee 0 BTC, left 0");
    buyer.has("USD", "100", "0");
    assertThat(buyer.get(order)).isEqualTo(order);
  }

  // ---- amendments

  @Test
  void reducedOrderKeepsItsPlaceAndItsIdAndGetsTheSurplusBackWhenItCloses() {
    String market = exchange.market();
    Trader first = buyer("1000");
    Trader second = buyer("1000");
    Trader seller = seller("2");
    Order order = first.buy(market, "1", "100");
    second.buy(market, "1", "100");
    seller.sell(market, "0.1", "100");

    AmendOrderResponse amended = first.amend(order, "0.5");

    assertThat(amended.getResult()).isEqualTo(AmendResult.AMEND_RESULT_REDUCED);
    assertThat(amended.getOrder().getOrderId()).isEqualTo(order.getOrderId());
    assertThat(Tape.of(amended.getOrder()))
        .isEqualTo("PARTIALLY_FILLED 0.1 for 10, fee 0.0001 BTC, left 0.4");
    assertThat(amended.getOrder().getReducedQuantity()).isEqualTo("0.5");
    assertThat(first.amend(order, "0.5")).isEqualTo(amended);
    assertThat(Tape.book(first, market)).isEqualTo("100x1.4(2)|");
    first.has("USD", "900", "90");

    seller.sell(market, "0.5", "100");

    assertThat(Tape.of(first.get(order))).isEqualTo("FILLED 0.5 for 50, fee 0.0005 BTC, left 0");
    assertThat(Tape.book(first, market)).isEqualTo("100x0.9(1)|");
    first.has("USD", "950", "0");
  }

  @Test
  void amendmentThatComesTooLateChangesNothingAndSaysSo() {
    String market = exchange.market();
    Trader seller = seller("1");
    Trader buyer = buyer("1000");
    Order ask = seller.sell(market, "1", "100");
    buyer.buy(market, "0.6", "100");

    AmendOrderResponse filledMore = seller.amend(ask, "0.6");
    seller.cancel(ask);
    AmendOrderResponse closed = seller.amend(ask, "0.8");

    assertThat(filledMore.getResult()).isEqualTo(AmendResult.AMEND_RESULT_TOO_LATE);
    assertThat(Tape.of(filledMore.getOrder()))
        .isEqualTo("PARTIALLY_FILLED 0.6 for 60, fee 0.06 USD, left 0.4");
    assertThat(closed.getResult()).isEqualTo(AmendResult.AMEND_RESULT_TOO_LATE);
    assertThat(Tape.of(closed.getOrder()))
        .isEqualTo("CANCELLED CANCELLED_BY_OWNER 0.6 for 60, fee 0.06 USD, left 0");
    seller.has("BTC", "0.4", "0");
  }

  @Test
  void amendmentAndFillThatRaceNeverFillMoreThanIsAskedFor() {
    int rounds = 10;
    String market = exchange.market();
    Trader maker = seller("10");
    Trader taker = buyer("1000");

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < rounds; round++) {
        Order ask = maker.sell(market, "1", "100");
        var bid =
            CompletableFuture.supplyAsync(
                () -> taker.limit(market, SIDE_BUY, "1", "100", TIME_IN_FORCE_IOC), threads);
        var amend = CompletableFuture.supplyAsync(() -> maker.amend(ask, "0.3"), threads);
        boolean reduced = amend.join().getResult() == AmendResult.AMEND_RESULT_REDUCED;
        assertThat(bid.join().getFilledQuantity()).isEqualTo(reduced ? "0.3" : "1");
        assertThat(maker.get(ask).getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_FILLED);
        assertThat(maker.get(ask).getReducedQuantity()).isEqualTo(reduced ? "0.7" : "0");
      }
    }
    maker.hasNothingHeld();
    taker.hasNothingHeld();
  }

  @Test
  void replacedOrderLosesItsPlaceButNothingThatWasFilledIsOrderedAgain() {
    String market = exchange.market();
    Trader first = buyer("1000");
    Trader second = buyer("1000");
    Trader seller = seller("3");
    Order old = first.buy(market, "1", "100");
    second.buy(market, "1", "101");
    seller.sell(market, "1", "101");
    seller.sell(market, "0.4", "100");

    AmendOrderResponse moved = first.replace(old, "", "101", "moved");

    Order order = moved.getOrder();
    assertThat(moved.getResult()).isEqualTo(AmendResult.AMEND_RESULT_REPLACED);
    assertThat(order.getReplacesOrderId()).isEqualTo(old.getOrderId());
    assertThat(Tape.of(order)).isEqualTo("OPEN 0 for 0, fee 0 BTC, left 0.6");
    assertThat(order.getReducedQuantity()).isEqualTo("0.4");
    assertThat(Tape.of(first.get(old)))
        .isEqualTo("CANCELLED REPLACED 0.4 for 40, fee 0.0004 BTC, left 0");
    assertThat(Tape.book(first, market)).isEqualTo("101x0.6(1)|");
    assertThat(first.replace(old, "", "101", "moved")).isEqualTo(moved);

    seller.sell(market, "1", "101");

    assertThat(Tape.of(first.get(order))).isEqualTo("FILLED 0.6 for 60.6, fee 0.0006 BTC, left 0");
    assertThat(first.replace(old, "", "101", "moved").getResult())
        .isEqualTo(AmendResult.AMEND_RESULT_REPLACED);
    first.has("USD", "899.4", "0");
  }

  @Test
  void replacementThatTradesAllThatIsLeftIsFilled() {
    String market = exchange.market();
    Trader buyer = buyer("1000");
    Trader seller = seller("2");
    Order old = buyer.buy(market, "1", "100");
    seller.sell(market, "0.4", "100");
    seller.sell(market, "1", "101");

    AmendOrderResponse moved = buyer.replace(old, "", "101");

    assertThat(moved.getResult()).isEqualTo(AmendResult.AMEND_RESULT_REPLACED);
    assertThat(Tape.of(moved.getOrder())).isEqualTo("FILLED 0.6 for 60.6, fee 0.0012 BTC, left 0");
    assertThat(moved.getOrder().getReducedQuantity()).isEqualTo("0.4");
    buyer.has("USD", "899.4", "0");
  }

  @Test
  void replacementOfAReplacementOrdersOnlyWhatRests() {
    String market = exchange.market();
    Trader buyer = buyer("1000");
    Trader seller = seller("2");
    Order first = buyer.buy(market, "1", "100");
    seller.sell(market, "0.4", "100");
    Order second = buyer.replace(first, "", "101").getOrder();
    buyer.amend(second, "0.5");

    Order third = buyer.replace(second, "", "102", "third").getOrder();

    assertThat(Tape.of(third)).isEqualTo("OPEN 0 for 0, fee 0 BTC, left 0.5");
    assertThat(buyer.replace(second, "", "102", "third").getOrder()).isEqualTo(third);
    assertThat(Tape.book(buyer, market)).isEqualTo("102x0.5(1)|");
  }

  @Test
  void replacementThatIsRefusedLeavesTheOrderAsItWas() {
    String market = exchange.market();
    Trader buyer = buyer("150");
    Order order = buyer.buy(market, "1", "100");

    AmendOrderResponse poor = buyer.replace(order, "", "99");

    assertThat(poor.getResult()).isEqualTo(AmendResult.AMEND_RESULT_REJECTED);
    assertThat(Tape.of(poor.getOrder()))
        .isEqualTo("REJECTED INSUFFICIENT_FUNDS 0 for 0, fee 0 BTC, left 0");
    assertThat(buyer.get(order)).isEqualTo(order);
    buyer.has("USD", "50", "100");
  }

  @Test
  void replacementSaysIfOnlyOneHalfOfItWorkedOrIfItCameTooLate() {
    String market = exchange.market();
    Trader maker = buyer("1000");
    Trader seller = seller("5");
    seller.sell(market, "1", "110");
    Order order = maker.limit(market, SIDE_BUY, "1", "100", TimeInForce.TIME_IN_FORCE_POST_ONLY);

    AmendOrderResponse crossed = maker.replace(order, "", "110");
    AmendOrderResponse late = maker.replace(order, "2", "90");

    assertThat(crossed.getResult()).isEqualTo(AmendResult.AMEND_RESULT_CANCELLED_ONLY);
    assertThat(Tape.of(crossed.getOrder()))
        .isEqualTo("EXPIRED WOULD_CROSS 0 for 0, fee 0 BTC, left 0");
    assertThat(late.getResult()).isEqualTo(AmendResult.AMEND_RESULT_TOO_LATE);
    assertThat(Tape.of(late.getOrder()))
        .isEqualTo("CANCELLED NOTHING_TO_REPLACE 0 for 0, fee 0 BTC, left 0");
    maker.has("USD", "1000", "0");
  }

  @Test
  void replacementAndFillThatRaceNeverFillMoreThanIsAskedFor() {
    int rounds = 10;
    String market = exchange.market();
    Trader maker = seller("30");
    Trader taker = buyer("1500");

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < rounds; round++) {
        Order ask = maker.sell(market, "1", "100");
        var bid =
            CompletableFuture.supplyAsync(
                () -> taker.limit(market, SIDE_BUY, "0.5", "100", TIME_IN_FORCE_IOC), threads);
        var move = CompletableFuture.supplyAsync(() -> maker.replace(ask, "", "102"), threads);
        Order moved = move.join().getOrder();
        boolean filledBefore = bid.join().getFilledQuantity().equals("0.5");
        assertThat(move.join().getResult()).isEqualTo(AmendResult.AMEND_RESULT_REPLACED);
        assertThat(moved.getRemaining()).isEqualTo(filledBefore ? "0.5" : "1");
        maker.cancel(moved);
      }
    }
    maker.hasNothingHeld();
    taker.hasNothingHeld();
  }

  // ---- repeats

  @Test
  void repeatedPlaceAnswersTheSameAndIsOneOrder() {
    String market = exchange.market();
    Trader buyer = buyer("100");
    PlaceOrderRequest.Builder request =
        buyer.order(market).setLimit(Trader.limit(SIDE_BUY, "0.5", "100", TIME_IN_FORCE_GTC));

    Order first = buyer.place(request);
    Order again = buyer.place(request);
    request.getLimitBuilder().setPrice("100.0").setQuantity("0.50");
    Order writtenDifferently = buyer.place(request);

    assertThat(again).isEqualTo(first);
    assertThat(writtenDifferently).isEqualTo(first);
    buyer.has("USD", "50", "50");
    assertThat(buyer.list(market, false, 50)).containsExactly(first);
    assertThat(Tape.book(buyer, market)).isEqualTo("100x0.5(1)|");
  }

  @Test
  void sameRequestFromManyCallsAtOnceIsOneOrder() {
    String market = exchange.market();
    Trader buyer = buyer("100");
    PlaceOrderRequest.Builder request =
        buyer.order(market).setLimit(Trader.limit(SIDE_BUY, "0.5", "100", TIME_IN_FORCE_GTC));

    List<Order> answers = atOnce(16, n -> buyer.place(request));

    assertThat(answers).containsOnly(answers.getFirst());
    buyer.has("USD", "50", "50");
    assertThat(buyer.list(market, false, 50)).hasSize(1);
  }

  @Test
  void sameIdWithOtherContentIsAConflictThatNamesTheFields() {
    String market = exchange.market();
    Trader buyer = buyer("1000");
    PlaceOrderRequest.Builder request =
        buyer.order(market).setLimit(Trader.limit(SIDE_BUY, "0.5", "100", TIME_IN_FORCE_GTC));
    Order first = buyer.place(request);

    request.getLimitBuilder().setPrice("101").setTimeInForce(TIME_IN_FORCE_IOC);
    Refused otherTerms = Refused.by(() -> buyer.place(request));
    request.getMarketBuyBuilder().setQuoteAmount("50");
    Refused otherType = Refused.by(() -> buyer.place(request));

    assertThat(otherTerms.code()).isEqualTo(Status.Code.ALREADY_EXISTS);
    assertThat(otherTerms.reason()).isEqualTo("ID_REUSED");
    assertThat(otherTerms.metadata().get("fields")).isEqualTo("limit.price,limit.time_in_force");
    assertThat(otherType.code()).isEqualTo(Status.Code.ALREADY_EXISTS);
    assertThat(otherType.metadata().get("fields")).isEqualTo("type");
    assertThat(buyer.list(market, false, 50)).containsExactly(first);
    buyer.has("USD", "950", "50");
  }

  @Test
  void ofTwoOrdersThatRaceForAnIdExactlyOneIsPlaced() {
    String market = exchange.market();
    Trader buyer = buyer("1000");

    for (int round = 0; round < 12; round++) {
      PlaceOrderRequest.Builder request = buyer.order(market);
      List<String> answers =
          atOnce(
              2,
              n -> {
                var mine = request.clone();
                mine.setLimit(Trader.limit(SIDE_BUY, "0.1", "10" + n, TIME_IN_FORCE_GTC));
                try {
                  return "placed at " + buyer.place(mine).getLimit().getPrice();
                } catch (StatusRuntimeException refused) {
                  return Refused.of(refused).reason();
                }
              });
      assertThat(answers).contains("ID_REUSED").containsAnyOf("placed at 100", "placed at 101");
      int winner = answers.indexOf("ID_REUSED") == 0 ? 1 : 0;
      assertThat(answers.get(winner)).isEqualTo("placed at 10" + winner);
      buyer.cancel(market, request.getClientOrderId());
    }
    buyer.has("USD", "1000", "0");
  }

  @Test
  void sameClientIdInAnotherMarketOrOfAnotherAccountIsAnotherOrder() {
    String market = exchange.market();
    String otherMarket = exchange.market();
    Trader alice = buyer("100");
    Trader bob = buyer("100");

    List<Order> orders =
        List.of(
            alice.place(named(alice, market)),
            alice.place(named(alice, otherMarket)),
            bob.place(named(bob, market)));

    assertThat(orders).extracting(Order::getOrderId).doesNotHaveDuplicates();
    assertThat(orders).extracting(Order::getStatus).containsOnly(OrderStatus.ORDER_STATUS_OPEN);
  }

  private static PlaceOrderRequest.Builder named(Trader trader, String market) {
    return trader
        .order(market)
        .setClientOrderId("my-order")
        .setLimit(Trader.limit(SIDE_BUY, "0.1", "100", TIME_IN_FORCE_GTC));
  }

  // ---- what a call waits for

  @Test
  void callWaitsForWhatItAsksFor() {
    String market = exchange.market();
    Trader seller = seller("1");
    Trader buyer = buyer("1000");
    seller.sell(market, "1", "100");

    Order acknowledged = buyer.place(waiting(buyer, market, Wait.WAIT_ACK));
    Order decided = buyer.place(waiting(buyer, market, Wait.WAIT_DECISION));
    Order byDefault = buyer.place(waiting(buyer, market, Wait.WAIT_UNSPECIFIED));
    Order settled = buyer.place(waiting(buyer, market, Wait.WAIT_SETTLED));

    assertThat(Tape.of(acknowledged)).isEqualTo("ACCEPTED 0 for 0, fee 0 BTC, left 0.1");
    assertThat(acknowledged.getVersion()).isZero();
    assertThat(Tape.of(decided)).isEqualTo("OPEN 0 for 0, fee 0 BTC, left 0.1");
    assertThat(decided.getVersion()).isEqualTo(1);
    assertThat(Tape.of(byDefault)).isEqualTo("OPEN 0 for 0, fee 0 BTC, left 0.1");
    assertThat(Tape.of(settled)).isEqualTo("FILLED 0.1 for 10, fee 0.0002 BTC, left 0");
    assertThat(settled.getVersion()).isGreaterThan(1);
    for (Order order : List.of(acknowledged, decided, byDefault)) {
      Eventually.passes(() ->
          assertThat(Tape.of(buyer.get(order)))
              .isEqualTo("FILLED 0.1 for 10, fee 0.0002 BTC, left 0"));
    }
    buyer.has("USD", "960", "0");
    buyer.has("BTC", "0.3992", "0");
  }

  private static PlaceOrderRequest.Builder waiting(Trader trader, String market, Wait wait) {
    return trader
        .order(market)
        .setWait(wait)
        .setLimit(Trader.limit(SIDE_BUY, "0.1", "100", TIME_IN_FORCE_GTC));
  }

  // ---- reads

  @Test
  void orderIsFoundStraightAfterItsAcknowledgement() {
    String market = exchange.market();
    Trader buyer = buyer("1000");

    List<Order> found =
        atOnce(40, n -> buyer.get(buyer.place(waiting(buyer, market, Wait.WAIT_ACK))));

    assertThat(found).hasSize(40);
    assertThat(found).extracting(Order::getStatus).containsOnly(OrderStatus.ORDER_STATUS_OPEN);
  }

  @Test
  void anOrderNobodyPlacedIsNotFoundEvenWhenManyAskAtOnce() {
    Trader trader = exchange.trader("curious");
    Order unknown = Order.newBuilder().setOrderId("0123456789abcdef".repeat(2)).build();

    List<Refused> answers = atOnce(40, n -> Refused.by(() -> trader.get(unknown)));

    assertThat(answers).extracting(Refused::reason).containsOnly("ORDER_NOT_FOUND");
  }

  @Test
  void anotherAccountsOrderIsNotFound() {
    String market = exchange.market();
    Trader alice = buyer("100");
    Trader mallory = buyer("100");
    Order order = alice.buy(market, "0.5", "100");

    Refused read = Refused.by(() -> mallory.get(order));
    Refused cancel = Refused.by(() -> mallory.cancel(order));
    Refused byName = Refused.by(() -> mallory.cancel(market, order.getClientOrderId() + "-alice"));

    assertThat(List.of(read, cancel, byName))
        .extracting(Refused::reason)
        .containsOnly("ORDER_NOT_FOUND");
    assertThat(List.of(read, cancel, byName))
        .extracting(Refused::code)
        .containsOnly(Status.Code.NOT_FOUND);
    assertThat(alice.get(order)).isEqualTo(order);
    assertThat(mallory.list("", false, 50)).isEmpty();
  }

  @Test
  void listPagesThroughAllOrdersNewestFirst() {
    String market = exchange.market();
    String otherMarket = exchange.market();
    Trader buyer = buyer("1000");
    List<Order> placed =
        IntStream.range(0, 7).mapToObj(n -> buyer.buy(market, "0.1", "100")).toList();
    Order elsewhere = buyer.buy(otherMarket, "0.1", "100");
    Order cancelled = buyer.cancel(placed.get(3));

    List<Order> newestFirst = new ArrayList<>(placed.reversed());
    newestFirst.set(3, cancelled);
    List<Order> open = new ArrayList<>(newestFirst);
    open.remove(cancelled);
    List<Order> all = new ArrayList<>(newestFirst);
    all.addFirst(elsewhere);
    for (int pageSize : List.of(1, 3, 7, 500)) {
      assertThat(buyer.list(market, false, pageSize)).isEqualTo(newestFirst);
      assertThat(buyer.list(market, true, pageSize)).isEqualTo(open);
      assertThat(buyer.list("", false, pageSize)).isEqualTo(all);
    }
  }

  private static <T> List<T> atOnce(int calls, IntFunction<T> call) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var running =
          IntStream.range(0, calls)
              .mapToObj(n -> CompletableFuture.supplyAsync(() -> call.apply(n), threads))
              .toList();
      return running.stream().map(CompletableFuture::join).toList();
    }
  }
}
