package dev.sagax.local.e2e;

import static dev.sagax.proto.order.v1.Side.SIDE_BUY;
import static dev.sagax.proto.order.v1.TimeInForce.TIME_IN_FORCE_GTC;
import static io.grpc.Status.Code.ALREADY_EXISTS;
import static io.grpc.Status.Code.INVALID_ARGUMENT;
import static io.grpc.Status.Code.NOT_FOUND;
import static io.grpc.Status.Code.PERMISSION_DENIED;
import static io.grpc.Status.Code.RESOURCE_EXHAUSTED;
import static io.grpc.Status.Code.UNAUTHENTICATED;
import static io.grpc.Status.Code.UNIMPLEMENTED;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.asset.v1.ConfirmWithdrawalRequest;
import dev.sagax.proto.asset.v1.DepositRequest;
import dev.sagax.proto.asset.v1.ListHoldsRequest;
import dev.sagax.proto.asset.v1.ListStatementEntriesRequest;
import dev.sagax.proto.asset.v1.ListTransfersRequest;
import dev.sagax.proto.asset.v1.TransferKind;
import dev.sagax.proto.asset.v1.UnfreezeAccountRequest;
import dev.sagax.proto.asset.v1.WatchBalancesRequest;
import dev.sagax.proto.market.v1.GetOrderBookRequest;
import dev.sagax.proto.market.v1.GetTickerRequest;
import dev.sagax.proto.market.v1.WatchOrderBookRequest;
import dev.sagax.proto.market.v1.WatchTickerRequest;
import dev.sagax.proto.market.v1.WatchTradesRequest;
import dev.sagax.proto.order.v1.AmendOrderRequest;
import dev.sagax.proto.order.v1.CancelAllAfterRequest;
import dev.sagax.proto.order.v1.CancelAllOrdersRequest;
import dev.sagax.proto.order.v1.ClientOrderRef;
import dev.sagax.proto.order.v1.GetOrderRequest;
import dev.sagax.proto.order.v1.LimitOrder;
import dev.sagax.proto.order.v1.ListOrdersRequest;
import dev.sagax.proto.order.v1.MarketBuyOrder;
import dev.sagax.proto.order.v1.MarketSellOrder;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderServiceGrpc;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.PlaceOrderResult;
import dev.sagax.proto.order.v1.PlaceOrdersRequest;
import dev.sagax.proto.order.v1.WatchOrdersRequest;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What somebody would try who wants an effect that is not his, or an exchange that falls over. */
final class Attacks {
  /** None of them is a decimal of the API, though each is a number to somebody. */
  private static final List<String> NO_DECIMALS =
      List.of(
          "1e5",
          "1E+5",
          "+1",
          "-",
          "--1",
          "1-",
          "00",
          "007",
          "1.",
          ".1",
          "1..1",
          "1,000",
          "1_000",
          "1'000",
          "1 000",
          "1\u00a0000",
          "1/3",
          "0x1F",
          "1L",
          "1.0d",
          "NaN",
          "Infinity",
          "\u221e",
          "\u22121",
          "\u0661\u0662\u0663",
          "\uff11\uff12",
          "1\u0000",
          "\u20601",
          "1\r\n",
          "null",
          "true",
          "{}",
          "'; drop table orders.orders; --",
          "9".repeat(200),
          "1." + "0".repeat(200),
          "1e-" + "9".repeat(100));

  private static final String DECIMAL = "INVALID_DECIMAL";
  private static final String PLACE = "sagax.order.v1.OrderService/PlaceOrder";
  private static final Timestamp LATE = Timestamp.newBuilder().setSeconds(1L << 50).build();
  private static final Timestamp LATEST = Timestamp.newBuilder().setSeconds(4_000_000_000L).build();
  private static final int ZIPPED_BYTES = 8 << 20;

  private final TestExchange exchange;
  private final BadTable table;
  private final Trader alice;
  private final Trader bob;
  private final String market;
  private final String other;

