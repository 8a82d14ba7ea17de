package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.local.LocalExchange;
import dev.sagax.local.infra.Infrastructure;
import dev.sagax.local.infra.Server;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.dlq.v1.DeadLetter;
import dev.sagax.proto.event.v1.LimitTerms;
import dev.sagax.proto.event.v1.MarketRules;
import dev.sagax.proto.event.v1.OrderRequested;
import dev.sagax.proto.event.v1.OrderTerms;
import dev.sagax.proto.event.v1.PlaceInstruction;
import dev.sagax.proto.market.v1.GetOrderBookRequest;
import dev.sagax.proto.market.v1.Trade;
import dev.sagax.proto.order.v1.CancelAllAfterRequest;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import io.grpc.Status;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Stops and crashes underneath: whatever was acknowledged stays, and nothing happens twice. */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestartTest {
  private TestExchange exchange;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
  }

  @Test
  void exchangeGoesOnOverTheSameDataWhereItWas() {
    String market = exchange.market();
    Trader older = exchange.trader("older").deposit("BTC", "1");
    Trader younger = exchange.trader("younger").deposit("BTC", "1");
    Trader buyer = exchange.trader("buyer").deposit("USD", "1000");
    Transfer transfer = buyer.deposit("USD", "5", "d-1");
    Order first = older.sell(market, "0.1", "100");
    Order second = younger.sell(market, "0.1", "100");
    older.sell(market, "0.2", "101");
    PlaceOrderRequest.Builder request =
        buyer
            .order(market)
            .setLimit(Trader.limit(Side.SIDE_BUY, "0.05", "100", TimeInForce.TIME_IN_FORCE_GTC));
    Order bought = buyer.place(request);
    List<Trader> traders = List.of(older, younger, buyer);
    var balances = traders.stream().map(Trader::balances).toList();
    var orders = traders.stream().map(trader -> trader.list("", false, 50)).toList();
    Eventually.passes(() -> assertThat(Tape.rawTrades(buyer, market)).hasSize(1));
    List<Trade> trades = Tape.rawTrades(buyer, market);
    long sequence = sequence(buyer, market);

    exchange.restart();

    assertThat(Tape.book(buyer, market)).isEqualTo("|100x0.15(2) 101x0.2(1)");
    assertThat(traders.stream().map(Trader::balances).toList()).isEqualTo(balances);
    assertThat(traders.stream().map(trader -> trader.list("", false, 50)).toList())
        .isEqualTo(orders);
    assertThat(Tape.rawTrades(buyer, market)).isEqualTo(trades);
    assertThat(buyer.place(request)).isEqualTo(bought);
    assertThat(buyer.deposit("USD", "5", "d-1")).isEqualTo(transfer);

    Order next = buyer.buy(market, "0.1", "100");

    assertThat(Tape.of(next)).isEqualTo("FILLED 0.1 for 10, fee 0.0002 BTC, left 0");
    assertThat(Tape.of(older.get(first))).isEqualTo("FILLED 0.1 for 10, fee 0.01 USD, left 0");
    assertThat(Tape.of(younger.get(second)))
        .isEqualTo("PARTIALLY_FILLED 0.05 for 5, fee 0.005 USD, left 0.05");
    Eventually.passes(() ->
        assertThat(Tape.rawTrades(buyer, market))
            .extracting(Trade::getTradeId)
            .containsExactly(3L, 2L, 1L));
    assertThat(sequence(buyer, market)).isGreaterThan(sequence);
    exchange.assertConserved();
  }

  @Test
  void switchThatIsSetBeforeAStopIsObeyedAfterTheStart() {
    String market = exchange.market();
    Trader careful = exchange.trader("careful").deposit("USD", "100");
    Trader renewing = exchange.trader("renewing").deposit("USD", "100");
    Order order = careful.buy(market, "1", "50");
    Order other = renewing.buy(market, "1", "49");
    cancelAllAfter(careful, 5);
    cancelAllAfter(renewing, 3_600);

    exchange.restart();

    Eventually.passes(() ->
        assertThat(careful.get(order).getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_CANCELLED));
    careful.has("USD", "100", "0");
    Order next = careful.buy(market, "1", "50");
    cancelAllAfter(renewing, 0);
    assertThat(careful.get(next).getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_OPEN);
    assertThat(renewing.get(other).getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_OPEN);
  }

  private static void cancelAllAfter(Trader trader, long seconds) {
    var timeout = com.google.protobuf.Duration.newBuilder().setSeconds(seconds);
    var response =
        trader
            .orders()
            .cancelAllAfter(CancelAllAfterRequest.newBuilder().setTimeout(timeout).build());
    assertThat(response.hasDeadline()).isEqualTo(seconds > 0);
  }

  @Test
  void stopUnderATrickleOfOrdersIsForgotten() {
    try (Trickle trickle = new Trickle(exchange, exchange.market())) {
      trickle.flows(20);

      exchange.restart();

      trickle.flows(20);
      trickle.stop();
      Eventually.passes(trickle::assertEveryOrderCounts);
      exchange.assertConserved();
    }
  }

  /**
   * The record is sound once its market is listed; then it is decided by what became of its order.
   */
  @Test
  void deadLetterOfAMarketThatIsListedLaterIsReplayedOnce() throws IOException {
    Trader trader = exchange.trader("early").deposit("USD", "100");
    OrderRequested early = limitBuyOfOne(trader, "LATE-USD", "10");
    Topic source = Topic.ORDER_REQUESTED;
    long offset;
    try (Log log = log()) {
      offset = log.append(source, 3, early.toByteArray());
    }
    DeadLetter letter = orderLetters().of(3, offset);
    assertThat(letter.getSubject()).isEqualTo(early.getOrderId());
    exchange.list(
        "LATE-USD",
        "base: BTC, quote: USD, tick: 0.01, lot: 0.0001, min_notional: 1,"
            + " partition: 3, maker_bps: 10, taker_bps: 20");
    exchange.restart();
    DeadLetterDesk operator = orderLetters();

    DeadLetter replayed = operator.replay(letter);

    Order order = Order.newBuilder().setOrderId(early.getOrderId()).build();
    assertThat(Tape.of(trader.get(order))).startsWith("OPEN 0 for 0");
    Eventually.passes(() -> assertThat(Tape.book(trader, "LATE-USD")).isEqualTo("10x1(1)|"));
    trader.has("USD", "90", "10");
    // The ledger has confirmed that it rests: nothing more is on its way.
    Eventually.passes(() -> assertThat(trader.get(order).getVersion()).isEqualTo(2));
    Order opened = trader.get(order);
    try (Log log = log()) {
      long before = log.size(source);
      assertThat(operator.replay(letter)).isEqualTo(replayed);
      assertThat(log.size(source)).isEqualTo(before);

      // What a crash between append and mark, and a second replay, lead to.
      log.append(source, 3, early.toByteArray());
    }
    trader.sell("LATE-USD", "0.5", "11");
    assertThat(trader.get(order)).isEqualTo(opened);
    assertThat(Tape.book(trader, "LATE-USD")).startsWith("10x1(1)|");
    trader.has("USD", "90", "10");
    exchange.assertConserved();
  }

  private DeadLetterDesk orderLetters() {
    return new DeadLetterDesk(exchange, exchange.order(), "operator");
  }

  private Log log() {
    return new Log(infrastructure().kafkaBootstrap(), LocalExchange.PARTITIONS);
  }

  private static OrderRequested limitBuyOfOne(Trader trader, String market, String price) {
    return OrderRequested.newBuilder()
        .setOrderId(DeterministicId.orderId(trader.account(), market, "early"))
        .setAccount(trader.account())
        .setMarket(market)
        .setClientOrderId("early")
        .setTimeMicros(1_000_000)
        .setPlace(
            PlaceInstruction.newBuilder()
                .setTerms(
                    OrderTerms.newBuilder()
                        .setLimit(
                            LimitTerms.newBuilder()
                                .setSide(Side.SIDE_BUY)
                                .setTimeInForce(TimeInForce.TIME_IN_FORCE_GTC)
                                .setPriceUnits(Long.parseLong(price) * 1_000_000)
                                .setQuantityUnits(100_000_000)))
                .setRules(
                    MarketRules.newBuilder()
                        .setBaseAsset("BTC")
                        .setBaseScale(8)
                        .setQuoteAsset("USD")
                        .setQuoteScale(6)
                        .setTickUnits(10_000)
                        .setLotUnits(10_000)
                        .setMakerBps(10)
                        .setTakerBps(20)))
        .build();
  }

  private static long sequence(Trader viewer, String market) {
    return viewer
        .markets()
        .getOrderBook(GetOrderBookRequest.newBuilder().setMarket(market).build())
        .getSequence();
  }

  @Test
  void redisThatIsKilledIsWaitedFor() {
    whileKilled(
        infrastructure().redis(),
        trickle -> assertUnavailable(Refused.by(exchange.trader("reader")::balances)));
  }

  @Test
  void postgresThatIsKilledIsWaitedFor() {
    whileKilled(
        infrastructure().postgres(),
        trickle ->
            assertUnavailable(Refused.by(() -> exchange.trader("reader").list("", false, 1))));
  }

  @Test
  void kafkaThatIsKilledIsWaitedFor() {
    whileKilled(
        infrastructure().kafka(),
        trickle ->
            assertThat(trickle.refusals())
                .isNotEmpty()
                .isSubsetOf("OUTCOME_UNKNOWN", "DEPENDENCY_UNAVAILABLE"));
  }

  private Infrastructure infrastructure() {
    return exchange.infrastructure();
  }

  private static void assertUnavailable(Refused refused) {
    assertThat(refused.code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(refused.reason()).isEqualTo("DEPENDENCY_UNAVAILABLE");
  }

  /**
   * Kills the server under a trickle of orders, starts it again, and counts every order and unit.
   */
  private void whileKilled(Server server, Consumer<Trickle> meanwhile) {
    try (Log log = log();
        Trickle trickle = new Trickle(exchange, exchange.market())) {
      long before = deadLetters(log);
      trickle.flows(20);

      server.kill();
      try {
        trickle.stalls(8);
        meanwhile.accept(trickle);
      } finally {
        server.start();
      }
      trickle.flows(20);

      trickle.stop();
      Eventually.passes(trickle::assertEveryOrderCounts);
      exchange.assertConserved();
      assertThat(deadLetters(log)).as("dead letters").isEqualTo(before);
    }
  }

  /** By their numbers: a step that loads again publishes its last batch again. */
  private static long deadLetters(Log log) {
    return Stream.of(Topic.ORDER_DLQ, Topic.MATCH_DLQ, Topic.SETTLE_DLQ, Topic.TRANSFER_DLQ)
        .flatMap(topic -> log.read(topic).stream())
        .map(letter -> letter.topic() + "/" + letter.partition() + "/" + Log.header(letter, "seq"))
        .distinct()
        .count();
  }
}
