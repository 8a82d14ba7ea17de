package dev.sagax.bench.demo;

import dev.sagax.bench.client.ExchangeClient;
import dev.sagax.bench.client.Refusals;
import dev.sagax.bench.client.Session;
import dev.sagax.bench.saga.Timeline;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.DepositRequest;
import dev.sagax.proto.asset.v1.GetBalancesRequest;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.asset.v1.TransferStatus;
import dev.sagax.proto.ledger.v1.AuditRequest;
import dev.sagax.proto.order.v1.CancelOrderRequest;
import dev.sagax.proto.order.v1.ClientOrderRef;
import dev.sagax.proto.order.v1.GetOrderRequest;
import dev.sagax.proto.order.v1.LimitOrder;
import dev.sagax.proto.order.v1.MarketBuyOrder;
import dev.sagax.proto.order.v1.MarketSellOrder;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderReason;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.Wait;
import dev.sagax.proto.saga.v1.GetSagaRequest;
import dev.sagax.proto.saga.v1.GetSagaResponse;
import dev.sagax.proto.saga.v1.SagaStep;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The script of the demo. Every expected figure is computed by hand, from the rules of BTC-USD in
 * the built-in markets: tick 0.01, lot 0.0001, maker fee 10 and taker fee 20 basis points of what a
 * side receives.
 */
final class Demo {
  static final String MARKET = "BTC-USD";
  private static final Set<Scope> CLIENT = Set.of(Scope.READ, Scope.TRADE);

  private static final long PATIENCE_MILLIS = 5_000;

  private final Accident accident;
  private final Tape tape;
  private final Session alice;
  private final Session bob;
  private final Session operator;

  /** What an order must look like. */
  private record Expected(
      OrderStatus status,
      OrderReason reason,
      String filledQuantity,
      String filledQuote,
      String fee,
      String remaining) {

    static Expected of(
        OrderStatus status, String filledQuantity, String filledQuote, String fee, String left) {
      return new Expected(
          status, OrderReason.ORDER_REASON_UNSPECIFIED, filledQuantity, filledQuote, fee, left);
    }

    Expected because(OrderReason why) {
      return new Expected(status, why, filledQuantity, filledQuote, fee, remaining);
    }
  }

  Demo(ExchangeClient client, Accident accident, Tape tape) {
    this.accident = accident;
    this.tape = tape;
    this.alice = client.as("alice", CLIENT);
    this.bob = client.as("bob", CLIENT);
    this.operator = client.as("operator", Set.of(Scope.OPERATOR));
  }

  void run() {
    deposits();
    limitSellRests();
    limitBuyTakesAndRests();
    marketSell();
    marketBuy();
    retryAfterTimeout();
    cancel();
    tooExpensive();
    offTick();
    Order failed = settlementFails();
    balances();
    audit();
    saga(failed);
  }

  private void deposits() {
    deposit("alice", "BTC", "2");
    tape.saga(
        "transfer.requested -> the ledger credits alice in one Redis script and journals it -> transfer.completed");
    deposit("bob", "USD", "100000");
    tape.saga("The same for bob, in his account's own partition.");
  }

  private void deposit(String account, String asset, String amount) {
    tape.step("operator", "deposits %s %s for %s".formatted(amount, asset, account));
    DepositRequest request =
        DepositRequest.newBuilder()
            .setAccount(account)
            .setAsset(asset)
            .setAmount(amount)
            .setRequestId("demo-" + account)
            .build();
    Transfer transfer = operator.assets().deposit(request).getTransfer();
    tape.expect("status", TransferStatus.TRANSFER_STATUS_COMPLETED, transfer.getStatus());
    tape.expectNumber("amount", amount, transfer.getAmount());
    tape.result(word(transfer.getStatus().name(), "TRANSFER_STATUS_"));
  }

  /** Nobody buys yet: the order rests with all of its 0.5 BTC held. */
  private void limitSellRests() {
    tape.step("alice", "limit sell 0.5 BTC at 50,000 USD");
    Order order = place(alice, limit("a-1", Side.SIDE_SELL, "50000", "0.5"));
    check(order, Expected.of(OrderStatus.ORDER_STATUS_OPEN, "0", "0", "0", "0.5"));
    tape.saga(
        "order.requested -> 0.5 BTC held -> match.requested -> rests in the book -> settle.requested -> settle.completed");
  }