  Attacks(
      TestExchange exchange,
      BadTable table,
      Trader alice,
      Trader bob,
      String market,
      String other) {
    this.exchange = exchange;
    this.table = table;
    this.alice = alice;
    this.bob = bob;
    this.market = market;
    this.other = other;
  }

  private void bad(String rule, Status.Code code, String reason, String field, Runnable... calls) {
    table.add(rule, code, reason, field, calls);
  }

  private void invalid(String rule, String reason, String field, Runnable... calls) {
    bad(rule, INVALID_ARGUMENT, reason, field, calls);
  }

  // ---- numbers

  void onNumbers() {
    Order resting = alice.buy(market, "1", "80");
    noDecimal("limit.price", price -> place(limit(price, "1")));
    noDecimal("limit.quantity", quantity -> place(limit("10", quantity)));
    noDecimal("market_buy.quote_amount", amount -> place(spending(amount)));
    noDecimal("market_sell.quantity", quantity -> place(selling(quantity)));
    noDecimal("quantity", quantity -> alice.amend(resting, quantity));
    noDecimal("price", price -> alice.replace(resting, "", price, "never"));
    noDecimal("group", this::book);
    noDecimal("amount", amount -> alice.deposit("USD", amount, "never"));
    negative("limit.price", price -> place(limit(price, "1")));
    negative("limit.quantity", quantity -> place(limit("10", quantity)));
    negative("market_buy.quote_amount", amount -> place(spending(amount)));
    negative("market_sell.quantity", quantity -> place(selling(quantity)));
    negative("quantity", quantity -> alice.amend(resting, quantity));
    negative("amount", amount -> alice.withdraw("USD", amount, "never"));
    tooLarge("limit.price", "9".repeat(20), price -> place(limit(price, "1")));
    tooLarge("market_buy.quote_amount", "9".repeat(40), amount -> place(spending(amount)));
    tooLarge("market_sell.quantity", "9".repeat(30), quantity -> place(selling(quantity)));
    tooLarge("amount", "9223372036854775808", amount -> alice.withdraw("USD", amount, "never"));
    tooLarge("group", "9".repeat(20), this::book);
    tooFine("market_buy.quote_amount", "1.0000001", amount -> place(spending(amount)));
    tooFine("market_sell.quantity", "0.000000001", quantity -> place(selling(quantity)));
    tooFine("price", "1.00000001", price -> alice.replace(resting, "", price, "never"));
    tooFine("group", "0.0100000000", this::book);
  }

  private void noDecimal(String field, Consumer<String> call) {
    Stream<Runnable> calls = NO_DECIMALS.stream().map(text -> () -> call.accept(text));
    invalid("no decimal as " + field, DECIMAL, field, calls.toArray(Runnable[]::new));
  }

  private void negative(String field, Consumer<String> call) {
    Stream<Runnable> calls =
        Stream.of("-1", "-0", "-0.5", "-0.000", "-" + "9".repeat(30))
            .map(text -> () -> call.accept(text));
    invalid("below zero as " + field, "NOT_POSITIVE", field, calls.toArray(Runnable[]::new));
  }

  private void tooLarge(String field, String number, Consumer<String> call) {
    invalid("too large as " + field, "AMOUNT_OVERFLOW", field, () -> call.accept(number));
  }

  private void tooFine(String field, String number, Consumer<String> call) {
    invalid("too fine as " + field, "TOO_MANY_DECIMALS", field, () -> call.accept(number));
  }

  private PlaceOrderRequest.Builder limit(String price, String quantity) {
    return order().setLimit(Trader.limit(SIDE_BUY, quantity, price, TIME_IN_FORCE_GTC));
  }

  private PlaceOrderRequest.Builder spending(String amount) {
    return order().setMarketBuy(MarketBuyOrder.newBuilder().setQuoteAmount(amount));
  }

  private PlaceOrderRequest.Builder selling(String quantity) {
    return order().setMarketSell(MarketSellOrder.newBuilder().setQuantity(quantity));
  }

