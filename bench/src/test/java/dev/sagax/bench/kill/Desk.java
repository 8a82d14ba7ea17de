package dev.sagax.bench.kill;

import static java.util.stream.Collectors.toMap;

import dev.sagax.bench.client.ExchangeClient;
import dev.sagax.bench.client.RunningExchange;
import dev.sagax.bench.client.Session;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.DepositRequest;
import dev.sagax.proto.asset.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.AuditRequest;
import dev.sagax.proto.ledger.v1.AuditResponse;
import dev.sagax.proto.market.v1.GetOrderBookRequest;
import dev.sagax.proto.market.v1.ListTradesRequest;
import dev.sagax.proto.market.v1.MarketDataServiceGrpc;
import dev.sagax.proto.market.v1.Trade;
import dev.sagax.proto.order.v1.CancelOrderRequest;
import dev.sagax.proto.order.v1.ClientOrderRef;
import dev.sagax.proto.order.v1.ListOrdersRequest;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderServiceGrpc;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.Wait;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** A client of one run of the exchange. */
final class Desk implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final int PAGE = 500;

  private final ExchangeClient client;
  private final Session operator;
  private final Map<String, Session> customers = new ConcurrentHashMap<>();

  Desk(RunningExchange exchange) {
    client = new ExchangeClient(exchange);
    operator = client.as("operator", Set.of(Scope.OPERATOR));
  }

  private Session customer(String account) {
    return customers.computeIfAbsent(
        account, name -> client.as(name, Set.of(Scope.TRADE, Scope.READ)));
  }

  void deposit(String account, String name, String amount) {
    operator
        .assets()
        .withDeadlineAfter(DEADLINE)
        .deposit(
            DepositRequest.newBuilder()
                .setAccount(account)
                .setAsset(name)
                .setAmount(amount)
                .setRequestId("first-" + name)
                .build());
  }

  /** Returns once the instruction is in the log; what becomes of it is not waited for. */
  void append(String market, Script.Step step) {
    switch (step) {
      case Script.Place place ->
          orders(account(market, step))
              .placeOrder(
                  PlaceOrderRequest.newBuilder(place.order())
                      .setMarket(market)
                      .setClientOrderId(place.id())
                      .setWait(Wait.WAIT_ACK)
                      .build());
      case Script.Cancel cancel ->
          orders(account(market, step))
              .cancelOrder(
                  CancelOrderRequest.newBuilder()
                      .setClientOrder(
                          ClientOrderRef.newBuilder()
                              .setMarket(market)
                              .setClientOrderId(cancel.id()))
                      .setWait(Wait.WAIT_ACK)
                      .build());
    }
  }

  static String account(String market, int number) {
    return market + ":" + number;
  }

  private static String account(String market, Script.Step step) {
    return account(market, step.account());
  }

  private OrderServiceGrpc.OrderServiceBlockingStub orders(String account) {
    return customer(account).orders().withDeadlineAfter(DEADLINE);
  }

  /** All that a market and its accounts came to, without ids and times. */
  Map<String, Object> outcome(String market) {
    Map<String, Object> outcome = new TreeMap<>();
    outcome.put("book", book(market));
    outcome.put("trades", trades(market).stream().map(Desk::withoutIds).toList());
    for (int n = 0; n < Script.ACCOUNTS; n++) {
      outcome.put("orders of " + n, orders(market, account(market, n)));
      outcome.put("balances of " + n, balances(account(market, n)));
    }
    return outcome;
  }

  private Object book(String market) {
    var book =
        markets(market)
            .getOrderBook(
                GetOrderBookRequest.newBuilder().setMarket(market).setDepth(5_000).build());
    return List.of(book.getBidsList(), book.getAsksList());
  }

  List<Trade> trades(String market) {
    List<Trade> all = new ArrayList<>();
    String token = "";
    do {
      var page =
          markets(market)
              .listTrades(
                  ListTradesRequest.newBuilder()
                      .setMarket(market)
                      .setPageSize(PAGE)
                      .setPageToken(token)
                      .build());
      all.addAll(page.getTradesList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return all;
  }

  private static String withoutIds(Trade trade) {
    return "%d %s %s @ %s for %s"
        .formatted(
            trade.getTradeId(),
            trade.getTakerSide(),
            trade.getQuantity(),
            trade.getPrice(),
            trade.getQuoteAmount());
  }

  private MarketDataServiceGrpc.MarketDataServiceBlockingStub markets(String market) {
    return customer(account(market, 0)).markets().withDeadlineAfter(DEADLINE);
  }

  /** The orders of an account by its own names of them; fails if one is there twice. */
  private Map<String, String> orders(String market, String account) {
    List<Order> all = new ArrayList<>();
    String token = "";
    do {
      var page =
          orders(account)
              .listOrders(
                  ListOrdersRequest.newBuilder()
                      .setMarket(market)
                      .setPageSize(PAGE)
                      .setPageToken(token)
                      .build());
      all.addAll(page.getOrdersList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return all.stream().collect(toMap(Order::getClientOrderId, Desk::withoutIds));
  }

  private static String withoutIds(Order order) {
    return "%s %s %s for %s, fee %s, left %s"
        .formatted(
            order.getStatus(),
            order.getReason(),
            order.getFilledQuantity(),
            order.getFilledQuote(),
            order.getFee(),
            order.getRemaining());
  }

  private Object balances(String account) {
    return customer(account)
        .assets()
        .withDeadlineAfter(DEADLINE)
        .getBalances(GetBalancesRequest.getDefaultInstance())
        .getBalancesList();
  }

  AuditResponse audit() {
    return operator.ledger().withDeadlineAfter(DEADLINE).audit(AuditRequest.getDefaultInstance());
  }

  @Override
  public void close() {
    client.close();
  }
}