  /**
   * 0.5 x 50,000 = 25,000 USD at the maker's price. bob takes: 20 bps of 0.5 BTC = 0.001 BTC. alice
   * made: 10 bps of 25,000 USD = 25 USD.
   */
  private void limitBuyTakesAndRests() {
    tape.step("bob", "limit buy 0.8 BTC at 50,100 USD: a better price is there, for a part of it");
    Order order = place(bob, limit("b-1", Side.SIDE_BUY, "50100", "0.8"));
    check(
        order,
        Expected.of(OrderStatus.ORDER_STATUS_PARTIALLY_FILLED, "0.5", "25000", "0.001", "0.3"));
    tape.saga(
        "40,080 USD held, 0.5 BTC traded at alice's 50,000; what that saved stays held until the order closes; 0.3 rest");
    tape.step("alice", "looks at her sell");
    check(
        get(alice, "a-1"), Expected.of(OrderStatus.ORDER_STATUS_FILLED, "0.5", "25000", "25", "0"));
    tape.saga(
        "One settlement moved both sides and both fees, in one script and one journal entry set.");
  }

  /** 0.1 x 50,100 = 5,010 USD; alice takes: 20 bps = 10.02 USD; bob made: 10 bps of 0.1 BTC. */
  private void marketSell() {
    tape.step("alice", "market sell 0.1 BTC");
    Order order =
        place(alice, request("a-2").setMarketSell(MarketSellOrder.newBuilder().setQuantity("0.1")));
    check(order, Expected.of(OrderStatus.ORDER_STATUS_FILLED, "0.1", "5010", "10.02", "0"));
    tape.saga("It takes the best price there is, bob's 50,100, and never rests.");
    tape.step("bob", "looks at his buy");
    check(
        get(bob, "b-1"),
        Expected.of(OrderStatus.ORDER_STATUS_PARTIALLY_FILLED, "0.6", "30010", "0.0011", "0.2"));
    tape.saga("0.5 as taker and 0.1 as maker: the fee is 0.001 + 0.0001 BTC.");
  }

  /**
   * One lot of 0.0001 at 50,200 costs 5.02 USD, so 10,000 USD buy 1,992 lots = 0.1992 BTC for
   * 9,999.84 USD. bob takes: 20 bps of 0.1992 = 0.0003984 BTC. alice made: 10 bps = 9.99984 USD.
   */
  private void marketBuy() {
    tape.step("alice", "limit sell 0.4 BTC at 50,200 USD");
    check(
        place(alice, limit("a-3", Side.SIDE_SELL, "50200", "0.4")),
        Expected.of(OrderStatus.ORDER_STATUS_OPEN, "0", "0", "0", "0.4"));
    tape.saga("Held and resting above bob's bid.");
    tape.step("bob", "market buy for 10,000 USD");
    Order order = place(bob, marketBuyRequest());
    check(
        order, Expected.of(OrderStatus.ORDER_STATUS_FILLED, "0.1992", "9999.84", "0.0003984", "0"));
    tape.saga("1,992 whole lots at 5.02 USD; the 0.16 USD that buy no further lot are released.");
    tape.step("alice", "looks at her second sell");
    check(
        get(alice, "a-3"),
        Expected.of(
            OrderStatus.ORDER_STATUS_PARTIALLY_FILLED, "0.1992", "9999.84", "9.99984", "0.2008"));
    tape.saga("0.2008 BTC rest and stay held.");
  }

  private void retryAfterTimeout() {
    tape.step("bob", "sends the same market buy again, as after a time-out");
    check(
        place(bob, marketBuyRequest()),
        Expected.of(OrderStatus.ORDER_STATUS_FILLED, "0.1992", "9999.84", "0.0003984", "0"));
    tape.saga("Same client_order_id, same content: the original answer. Nothing is bought twice.");
  }

  private static PlaceOrderRequest.Builder marketBuyRequest() {
    return request("b-2").setMarketBuy(MarketBuyOrder.newBuilder().setQuoteAmount("10000"));
  }

  /** Its hold was 40,080 USD; 25,000 and 5,010 are spent, so 10,070 go back. */
  private void cancel() {
    tape.step("bob", "cancels what is left of his limit buy");
    CancelOrderRequest request =
        CancelOrderRequest.newBuilder()
            .setClientOrder(ClientOrderRef.newBuilder().setMarket(MARKET).setClientOrderId("b-1"))
            .setWait(Wait.WAIT_SETTLED)
            .build();
    check(
        bob.orders().cancelOrder(request).getOrder(),
        Expected.of(OrderStatus.ORDER_STATUS_CANCELLED, "0.6", "30010", "0.0011", "0")
            .because(OrderReason.ORDER_REASON_CANCELLED_BY_OWNER));
    tape.saga(
        "The cancel takes its order's road through the log; the remaining 10,070 USD are released.");
  }