  private PlaceOrderRequest.Builder order() {
    return alice.order(market).setClientOrderId("never");
  }

  private void place(PlaceOrderRequest.Builder order) {
    alice.place(order);
  }

  private void book(String group) {
    alice
        .markets()
        .getOrderBook(GetOrderBookRequest.newBuilder().setMarket(market).setGroup(group).build());
  }

  // ---- orders

  void onOrders(Order resting) {
    PlaceOrderRequest good = limit("10", "1").build();
    invalid(
        "a limit order without terms",
        "INVALID_ENUM",
        "limit.side",
        () -> place(order().setLimit(LimitOrder.getDefaultInstance())));
    invalid(
        "only to be checked, and bad",
        "OFF_TICK",
        "limit.price",
        () -> place(limit("10.001", "1").setValidateOnly(true)));
    invalid(
        "bad in a batch",
        DECIMAL,
        "limit.price",
        () -> placeAll(limit("1e1", "1").build(), limit("1e1", "1").build()));
    bad(
        "a batch of unknown markets",
        NOT_FOUND,
        "UNKNOWN_MARKET",
        "market",
        () -> placeAll(good.toBuilder().setMarket("NO-SUCH").build()));
    invalid(
        "a batch of nothing but defaults",
        "FIELD_REQUIRED",
        "market",
        () -> placeAll(PlaceOrderRequest.getDefaultInstance()));
    PlaceOrderRequest taken = good.toBuilder().setClientOrderId(resting.getClientOrderId()).build();
    bad(
        "an id twice in a batch, and taken",
        ALREADY_EXISTS,
        "ID_REUSED",
        "client_order_id",
        table.recorded(
            Topic.ORDER_REQUESTED,
            table.recorded(Topic.ORDER_REQUESTED, () -> placeAll(taken, taken))));
    bad(
        "a batch of more than a message holds",
        RESOURCE_EXHAUSTED,
        "MESSAGE_TOO_LARGE",
        "",
        () ->
            RawCall.send(
                exchange.order(),
                alice.token(),
                "sagax.order.v1.OrderService/PlaceOrders",
                batch(good.toBuilder().setClientOrderId("x".repeat(4_000)).build(), 100)));
    invalid(
        "an unknown wait of an amendment",
        "INVALID_ENUM",
        "wait",
        () ->
            alice
                .orders()
                .amendOrder(
                    AmendOrderRequest.newBuilder()
                        .setOrderId(resting.getOrderId())
                        .setQuantity("0.5")
                        .setWaitValue(-3)
                        .build()));
    invalid(
        "another price without another id",
        "FIELD_REQUIRED",
        "new_client_order_id",
        () ->
            alice
                .orders()
                .amendOrder(
                    AmendOrderRequest.newBuilder()
                        .setOrderId(resting.getOrderId())
                        .setPrice("99")
                        .build()));
  }

  /** Throws the failure of the last one. */
  private void placeAll(PlaceOrderRequest... orders) {
    List<PlaceOrderResult> results =
        alice
            .orders()
            .placeOrders(PlaceOrdersRequest.newBuilder().addAllOrders(List.of(orders)).build())
            .getResultsList();
    PlaceOrderResult last = results.get(results.size() - 1);
    if (last.hasError()) {
      throw StatusProto.toStatusRuntimeException(last.getError());
    }
  }

  private static byte[] batch(PlaceOrderRequest order, int times) {
    PlaceOrdersRequest.Builder batch = PlaceOrdersRequest.newBuilder();
    for (int i = 0; i < times; i++) {
      batch.addOrders(order);
    }
    return batch.build().toByteArray();
  }

  // ---- identity

