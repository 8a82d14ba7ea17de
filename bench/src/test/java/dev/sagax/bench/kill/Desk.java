package dev.sagax.bench.kill;

import static java.util.stream.Collectors.toMap;

import dev.sagax.local.DevTokens;
import dev.sagax.local.Endpoints;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.platform.rpc.Tokens;
import dev.sagax.proto.asset.v1.AssetServiceGrpc;
import dev.sagax.proto.asset.v1.DepositRequest;
import dev.sagax.proto.asset.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.AuditRequest;
import dev.sagax.proto.ledger.v1.AuditResponse;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpc;
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
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A client of one run of the exchange. */
final class Desk implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 10;
  private static final int PAGE = 500;

  private final Tokens tokens;
  private final ManagedChannel order;
  private final ManagedChannel match;
  private final ManagedChannel settle;
  private final ManagedChannel asset;

  Desk(Endpoints endpoints) {
    tokens = DevTokens.load(endpoints.keyFile());
    order = channel(endpoints.host(), endpoints.ports().order());
    match = channel(endpoints.host(), endpoints.ports().match());
    settle = channel(endpoints.host(), endpoints.ports().settle());
    asset = channel(endpoints.host(), endpoints.ports().asset());
  }

  private static ManagedChannel channel(String host, int port) {
    return NettyChannelBuilder.forAddress(host, port).usePlaintext().build();
  }

  void deposit(String account, String name, String amount) {
    AssetServiceGrpc.newBlockingStub(asset)
        .withInterceptors(as("operator", Scope.OPERATOR))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
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
    return OrderServiceGrpc.newBlockingStub(order)
        .withInterceptors(as(account, Scope.TRADE, Scope.READ))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
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
    return MarketDataServiceGrpc.newBlockingStub(match)
        .withInterceptors(as(account(market, 0), Scope.READ))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
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
    return AssetServiceGrpc.newBlockingStub(asset)
        .withInterceptors(as(account, Scope.READ))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .getBalances(GetBalancesRequest.getDefaultInstance())
        .getBalancesList();
  }

  AuditResponse audit() {
    return LedgerServiceGrpc.newBlockingStub(settle)
        .withInterceptors(as("operator", Scope.OPERATOR))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .audit(AuditRequest.getDefaultInstance());
  }

  private ClientInterceptor as(String account, Scope first, Scope... more) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + tokens.issue(account, EnumSet.of(first, more), Duration.ofHours(1)));
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  @Override
  public void close() {
    order.shutdownNow();
    match.shutdownNow();
    settle.shutdownNow();
    asset.shutdownNow();
  }
}