  /** 10 x 50,000 = 500,000 USD; bob has 59,990.16. */
  private void tooExpensive() {
    tape.step("bob", "limit buy 10 BTC at 50,000 USD: he cannot pay for it");
    check(
        place(bob, limit("b-3", Side.SIDE_BUY, "50000", "10")),
        Expected.of(OrderStatus.ORDER_STATUS_REJECTED, "0", "0", "0", "0")
            .because(OrderReason.ORDER_REASON_INSUFFICIENT_FUNDS));
    tape.saga(
        "The ledger refused the hold: the order is recorded as REJECTED and never reaches the book.");
  }

  private void offTick() {
    tape.step("alice", "limit sell 0.1 BTC at 50,000.005 USD: prices go in steps of 0.01");
    String refusal = "an order";
    try {
      place(alice, limit("a-4", Side.SIDE_SELL, "50000.005", "0.1"));
    } catch (StatusRuntimeException e) {
      refusal = e.getStatus().getCode() + " " + Refusals.reason(e);
    }
    tape.expect("answer", Status.Code.INVALID_ARGUMENT + " OFF_TICK", refusal);
    tape.result(refusal);
    tape.saga("Refused at the edge, before anything is recorded: there is no such order.");
  }

  /**
   * bob's buy meets alice's second sell, whose hold is gone: nothing of it is settled. Both orders
   * are cancelled, what alice's had filled before is kept, and everybody has what he had.
   */
  private Order settlementFails() {
    Order second = get(alice, "a-3");
    accident.releaseHold(second.getOrderId(), "alice", "BTC");
    tape.step(
        "bob", "limit buy 0.1 BTC at 50,200 USD, after an accident: somebody has released the");
    tape.line("hold of alice's second sell by hand, in Redis, behind the exchange's back");
    Order order = place(bob, limit("b-4", Side.SIDE_BUY, "50200", "0.1"));
    check(
        order,
        Expected.of(OrderStatus.ORDER_STATUS_CANCELLED, "0", "0", "0", "0")
            .because(OrderReason.ORDER_REASON_SETTLEMENT_FAILED));
    tape.saga(
        "The ledger refuses the match as a whole, the match is undone, and bob's 5,020 USD are released.");
    tape.step("alice", "looks at her second sell");
    check(
        get(alice, "a-3"),
        Expected.of(OrderStatus.ORDER_STATUS_CANCELLED, "0.1992", "9999.84", "9.99984", "0")
            .because(OrderReason.ORDER_REASON_SETTLEMENT_FAILED));
    tape.saga("What it had filled before stands; nothing can rest that nothing is held for.");
    return order;
  }

  /** Every step of the failed settlement, and none that nobody knows the place of. */
  private void saga(Order order) {
    GetSagaResponse saga = sagaAtItsEnd(order.getOrderId());
    tape.heading("The saga of bob's last order: <- marks what takes it back");
    Timeline.of(saga).forEach(tape::line);
    List<String> compensation =
        saga.getStepsList().stream()
            .filter(SagaStep::getCompensation)
            .map(SagaStep::getTopic)
            .filter(topic -> !topic.equals("order.updated"))
            .toList();
    tape.expect(
        "the compensation's topics",
        List.of(
            "settle.dlq",
            "match.cancel.requested",
            "settle.requested",
            "order.cancel.requested",
            "settle.completed"),
        compensation);
    tape.expect(
        "steps without a record",
        0L,
        saga.getStepsList().stream().filter(step -> !step.hasOffset()).count());
    tape.expect("what it waits for", "nothing: the order is final", saga.getWaitsFor());
    tape.result("%d steps, each with its record in the log".formatted(saga.getStepsCount()));
  }