  void onIdentity(Order resting) {
    String id = resting.getOrderId();
    invalid(
        "an order id with a control character",
        "INVALID_ID",
        "order_id",
        () -> get(alice, id.substring(1) + "\u0007"),
        () -> get(alice, id.substring(1) + "\0"),
        () -> get(alice, id + "\n"));
    invalid(
        "an order id of full-width digits",
        "INVALID_ID",
        "order_id",
        () -> get(alice, "\uff11".repeat(32)));
    invalid(
        "an order id that is SQL", "INVALID_ID", "order_id", () -> get(alice, "' or '1'='1' --"));
    invalid("a huge order id", "INVALID_ID", "order_id", () -> get(alice, "a".repeat(200_000)));
    invalid(
        "a name without its market",
        "FIELD_REQUIRED",
        "client_order.market",
        () -> byName("", "x"),
        () -> alice.cancel("", "x"));
    invalid(
        "a name without an id",
        "FIELD_REQUIRED",
        "client_order.client_order_id",
        () -> byName(market, ""),
        () -> alice.cancel(market, ""));
    invalid(
        "a name with bidirectional marks",
        "INVALID_ID",
        "client_order.client_order_id",
        () -> byName(market, "abc\u202edef"),
        () -> alice.cancel(market, "abc\u202edef"));
    bad(
        "another's order by its name",
        NOT_FOUND,
        "ORDER_NOT_FOUND",
        "",
        () -> byName(bob, market, resting.getClientOrderId()));
    bad(
        "a market's name with a blank",
        NOT_FOUND,
        "UNKNOWN_MARKET",
        "market",
        () -> place(order().setMarket(market + " ").setLimit(limit("10", "1").getLimit())),
        () -> place(order().setMarket("\0" + market).setLimit(limit("10", "1").getLimit())));
    bad(
        "another's transfer",
        NOT_FOUND,
        "TRANSFER_NOT_FOUND",
        "transfer_id",
        () ->
            bob.assets()
                .getTransfer(
                    dev.sagax.proto.asset.v1.GetTransferRequest.newBuilder()
                        .setTransferId(
                            alice
                                .assets()
                                .listTransfers(ListTransfersRequest.getDefaultInstance())
                                .getTransfers(0)
                                .getTransferId())
                        .build()));
  }

  private static void get(Trader who, String orderId) {
    who.orders().getOrder(GetOrderRequest.newBuilder().setOrderId(orderId).build());
  }

  private void byName(String where, String name) {
    byName(alice, where, name);
  }

  private static void byName(Trader who, String where, String name) {
    who.orders()
        .getOrder(
            GetOrderRequest.newBuilder()
                .setClientOrder(ClientOrderRef.newBuilder().setMarket(where).setClientOrderId(name))
                .build());
  }

  // ---- cancels and queries

  void onQueries() {
    badSwitches();
    badCancelsOfAll();
    badLists();
    badStreams();
    badCursors();
  }

  private void badSwitches() {
    badSwitch("longer than a day", duration(86_400, 1));
    badSwitch("a time that has passed", duration(-5, 0));
    badSwitch("almost five seconds", duration(4, 999_999_999));
    badSwitch("a second of too many nanoseconds", duration(6, 1_000_000_000));
    badSwitch("signs that differ", duration(6, -1));
    badSwitch("the longest there is", duration(Long.MAX_VALUE, 0));
    bad(
        "a switch of no market",
        NOT_FOUND,
        "UNKNOWN_MARKET",
        "market",
        () -> arm(CancelAllAfterRequest.newBuilder().setMarket("NO-SUCH")));
  }

  private void badSwitch(String what, Duration timeout) {
    invalid(
        "a switch: " + what,
        "INVALID_TIME",
        "timeout",
        () -> arm(CancelAllAfterRequest.newBuilder().setTimeout(timeout)));
  }

  private void arm(CancelAllAfterRequest.Builder request) {
    alice.orders().cancelAllAfter(request.build());
  }

  private static Duration duration(long seconds, int nanos) {
    return Duration.newBuilder().setSeconds(seconds).setNanos(nanos).build();
  }

