package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.sagax.local.LocalExchange;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.SelfTradePrevention;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import dev.sagax.proto.order.v1.Wait;
import dev.sagax.proto.saga.v1.GetSagaResponse;
import dev.sagax.proto.saga.v1.SagaStep;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What becomes of orders that cannot be matched or settled. The causes are real: holds that are
 * missing in Redis, and a market that has no trade ids left.
 */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompensationTest {
  private static final String ENDED = "CANCELLED SETTLEMENT_FAILED 0 for 0, fee 0 %s, left 0";

  private TestExchange exchange;
  private Stores stores;
  private Log log;
  private Sagas sagas;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
    stores = new Stores(exchange.infrastructure());
    log = new Log(exchange.infrastructure().kafkaBootstrap(), LocalExchange.PARTITIONS);
    sagas = new Sagas(exchange, log);
  }

  @AfterAll
  void close() {
    log.close();
    stores.close();
  }

  private Trader buyer(String usd) {
    return exchange.trader("buyer").deposit("USD", usd);
  }

  private Trader seller(String btc) {
    return exchange.trader("seller").deposit("BTC", btc);
  }

  private void removeHold(String market, Order order, Trader owner, String asset) {
    stores.removeHold(TestMarkets.partition(market), order.getOrderId(), owner.account(), asset);
  }

  // ---- settlement refuses

  @Test
  void refusedSettlementCancelsTakerAndOrderAtFaultAndLeavesTheRestOfInnocentMakers() {
    String market = exchange.market();
    Trader emptied = seller("1");
    Trader full = seller("1");
    Trader part = seller("1");
    Trader taker = buyer("1000");
    Order emptiedOrder = emptied.sell(market, "0.6", "100");
    Order fullOrder = full.sell(market, "0.2", "99");
    Order partOrder = part.sell(market, "1", "101");
    long deadLetters = log.size(Topic.SETTLE_DLQ);
    removeHold(market, emptiedOrder, emptied, "BTC");

    Order order = taker.buy(market, "1.1", "101");

    assertThat(Tape.of(order)).isEqualTo(ENDED.formatted("BTC"));
    taker.has("USD", "1000", "0");
    taker.has("BTC", "0", "0");
    assertThat(Tape.of(emptied.get(emptiedOrder))).isEqualTo(ENDED.formatted("USD"));
    emptied.has("BTC", "1", "0");
    assertThat(Tape.of(full.get(fullOrder))).isEqualTo(ENDED.formatted("USD"));
    full.has("BTC", "1", "0");
    assertThat(Tape.of(part.get(partOrder))).isEqualTo("OPEN 0 for 0, fee 0 USD, left 0.7");
    part.has("BTC", "0", "1");
    assertThat(Tape.book(taker, market)).isEqualTo("|101x0.7(1)");
    assertThat(Tape.rawTrades(taker, market)).isEmpty();
    exchange.assertConserved();
    ConsumerRecord<byte[], byte[]> letter = deadLetter(Topic.SETTLE_DLQ, deadLetters);
    assertThat(letter.value()).isEqualTo(source(letter).value()).isNotEmpty();
    assertThat(Log.header(letter, "source.topic")).isEqualTo("settle.requested");
    assertThat(Log.header(letter, "subject")).isEqualTo(order.getOrderId());
    assertThat(Log.header(letter, "service")).isEqualTo("settle-svc");
    assertThat(Log.header(letter, "error"))
        .contains("order " + emptiedOrder.getOrderId() + ": it has no open hold");
    GetSagaResponse failed = sagas.atRest(taker, order);
    assertThat(Sagas.compensation(failed))
        .containsExactly(
            "settle.dlq: the refused outcome is put aside",
            "match.cancel.requested: refused by the ledger: the hold of another order of the match"
                + " is at fault; the match is to be undone",
            "settle.requested: the match is undone, 1.1 BTC will not be filled",
            "order.cancel.requested: to be cancelled: SETTLEMENT_FAILED",
            "settle.completed: settled: released 111.1 USD");
    assertThat(Sagas.tape(failed))
        .contains("settle.requested: matched 3 fills, 1.1 BTC for 110.1 USD")
        .last(STRING)
        .startsWith("order.updated: CANCELLED SETTLEMENT_FAILED, version");
    assertThat(failed.getStepsList())
        .filteredOn(step -> !step.getDeadLetterId().isEmpty())
        .extracting(SagaStep::getDeadLetterId)
        .containsExactly(
            "settle.dlq/%d/%s".formatted(letter.partition(), Log.header(letter, "seq")));
    assertThat(Sagas.compensation(sagas.atRest(emptied, emptiedOrder)))
        .contains(
            "match.cancel.requested: refused by the ledger: this order has no open hold; the match"
                + " is to be undone",
            "order.cancel.requested: to be cancelled: SETTLEMENT_FAILED");
    GetSagaResponse innocent = sagas.atRest(part, partOrder);
    assertThat(Sagas.compensation(innocent))
        .contains("settle.requested: the match is undone, 0.3 BTC will not be filled")
        .noneMatch(step -> step.startsWith("order.cancel.requested"));
    assertThat(innocent.getWaitsFor()).isEqualTo("nothing: it rests in the book");

    Order next = taker.buy(market, "1", "101");

    assertThat(Tape.of(next)).isEqualTo("PARTIALLY_FILLED 0.7 for 70.7, fee 0.0014 BTC, left 0.3");
    assertThat(Tape.of(part.get(partOrder)))
        .isEqualTo("CANCELLED SETTLEMENT_FAILED 0.7 for 70.7, fee 0.0707 USD, left 0");
    part.has("BTC", "0.3", "0");
    Eventually.passes(
        () -> assertThat(Tape.trades(taker, market)).containsExactly("BUY 0.7 @ 101 for 70.7"));
    exchange.assertConserved();
  }

  @Test
  void takerWhoseHoldIsTooSmallIsCancelledAndLaterFillsOfItsMakerSettleUntouched() {
    String market = exchange.market();
    int partition = TestMarkets.partition(market);
    Trader maker = seller("1");
    Trader poor = buyer("100");
    Trader later = buyer("100");
    Order resting = maker.sell(market, "1", "100");
    Stores.Halt halt = haltBehindAnOutcome(market);
    Order poorOrder = decided(poor, market, "0.4");
    Order laterOrder = decided(later, market, "0.3");
    stores.shrinkHold(partition, poorOrder.getOrderId(), poor.account(), "USD", 1);
    Eventually.passes(() -> assertThat(Tape.book(maker, market)).isEqualTo("|100x0.3(1)"));
    assertThat(Tape.rawTrades(maker, market)).as("matched, but not settled").isEmpty();

    halt.letGo();

    closes(poor, poorOrder, ENDED.formatted("BTC"));
    closes(later, laterOrder, "FILLED 0.3 for 30, fee 0.0006 BTC, left 0");
    poor.has("USD", "100", "0");
    assertThat(Tape.of(maker.get(resting)))
        .isEqualTo("PARTIALLY_FILLED 0.3 for 30, fee 0.03 USD, left 0.3");
    assertThat(Tape.book(maker, market)).isEqualTo("|100x0.3(1)");
    Eventually.passes(
        () -> assertThat(Tape.trades(maker, market)).containsExactly("BUY 0.3 @ 100 for 30"));
    later.buy(market, "0.3", "100");
    assertThat(Tape.of(maker.get(resting)))
        .isEqualTo("CANCELLED SETTLEMENT_FAILED 0.6 for 60, fee 0.06 USD, left 0");
    maker.has("BTC", "0.4", "0");
    exchange.assertConserved();
  }

  /**
   * Two outcomes of one order at fault are refused before the first is undone, and every step on
   * the way loses the batch it has in hand.
   */
  @Test
  void everyRefusedOutcomeIsUndoneOnceThoughEveryStepLosesItsBatch() {
    String market = exchange.market();
    int partition = TestMarkets.partition(market);
    Trader maker = seller("1");
    Trader first = buyer("100");
    Trader second = buyer("100");
    Order resting = maker.sell(market, "1", "100");
    long deadLetters = log.size(Topic.SETTLE_DLQ);
    Stores.Halt halt = haltBehindAnOutcome(market);
    removeHold(market, resting, maker, "BTC");
    Order firstOrder = decided(first, market, "0.4");
    Order secondOrder = decided(second, market, "0.3");
    Eventually.passes(() -> assertThat(Tape.book(maker, market)).isEqualTo("|100x0.3(1)"));
    assertThat(Tape.rawTrades(maker, market)).as("matched, but not settled").isEmpty();
    stores.fence("matching", "match-svc", partition);
    stores.fence("orders", "order-svc", partition);

    halt.kill();

    closes(first, firstOrder, ENDED.formatted("BTC"));
    closes(second, secondOrder, ENDED.formatted("BTC"));
    closes(maker, resting, ENDED.formatted("USD"));
    assertThat(Tape.book(maker, market)).isEqualTo("|");
    assertThat(Tape.rawTrades(maker, market)).isEmpty();
    assertThat(log.size(Topic.SETTLE_DLQ)).isEqualTo(deadLetters + 2);
    first.has("USD", "100", "0");
    second.has("USD", "100", "0");
    maker.has("BTC", "1", "0");
    exchange.assertConserved();
  }

  @Test
  void compensationThatArrivesAgainIsIgnored() {
    String market = exchange.market();
    Trader maker = seller("1");
    Trader other = seller("1");
    Trader taker = buyer("1000");
    Order resting = maker.sell(market, "0.5", "100");
    removeHold(market, resting, maker, "BTC");
    Order innocent = other.sell(market, "0.5", "100");
    taker.buy(market, "0.7", "100");
    Order before = other.get(innocent);
    assertThat(before.getRemaining()).isEqualTo("0.3");

    for (Topic topic : List.of(Topic.MATCH_CANCEL_REQUESTED, Topic.ORDER_CANCEL_REQUESTED)) {
      ConsumerRecord<byte[], byte[]> last = last(topic, TestMarkets.partition(market));
      log.append(topic, last.partition(), last.value(), Map.of("seq", Log.header(last, "seq")));
      log.append(topic, last.partition(), last.value());
      log.append(topic, last.partition(), new byte[] {1, 2, 3}, Map.of("seq", "1"));
    }

    taker.buy(market, "0.1", "90");
    assertThat(other.get(innocent)).isEqualTo(before);
    assertThat(Tape.book(taker, market)).isEqualTo("90x0.1(1)|100x0.3(1)");
    exchange.assertConserved();
  }

  @Test
  void ownersCancelOfAnOrderWhoseHoldIsGoneIsNotRefused() {
    String market = exchange.market();
    Trader maker = seller("1");
    Order resting = maker.sell(market, "1", "100");
    removeHold(market, resting, maker, "BTC");

    Order cancelled = maker.cancel(resting);

    assertThat(Tape.of(cancelled))
        .isEqualTo("CANCELLED CANCELLED_BY_OWNER 0 for 0, fee 0 USD, left 0");
    maker.has("BTC", "1", "0");
    exchange.assertConserved();
  }

  /** A fill-or-kill whose fills the ledger refuses, and which cancelled an order of its own. */
  @ParameterizedTest
  @CsvSource({
    "FOK, CANCEL_TAKER, OPEN, 0",
    "IOC, CANCEL_MAKER, CANCELLED SELF_TRADE, 0.5",
    "IOC, CANCEL_BOTH,  CANCELLED SELF_TRADE, 0.5",
  })
  void refusedTakerThatPreventedASelfTradeIsUndone(
      String timeInForce, String mode, String ownEnds, String ownPrevented) {
    String market = exchange.market();
    Trader emptied = seller("1");
    Trader both = exchange.trader("both").deposit("USD", "1000").deposit("BTC", "1");
    Order emptiedOrder = emptied.sell(market, "0.4", "100");
    Order own = both.sell(market, "0.5", "101");
    removeHold(market, emptiedOrder, emptied, "BTC");

    Order order =
        both.place(
            both.order(market)
                .setSelfTradePrevention(
                    SelfTradePrevention.valueOf("SELF_TRADE_PREVENTION_" + mode))
                .setLimit(
                    Trader.limit(
                        Side.SIDE_BUY,
                        timeInForce.equals("FOK") ? "0.4" : "0.7",
                        "101",
                        TimeInForce.valueOf("TIME_IN_FORCE_" + timeInForce))));

    assertThat(Tape.of(order)).isEqualTo(ENDED.formatted("BTC"));
    assertThat(order.getPreventedQuantity()).isEqualTo("0");
    assertThat(Tape.of(emptied.get(emptiedOrder))).isEqualTo(ENDED.formatted("USD"));
    assertThat(Tape.of(both.get(own))).startsWith(ownEnds + " 0 for 0");
    assertThat(both.get(own).getPreventedQuantity()).isEqualTo(ownPrevented);
    both.cancel(own);
    both.has("USD", "1000", "0");
    both.has("BTC", "1", "0");
    exchange.assertConserved();
  }

  // ---- matching fails

  @Test
  void orderThatTheBookThrowsOnIsCancelledAndItsMakerStays() {
    String market = exchange.market();
    int partition = TestMarkets.partition(market);
    Trader maker = seller("1");
    Trader taker = buyer("1000");
    Order resting = maker.sell(market, "0.5", "100");
    long deadLetters = log.size(Topic.MATCH_DLQ);
    useUpTradeIds(market, partition);

    Order failed = taker.buy(market, "0.5", "100");
    Order harmless = taker.buy(market, "0.5", "90");

    assertThat(Tape.of(failed)).isEqualTo("CANCELLED MATCH_FAILED 0 for 0, fee 0 BTC, left 0");
    assertThat(Tape.of(harmless)).isEqualTo("OPEN 0 for 0, fee 0 BTC, left 0.5");
    taker.has("USD", "955", "45");
    assertThat(Tape.of(maker.get(resting))).isEqualTo("OPEN 0 for 0, fee 0 USD, left 0.5");
    assertThat(Tape.book(taker, market)).isEqualTo("90x0.5(1)|100x0.5(1)");
    ConsumerRecord<byte[], byte[]> letter = deadLetter(Topic.MATCH_DLQ, deadLetters);
    assertThat(letter.value()).isEqualTo(source(letter).value()).isNotEmpty();
    assertThat(Log.header(letter, "source.topic")).isEqualTo("match.requested");
    assertThat(Log.header(letter, "subject")).isEqualTo(failed.getOrderId());
    assertThat(Log.header(letter, "service")).isEqualTo("match-svc");
    assertThat(Log.header(letter, "error")).contains("cannot be matched", "overflow");
    exchange.assertConserved();
    assertThat(Sagas.compensation(sagas.atRest(taker, failed)))
        .containsExactly(
            "match.dlq: could not be matched",
            "settle.requested: 0.5 BTC left: CANCELLED MATCH_FAILED",
            "order.cancel.requested: to be cancelled: MATCH_FAILED",
            "settle.completed: settled: released 50 USD");

    stores.sql("delete from matching.trade where market = $1", market);
    stores.fence("matching", "match-svc", partition);

    assertThat(Tape.of(taker.buy(market, "0.5", "100")))
        .isEqualTo("FILLED 0.5 for 50, fee 0.001 BTC, left 0");
    assertThat(Tape.of(maker.get(resting))).isEqualTo("FILLED 0.5 for 50, fee 0.05 USD, left 0");
    exchange.assertConserved();
  }

  /** The market's last trade has the largest id there is. */
  private void useUpTradeIds(String market, int partition) {
    stores.sql(
        "insert into matching.trade values ($1, $2, 1, 1, 1, 1, $3, $3, 'a', 'b', 1)",
        market,
        Long.MAX_VALUE,
        new UUID(0, 0));
    stores.fence("matching", "match-svc", partition);
  }

  // ---- what they share

  /** Settling stands still with one outcome in hand; the next ones will come together. */
  private Stores.Halt haltBehindAnOutcome(String market) {
    int partition = TestMarkets.partition(market);
    Trader somebody = buyer("100");
    long before = stores.settled(partition);
    Stores.Halt halt = stores.haltSettling(partition);
    decided(somebody, market, "1", "1");
    Eventually.passes(() -> assertThat(stores.settled(partition)).isGreaterThan(before));
    return halt;
  }

  private static Order decided(Trader trader, String market, String quantity) {
    return decided(trader, market, quantity, "100");
  }

  /** A buyer's order that goes on to be matched and is not waited for. */
  private static Order decided(Trader trader, String market, String quantity, String price) {
    PlaceOrderRequest.Builder request =
        trader
            .order(market)
            .setWait(Wait.WAIT_DECISION)
            .setLimit(Trader.limit(Side.SIDE_BUY, quantity, price, TimeInForce.TIME_IN_FORCE_IOC));
    return trader.place(request);
  }

  private static void closes(Trader trader, Order order, String as) {
    Eventually.passes(() -> assertThat(Tape.of(trader.get(order))).isEqualTo(as));
  }

  /** The only dead letter since there were so many. */
  private ConsumerRecord<byte[], byte[]> deadLetter(Topic dlq, long before) {
    Eventually.passes(() -> assertThat(log.size(dlq)).isEqualTo(before + 1));
    return log.read(dlq).stream()
        .max(java.util.Comparator.comparingLong(ConsumerRecord::timestamp))
        .orElseThrow();
  }

  private ConsumerRecord<byte[], byte[]> source(ConsumerRecord<byte[], byte[]> letter) {
    Topic topic = Topic.ofName(Log.header(letter, "source.topic")).orElseThrow();
    int partition = Integer.parseInt(Log.header(letter, "source.partition"));
    long offset = Long.parseLong(Log.header(letter, "source.offset"));
    return log.read(topic).stream()
        .filter(record -> record.partition() == partition && record.offset() == offset)
        .findFirst()
        .orElseThrow();
  }

  private ConsumerRecord<byte[], byte[]> last(Topic topic, int partition) {
    return log.read(topic).stream()
        .filter(record -> record.partition() == partition)
        .reduce((one, later) -> later)
        .orElseThrow();
  }
}