  /** The last notes of a saga may still be on their way when its order is closed already. */
  private GetSagaResponse sagaAtItsEnd(String orderId) {
    GetSagaRequest request = GetSagaRequest.newBuilder().setOrderId(orderId).build();
    long start = System.nanoTime();
    GetSagaResponse saga;
    do {
      saga = bob.sagas().getSaga(request);
    } while (!saga.getWaitsFor().startsWith("nothing")
        && System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS));
    return saga;
  }

  /**
   * alice BTC: 2 - 0.5 - 0.1 - 0.1992 = 1.2008 available, nothing held. USD: 25,000 - 25 + 5,010 -
   * 10.02 + 9,999.84 - 9.99984. bob BTC: 0.6 - 0.0011 + 0.1992 - 0.0003984. USD: 100,000 - 25,000 -
   * 5,010 - 9,999.84.
   */
  private void balances() {
    tape.heading("Balances");
    tape.row("", "asset", "available", "held");
    balance("alice", alice, "BTC", "1.2008", "0");
    balance("alice", alice, "USD", "39964.82016", "0");
    balance("bob", bob, "BTC", "0.7977016", "0");
    balance("bob", bob, "USD", "59990.16", "0");
    tape.result("4 balances");
  }

  private void balance(
      String account, Session session, String asset, String available, String held) {
    var balances =
        session
            .assets()
            .getBalances(GetBalancesRequest.newBuilder().setAsset(asset).build())
            .getBalancesList();
    String what = account + "'s " + asset;
    tape.expect(what + ", entries", 1, balances.size());
    balances.forEach(balance -> {
      tape.expectNumber(what + " available", available, balance.getAvailable());
      tape.expectNumber(what + " held", held, balance.getHeld());
      tape.row(account, asset, balance.getAvailable(), balance.getHeld());
    });
  }

  /** Fees: BTC 0.001 + 0.0001 + 0.0003984; USD 25 + 10.02 + 9.99984. */
  private void audit() {
    var audit = operator.ledger().audit(AuditRequest.getDefaultInstance());
    var trial = new TrialBalance(alice.markets(), audit, tape);
    trial.print();
    trial.expect("BTC", "2", "1.9985016", "0", "0.0014984");
    trial.expect("USD", "100000", "99954.98016", "0", "45.01984");
    tape.expect("the audit's verdict", true, audit.getConserved());
    tape.expect("the audit's findings", 0, audit.getFindingsCount());
    audit.getFindingsList().forEach(tape::line);
    tape.result(
        "supply = available + held + fees, holds = held, journal sums to zero: "
            + (audit.getConserved() ? "conserved" : "NOT conserved"));
  }

  private static Order place(Session session, PlaceOrderRequest.Builder request) {
    return session.orders().placeOrder(request.build()).getOrder();
  }

  private static PlaceOrderRequest.Builder limit(
      String clientOrderId, Side side, String price, String quantity) {
    return request(clientOrderId)
        .setLimit(LimitOrder.newBuilder().setSide(side).setPrice(price).setQuantity(quantity));
  }

  private static PlaceOrderRequest.Builder request(String clientOrderId) {
    return PlaceOrderRequest.newBuilder()
        .setMarket(MARKET)
        .setClientOrderId(clientOrderId)
        .setWait(Wait.WAIT_SETTLED);
  }

  private static Order get(Session session, String clientOrderId) {
    GetOrderRequest request =
        GetOrderRequest.newBuilder()
            .setClientOrder(
                ClientOrderRef.newBuilder().setMarket(MARKET).setClientOrderId(clientOrderId))
            .build();
    return session.orders().getOrder(request).getOrder();
  }

  private void check(Order order, Expected expected) {
    tape.expect("status", expected.status, order.getStatus());
    tape.expect("reason", expected.reason, order.getReason());
    tape.expectNumber("filled_quantity", expected.filledQuantity, order.getFilledQuantity());
    tape.expectNumber("filled_quote", expected.filledQuote, order.getFilledQuote());
    tape.expectNumber("fee", expected.fee, order.getFee());
    tape.expectNumber("remaining", expected.remaining, order.getRemaining());
    tape.result(describe(order));
  }

  private static String describe(Order order) {
    StringBuilder text = new StringBuilder(word(order.getStatus().name(), "ORDER_STATUS_"));
    if (order.getReason() != OrderReason.ORDER_REASON_UNSPECIFIED) {
      text.append(" (").append(word(order.getReason().name(), "ORDER_REASON_")).append(')');
    }
    if (!order.getFilledQuantity().equals("0")) {
      text.append(
          ": filled %s BTC for %s USD, fee %s %s"
              .formatted(
                  order.getFilledQuantity(),
                  order.getFilledQuote(),
                  order.getFee(),
                  order.getFeeAsset()));
    }
    if (!order.getRemaining().equals("0")) {
      text.append(", remaining ").append(order.getRemaining());
    }
    return text.toString();
  }

  private static String word(String name, String prefix) {
    return name.replace(prefix, "");
  }
}