  private void badCancelsOfAll() {
    invalid(
        "a cancel of all of no such side",
        "INVALID_ENUM",
        "side",
        () -> cancelAll(CancelAllOrdersRequest.newBuilder().setSideValue(3)),
        () -> cancelAll(CancelAllOrdersRequest.newBuilder().setSideValue(Integer.MIN_VALUE)));
    invalid(
        "a cancel of all with an unknown wait",
        "INVALID_ENUM",
        "wait",
        () -> cancelAll(CancelAllOrdersRequest.newBuilder().setWaitValue(4)));
  }

  private void cancelAll(CancelAllOrdersRequest.Builder request) {
    alice.orders().cancelAllOrders(request.build());
  }

  private void badLists() {
    ListOrdersRequest page = ListOrdersRequest.newBuilder().setPageSize(1).build();
    String token = alice.orders().listOrders(page).getNextPageToken();
    token("of orders for one side", () -> list(page.toBuilder().setSide(SIDE_BUY), token));
    token("of orders for open ones", () -> list(page.toBuilder().setOpenOnly(true), token));
    token("of orders for a time", () -> list(page.toBuilder().setUntil(LATEST), token));
    token("of orders, its last character changed", () -> list(page.toBuilder(), changed(token)));
    token("of orders, cut short", () -> list(page.toBuilder(), token.substring(1)));
    invalid(
        "a list until a time that is none",
        "INVALID_TIME",
        "until",
        () -> list(page.toBuilder().setUntil(LATE), ""),
        () -> list(page.toBuilder().setUntil(Timestamp.newBuilder().setNanos(-1)), ""));
    invalid(
        "a list of an instant",
        "INVALID_TIME",
        "until",
        () -> list(page.toBuilder().setFrom(LATEST).setUntil(LATEST), ""));
    invalid(
        "a list of a state that is none",
        "INVALID_ENUM",
        "statuses",
        () -> list(page.toBuilder().addStatusesValue(0), ""),
        () -> list(page.toBuilder().addStatusesValue(-1), ""),
        () -> list(page.toBuilder().addStatusesValue(2).addStatusesValue(99), ""));
    String transfers =
        alice
            .assets()
            .listTransfers(ListTransfersRequest.newBuilder().setPageSize(1).build())
            .getNextPageToken();
    token(
        "of transfers for deposits",
        () ->
            alice
                .assets()
                .listTransfers(
                    ListTransfersRequest.newBuilder()
                        .setKind(TransferKind.TRANSFER_KIND_DEPOSIT)
                        .setPageToken(transfers)
                        .build()));
    String statement =
        alice
            .assets()
            .listStatementEntries(ListStatementEntriesRequest.newBuilder().setPageSize(1).build())
            .getNextPageToken();
    token("of another's statement", () -> statement(bob, statement));
    token("of a statement, its last character changed", () -> statement(alice, changed(statement)));
    token("of transfers for a statement", () -> statement(alice, transfers));
  }

  private void token(String what, Runnable call) {
    invalid("page token " + what, "INVALID_PAGE_TOKEN", "page_token", call);
  }

  private void list(ListOrdersRequest.Builder request, String token) {
    alice.orders().listOrders(request.setPageToken(token).build());
  }

  private static void statement(Trader who, String token) {
    who.assets()
        .listStatementEntries(ListStatementEntriesRequest.newBuilder().setPageToken(token).build());
  }

  /** The same text with another letter in its midst. */
  private static String changed(String text) {
    int at = text.length() / 2;
    char letter = text.charAt(at) == 'A' ? 'B' : 'A';
    return text.substring(0, at) + letter + text.substring(at + 1);
  }

