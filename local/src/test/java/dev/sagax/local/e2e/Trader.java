package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.AssetServiceGrpc;
import dev.sagax.proto.asset.v1.Balance;
import dev.sagax.proto.asset.v1.ConfirmWithdrawalRequest;
import dev.sagax.proto.asset.v1.DepositRequest;
import dev.sagax.proto.asset.v1.GetBalancesRequest;
import dev.sagax.proto.asset.v1.ReturnWithdrawalRequest;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.asset.v1.TransferStatus;
import dev.sagax.proto.asset.v1.WithdrawRequest;
import dev.sagax.proto.market.v1.MarketDataServiceGrpc;
import dev.sagax.proto.order.v1.AmendOrderRequest;
import dev.sagax.proto.order.v1.AmendOrderResponse;
import dev.sagax.proto.order.v1.CancelAllOrdersRequest;
import dev.sagax.proto.order.v1.CancelAllOrdersResponse;
import dev.sagax.proto.order.v1.CancelOrderRequest;
import dev.sagax.proto.order.v1.ClientOrderRef;
import dev.sagax.proto.order.v1.GetOrderRequest;
import dev.sagax.proto.order.v1.LimitOrder;
import dev.sagax.proto.order.v1.ListOrdersRequest;
import dev.sagax.proto.order.v1.MarketBuyOrder;
import dev.sagax.proto.order.v1.MarketSellOrder;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderServiceGrpc;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import dev.sagax.proto.order.v1.Wait;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A customer with an account of its own. Calls have a deadline of 20 s, and wait for settlement
 * unless told otherwise.
 */
final class Trader {
  private static final long DEADLINE_SECONDS = 20;
  private static final Duration FUNDING = Duration.ofMinutes(3);

  private final Clients exchange;
  private final String account;
  private final AtomicInteger ids = new AtomicInteger();

  Trader(Clients exchange, String account) {
    this.exchange = exchange;
    this.account = account;
  }

  String account() {
    return account;
  }

  /** The next unused id of this trader, for orders and transfers. */
  String nextId() {
    return "id-" + ids.incrementAndGet();
  }

  String token() {
    return exchange.token(account, Scope.READ, Scope.TRADE, Scope.TRANSFER);
  }

  OrderServiceGrpc.OrderServiceBlockingStub orders() {
    return orders(DEADLINE_SECONDS * 1_000);
  }

  OrderServiceGrpc.OrderServiceBlockingStub orders(long deadlineMillis) {
    return OrderServiceGrpc.newBlockingStub(exchange.order())
        .withInterceptors(TestExchange.bearer(token()))
        .withDeadlineAfter(deadlineMillis, TimeUnit.MILLISECONDS);
  }