  private void badStreams() {
    bad(
        "a stream of a market that is not listed",
        NOT_FOUND,
        "UNKNOWN_MARKET",
        "market",
        () -> first(() -> orders(alice, "NO-SUCH", "")),
        () -> first(() -> book(alice, "NO-SUCH", "")),
        () -> first(() -> trades(alice, "NO-SUCH", "")));
    invalid(
        "a stream of no market",
        "FIELD_REQUIRED",
        "market",
        () -> first(() -> book(alice, "", "")),
        () -> first(() -> trades(alice, "", "")));
    invalid(
        "a ticker of no market",
        "FIELD_REQUIRED",
        "market",
        () -> alice.markets().getTicker(GetTickerRequest.getDefaultInstance()));
    bad(
        "tickers of a market that is not listed",
        NOT_FOUND,
        "UNKNOWN_MARKET",
        "markets[1]",
        () ->
            first(() ->
                alice
                    .markets()
                    .watchTicker(
                        WatchTickerRequest.newBuilder()
                            .addMarkets(market)
                            .addMarkets("NO-SUCH")
                            .build())));
  }

  private void badCursors() {
    String orders = first(() -> orders(alice, "", "")).getCursor();
    String balances = first(() -> balances(alice, "")).getCursor();
    String book = first(() -> book(alice, market, "")).getCursor();
    String trades = first(() -> trades(alice, market, "")).getCursor();
    cursor("of another's orders", () -> orders(bob, "", orders));
    cursor("of the orders of all markets for one", () -> orders(alice, market, orders));
    cursor("of orders for a book", () -> book(alice, market, orders));
    cursor("of orders, one letter changed", () -> orders(alice, "", changed(orders)));
    cursor("of another's balances", () -> balances(bob, balances));
    cursor("of balances for orders", () -> orders(alice, "", balances));
    cursor("garbage for balances", () -> balances(alice, "%%"));
    cursor("of another market's book", () -> book(alice, other, book));
    cursor("garbage for a book", () -> book(alice, market, "\u0000"));
    cursor("of a book for trades", () -> trades(alice, market, book));
    cursor("of another market's trades", () -> trades(alice, other, trades));
    cursor("huge for trades", () -> trades(alice, market, "A".repeat(100_000)));
  }

  private <T> void cursor(String what, Supplier<? extends Iterator<T>> stream) {
    invalid("cursor " + what, "INVALID_CURSOR", "cursor", () -> first(stream));
  }

  /** The first message of a stream, which is ended then. */
  private static <T> T first(Supplier<? extends Iterator<T>> stream) {
    Context.CancellableContext until = Context.current().withCancellation();
    Context before = until.attach();
    try {
      return stream.get().next();
    } finally {
      until.detach(before);
      until.cancel(null);
    }
  }

  private static Iterator<dev.sagax.proto.order.v1.WatchOrdersResponse> orders(
      Trader who, String market, String cursor) {
    return who.orders()
        .watchOrders(
            WatchOrdersRequest.newBuilder()
                .setMarket(market)
                .setCursor(cursor)
                .setFromNow(cursor.isEmpty())
                .build());
  }

  private static Iterator<dev.sagax.proto.asset.v1.WatchBalancesResponse> balances(
      Trader who, String cursor) {
    return who.assets().watchBalances(WatchBalancesRequest.newBuilder().setCursor(cursor).build());
  }

  private static Iterator<dev.sagax.proto.market.v1.WatchOrderBookResponse> book(
      Trader who, String market, String cursor) {
    return who.markets()
        .watchOrderBook(
            WatchOrderBookRequest.newBuilder().setMarket(market).setCursor(cursor).build());
  }

  private static Iterator<dev.sagax.proto.market.v1.WatchTradesResponse> trades(
      Trader who, String market, String cursor) {
    return who.markets()
        .watchTrades(WatchTradesRequest.newBuilder().setMarket(market).setCursor(cursor).build());
  }

  // ---- funds