  /** For calls that are not waited for. */
  OrderServiceGrpc.OrderServiceFutureStub ordersLater() {
    return OrderServiceGrpc.newFutureStub(exchange.order())
        .withInterceptors(TestExchange.bearer(token()))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  MarketDataServiceGrpc.MarketDataServiceBlockingStub markets() {
    return MarketDataServiceGrpc.newBlockingStub(exchange.match())
        .withInterceptors(TestExchange.bearer(token()))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  AssetServiceGrpc.AssetServiceBlockingStub assets() {
    return AssetServiceGrpc.newBlockingStub(exchange.asset())
        .withInterceptors(TestExchange.bearer(token()))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  // ---- funds

  /** An operator credits this account; checked to be completed. */
  Trader deposit(String asset, String amount) {
    Transfer transfer = deposit(asset, amount, nextId());
    assertThat(transfer.getStatus()).isEqualTo(TransferStatus.TRANSFER_STATUS_COMPLETED);
    return this;
  }

  /** As {@link #deposit}, however busy the machine is: asks again while the outcome is unknown. */
  Trader fund(String asset, String amount) {
    String id = nextId();
    Eventually.passes(
        FUNDING,
        () ->
            assertThat(deposit(asset, amount, id).getStatus())
                .isEqualTo(TransferStatus.TRANSFER_STATUS_COMPLETED));
    return this;
  }

  Transfer deposit(String asset, String amount, String requestId) {
    return exchange
        .operator()
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .deposit(
            DepositRequest.newBuilder()
                .setAccount(account)
                .setAsset(asset)
                .setAmount(amount)
                .setRequestId(requestId)
                .build())
        .getTransfer();
  }

  Transfer withdraw(String asset, String amount, String requestId) {
    return assets()
        .withdraw(
            WithdrawRequest.newBuilder()
                .setAsset(asset)
                .setAmount(amount)
                .setRequestId(requestId)
                .build())
        .getTransfer();
  }

  /** An operator confirms a withdrawal of this account. */
  Transfer confirm(Transfer withdrawal) {
    return exchange
        .operator()
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .confirmWithdrawal(
            ConfirmWithdrawalRequest.newBuilder()
                .setAccount(account)
                .setTransferId(withdrawal.getTransferId())
                .setReason("paid")
                .build())
        .getTransfer();
  }

  /** An operator returns a withdrawal of this account. */
  Transfer giveBack(Transfer withdrawal) {
    return exchange
        .operator()
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .returnWithdrawal(
            ReturnWithdrawalRequest.newBuilder()
                .setAccount(account)
                .setTransferId(withdrawal.getTransferId())
                .setReason("the address is unknown")
                .build())
        .getTransfer();
  }

  List<Balance> balances() {
    return assets().getBalances(GetBalancesRequest.getDefaultInstance()).getBalancesList();
  }

  void hasNothingHeld() {
    assertThat(balances()).extracting(Balance::getHeld).containsOnly("0");
  }

  /** Exactly this is available and this is held. */
  void has(String asset, String available, String held) {
    Balance balance =
        assets()
            .getBalances(GetBalancesRequest.newBuilder().setAsset(asset).build())
            .getBalances(0);
    assertThat(balance.getAvailable() + " available, " + balance.getHeld() + " held")
        .as("%s of %s", asset, account)
        .isEqualTo(available + " available, " + held + " held");
  }

  // ---- orders

  static LimitOrder limit(Side side, String quantity, String price, TimeInForce timeInForce) {
    return LimitOrder.newBuilder()
        .setSide(side)
        .setPrice(price)
        .setQuantity(quantity)
        .setTimeInForce(timeInForce)
        .build();
  }

  /** An order under the next id, that waits for settlement. */
  PlaceOrderRequest.Builder order(String market) {
    return PlaceOrderRequest.newBuilder()
        .setMarket(market)
        .setClientOrderId(nextId())
        .setWait(Wait.WAIT_SETTLED);
  }

  Order place(PlaceOrderRequest.Builder request) {
    return orders().placeOrder(request.build()).getOrder();
  }

  Order limit(String market, Side side, String quantity, String price, TimeInForce timeInForce) {
    return place(order(market).setLimit(limit(side, quantity, price, timeInForce)));
  }

  Order buy(String market, String quantity, String price) {
    return limit(market, Side.SIDE_BUY, quantity, price, TimeInForce.TIME_IN_FORCE_GTC);
  }

  Order sell(String market, String quantity, String price) {
    return limit(market, Side.SIDE_SELL, quantity, price, TimeInForce.TIME_IN_FORCE_GTC);
  }

  Order marketBuy(String market, String quoteAmount) {
    return place(
        order(market).setMarketBuy(MarketBuyOrder.newBuilder().setQuoteAmount(quoteAmount)));
  }

  Order marketSell(String market, String quantity) {
    return place(order(market).setMarketSell(MarketSellOrder.newBuilder().setQuantity(quantity)));
  }

  Order cancel(Order order) {
    return orders()
        .cancelOrder(
            CancelOrderRequest.newBuilder()
                .setOrderId(order.getOrderId())
                .setWait(Wait.WAIT_SETTLED)
                .build())
        .getOrder();
  }

  /** Cancels all orders and waits until all of them are closed. */
  CancelAllOrdersResponse cancelAll() {
    return orders()
        .cancelAllOrders(CancelAllOrdersRequest.newBuilder().setWait(Wait.WAIT_SETTLED).build());
  }

  Order cancel(String market, String clientOrderId) {
    return orders()
        .cancelOrder(
            CancelOrderRequest.newBuilder()
                .setClientOrder(
                    ClientOrderRef.newBuilder().setMarket(market).setClientOrderId(clientOrderId))
                .setWait(Wait.WAIT_SETTLED)
                .build())
        .getOrder();
  }

  AmendOrderResponse amend(Order order, String quantity) {
    return orders()
        .amendOrder(
            AmendOrderRequest.newBuilder()
                .setOrderId(order.getOrderId())
                .setQuantity(quantity)
                .build());
  }

  /**
   * Replaces an order by one under the next id; empty texts leave price or quantity as they are.
   */
  AmendOrderResponse replace(Order order, String quantity, String price) {
    return replace(order, quantity, price, nextId());
  }

  AmendOrderResponse replace(Order order, String quantity, String price, String newClientOrderId) {
    return orders()
        .amendOrder(
            AmendOrderRequest.newBuilder()
                .setOrderId(order.getOrderId())
                .setQuantity(quantity)
                .setPrice(price)
                .setNewClientOrderId(newClientOrderId)
                .build());
  }

  Order get(Order order) {
    return orders()
        .getOrder(GetOrderRequest.newBuilder().setOrderId(order.getOrderId()).build())
        .getOrder();
  }

  /** All orders of a market, newest first, read in pages of this size. */
  List<Order> list(String market, boolean openOnly, int pageSize) {
    List<Order> all = new ArrayList<>();
    String token = "";
    do {
      var page =
          orders()
              .listOrders(
                  ListOrdersRequest.newBuilder()
                      .setMarket(market)
                      .setOpenOnly(openOnly)
                      .setPageSize(pageSize)
                      .setPageToken(token)
                      .build());
      assertThat(page.getOrdersCount()).isLessThanOrEqualTo(pageSize);
      all.addAll(page.getOrdersList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return all;
  }
}