  void onFunds() {
    bad(
        "a withdrawal of no such asset",
        NOT_FOUND,
        "UNKNOWN_ASSET",
        "asset",
        () -> alice.withdraw("DOGE", "1", "never"),
        () -> alice.withdraw("usd", "1", "never"),
        () -> alice.withdraw("USD\0", "1", "never"));
    invalid(
        "a withdrawal of nothing",
        "NOT_POSITIVE",
        "amount",
        () -> alice.withdraw("USD", "0", "never"),
        () -> alice.withdraw("USD", "0.000000", "never"));
    invalid(
        "a withdrawal without an id",
        "FIELD_REQUIRED",
        "request_id",
        () -> alice.withdraw("USD", "1", ""));
    invalid(
        "a deposit to an account with a name too long",
        "INVALID_ID",
        "account",
        () -> deposit(deposit().setAccount("a".repeat(65))));
    invalid(
        "a deposit to an account of another alphabet",
        "INVALID_ID",
        "account",
        () -> deposit(deposit().setAccount("\u0430lice")));
    invalid(
        "an external id too long",
        "INVALID_ID",
        "external_id",
        () -> deposit(deposit().setExternalId("x".repeat(129))));
    invalid(
        "a confirmation with a reason of two lines",
        "INVALID_TEXT",
        "reason",
        () ->
            exchange
                .operator()
                .confirmWithdrawal(
                    ConfirmWithdrawalRequest.newBuilder()
                        .setAccount(alice.account())
                        .setTransferId("0".repeat(32))
                        .setReason("a\nb")
                        .build()));
    invalid(
        "the end of a freeze without a reason",
        "FIELD_REQUIRED",
        "reason",
        () ->
            exchange
                .operator()
                .unfreezeAccount(
                    UnfreezeAccountRequest.newBuilder().setAccount(alice.account()).build()));
    invalid(
        "an age of too many nanoseconds",
        "INVALID_TIME",
        "min_age",
        () -> holds(duration(0, 1_000_000_000)),
        () -> holds(duration(0, Integer.MIN_VALUE)));
    invalid("an age of centuries", "INVALID_TIME", "min_age", () -> holds(duration(1L << 40, 0)));
  }

  private static DepositRequest.Builder deposit() {
    return DepositRequest.newBuilder()
        .setAccount("never")
        .setAsset("USD")
        .setAmount("1")
        .setRequestId("never");
  }

  private void deposit(DepositRequest.Builder request) {
    exchange.operator().deposit(request.build());
  }

  private void holds(Duration age) {
    alice.assets().listHolds(ListHoldsRequest.newBuilder().setMinAge(age).build());
  }

  // ---- the wire

  void onTheWire() {
    bad(
        "a small message that unzips to a large one",
        RESOURCE_EXHAUSTED,
        "MESSAGE_TOO_LARGE",
        "",
        () -> zipped(new byte[ZIPPED_BYTES]));
    var json = new JsonPosts(exchange.ports().order(), alice.token());
    invalid("JSON that is none", "MALFORMED_MESSAGE", "", () -> json.place("{\"market\": "));
    invalid("JSON of two documents", "MALFORMED_MESSAGE", "", () -> json.place("{} {}"));
    invalid("JSON that is no object", "MALFORMED_MESSAGE", "", () -> json.place("[]"));
    invalid(
        "JSON nested a thousand times",
        "MALFORMED_MESSAGE",
        "",
        () -> json.place("{\"limit\":".repeat(2_000)));
    invalid(
        "JSON with a field that there is not",
        "MALFORMED_MESSAGE",
        "",
        () -> json.place("{\"account\": \"bob\"}"));
    invalid(
        "JSON with a field twice",
        "MALFORMED_MESSAGE",
        "",
        () -> json.place("{\"market\": \"a\", \"market\": \"b\"}"));
    invalid(
        "JSON with two types of order",
        "MALFORMED_MESSAGE",
        "",
        () -> json.place("{\"market_buy\": {}, \"market_sell\": {}}"));
    invalid(
        "JSON with an unknown name of an enum",
        "MALFORMED_MESSAGE",
        "",
        () -> json.place("{\"limit\": {\"side\": \"SIDE_BOTH\"}}"));
    invalid(
        "JSON with a number that a double would round",
        "TOO_MANY_DECIMALS",
        "limit.price",
        () -> json.place(numbers("10.00000000000000001", "1")));
    invalid("JSON with an exponent", DECIMAL, "limit.price", () -> json.place(numbers("1e2", "1")));
    bad(
        "a body that does not say that it is JSON",
        UNIMPLEMENTED,
        "MALFORMED_MESSAGE",
        "",
        () -> json.send("POST", "/v1/orders", "text/plain", "{}"),
        () -> json.send("POST", "/v1/orders", "application/xml", "{}"));
    invalid(
        "a path with a byte that is no text",
        "INVALID_ID",
        "order_id",
        () -> json.get("/v1/orders/%00%ff"));
    invalid(
        "a parameter that there is not",
        "MALFORMED_MESSAGE",
        "",
        () -> json.get("/v1/orders?account=bob"));
    bad(
        "a verb that the path does not have",
        UNIMPLEMENTED,
        "UNKNOWN_METHOD",
        "",
        () -> json.send("DELETE", "/v1/orders", "application/json", "{}"),
        () -> json.send("PUT", "/v1/orders", "application/json", "{}"));
    bad(
        "a path that there is not",
        NOT_FOUND,
        "UNKNOWN_METHOD",
        "",
        () -> json.get("/v1/orders/%2e%2e/%2e%2e/etc/passwd"),
        () -> json.get("/.env"));
  }

  private void zipped(byte[] message) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + alice.token());
    RawCall.send(
        exchange.order(), CallOptions.DEFAULT.withCompression("gzip"), PLACE, headers, message);
  }

  private String numbers(String price, String quantity) {
    return """
    {"market": "%s", "client_order_id": "never",
     "limit": {"side": "SIDE_BUY", "price": %s, "quantity": %s}}\
    """
        .formatted(market, price, quantity);
  }

  // ---- tokens

  void onTokens(Path keyFile) {
    var forger = new Forger(keyFile, alice.token());
    String trade = "\"scope\": \"trade\"";
    rejected("of another issuer", "TOKEN_INVALID", forger.signed("\"iss\": \"evil\"", trade));
    rejected("for another audience", "TOKEN_INVALID", forger.signed("\"aud\": \"evil\"", trade));
    rejected("that names nobody", "TOKEN_INVALID", forger.signed("\"sub\": \"\"", trade));
    rejected("of no account's name", "TOKEN_INVALID", forger.signed("\"sub\": \"a b\"", trade));
    rejected("that never ends", "TOKEN_INVALID", forger.signed("\"exp\": null", trade));
    rejected("of yesterday", "TOKEN_EXPIRED", forger.signed("\"exp\": 1", trade));
    rejected("of the next hour", "TOKEN_NOT_YET_VALID", forger.notYetValid(trade));
    rejected("signed with the public key as a secret", "TOKEN_INVALID", forger.bySecret(trade));
    rejected("of two parts", "TOKEN_INVALID", alice.token().replaceFirst("\\.[^.]*$", ""));
    rejected("without its signature", "TOKEN_INVALID", alice.token().replaceFirst("[^.]*$", ""));
    rejected("of JSON that is none", "TOKEN_INVALID", forger.signedText("{"));
    bad(
        "token with no scope",
        PERMISSION_DENIED,
        "SCOPE_MISSING",
        "",
        () -> placeWith("Bearer " + forger.signed("\"scope\": \"\"")),
        () -> placeWith("Bearer " + forger.signed("\"scope\": \"TRADE trader *\"")));
    bad(
        "token that is empty",
        UNAUTHENTICATED,
        "TOKEN_MISSING",
        "",
        () -> placeWith("Bearer"),
        () -> placeWith(""));
  }

  private void rejected(String what, String reason, String token) {
    bad("token " + what, UNAUTHENTICATED, reason, "", () -> placeWith("Bearer " + token));
  }

  private void placeWith(String authorization) {
    OrderServiceGrpc.newBlockingStub(
            ClientInterceptors.intercept(
                exchange.order(), TestExchange.header("authorization", authorization)))
        .placeOrder(limit("10", "1").build());
  }
}
