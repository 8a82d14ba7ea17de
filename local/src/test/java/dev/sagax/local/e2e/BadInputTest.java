package dev.sagax.local.e2e;

import static dev.sagax.proto.market.v1.CandleInterval.CANDLE_INTERVAL_1M;
import static dev.sagax.proto.market.v1.CandleInterval.CANDLE_INTERVAL_UNSPECIFIED;
import static dev.sagax.proto.order.v1.Side.SIDE_BUY;
import static dev.sagax.proto.order.v1.Side.SIDE_SELL;
import static dev.sagax.proto.order.v1.TimeInForce.TIME_IN_FORCE_GTC;
import static dev.sagax.proto.order.v1.TimeInForce.TIME_IN_FORCE_IOC;
import static io.grpc.Status.Code.ALREADY_EXISTS;
import static io.grpc.Status.Code.DEADLINE_EXCEEDED;
import static io.grpc.Status.Code.FAILED_PRECONDITION;
import static io.grpc.Status.Code.INVALID_ARGUMENT;
import static io.grpc.Status.Code.NOT_FOUND;
import static io.grpc.Status.Code.PERMISSION_DENIED;
import static io.grpc.Status.Code.RESOURCE_EXHAUSTED;
import static io.grpc.Status.Code.UNAUTHENTICATED;
import static io.grpc.Status.Code.UNIMPLEMENTED;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.sagax.local.DevTokens;
import dev.sagax.local.LocalExchange;
import dev.sagax.local.e2e.BadTable.Area;
import dev.sagax.local.e2e.BadTable.Row;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.AssetServiceGrpc;
import dev.sagax.proto.asset.v1.DepositRequest;
import dev.sagax.proto.asset.v1.FreezeAccountRequest;
import dev.sagax.proto.asset.v1.GetBalancesRequest;
import dev.sagax.proto.asset.v1.GetTransferRequest;
import dev.sagax.proto.asset.v1.ListStatementEntriesRequest;
import dev.sagax.proto.asset.v1.ListTransfersRequest;
import dev.sagax.proto.asset.v1.ReturnWithdrawalRequest;
import dev.sagax.proto.dlq.v1.DeadLetterServiceGrpc;
import dev.sagax.proto.dlq.v1.DiscardDeadLetterRequest;
import dev.sagax.proto.dlq.v1.GetDeadLetterRequest;
import dev.sagax.proto.dlq.v1.ListDeadLettersRequest;
import dev.sagax.proto.dlq.v1.ReplayDeadLetterRequest;
import dev.sagax.proto.error.v1.ErrorReason;
import dev.sagax.proto.ledger.v1.HoldRequest;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpc;
import dev.sagax.proto.ledger.v1.ListHoldsRequest;
import dev.sagax.proto.market.v1.CandleInterval;
import dev.sagax.proto.market.v1.GetMarketStateRequest;
import dev.sagax.proto.market.v1.GetOrderBookRequest;
import dev.sagax.proto.market.v1.GetTickerRequest;
import dev.sagax.proto.market.v1.ListCandlesRequest;
import dev.sagax.proto.market.v1.ListMarketsRequest;
import dev.sagax.proto.market.v1.ListTradesRequest;
import dev.sagax.proto.market.v1.MarketAdminServiceGrpc;
import dev.sagax.proto.market.v1.MarketDataServiceGrpc;
import dev.sagax.proto.market.v1.MarketState;
import dev.sagax.proto.market.v1.SetMarketStateRequest;
import dev.sagax.proto.order.v1.AmendOrderRequest;
import dev.sagax.proto.order.v1.CancelAllAfterRequest;
import dev.sagax.proto.order.v1.CancelAllOrdersRequest;
import dev.sagax.proto.order.v1.CancelOrderRequest;
import dev.sagax.proto.order.v1.GetOrderRequest;
import dev.sagax.proto.order.v1.LimitOrder;
import dev.sagax.proto.order.v1.ListOrdersRequest;
import dev.sagax.proto.order.v1.MarketBuyOrder;
import dev.sagax.proto.order.v1.MarketSellOrder;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderServiceGrpc;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.PlaceOrdersRequest;
import dev.sagax.proto.order.v1.WatchOrdersRequest;
import dev.sagax.proto.partition.v1.PartitionServiceGrpc;
import dev.sagax.proto.partition.v1.ResumePartitionRequest;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Status;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every way to ask wrongly has its answer, and no effect. */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputTest {
  private static final String PLACE = "sagax.order.v1.OrderService/PlaceOrder";
  private static final String NO_LETTER = "DEAD_LETTER_NOT_FOUND";

  /** The reasons that no input provokes, and why. */
  private static final Map<ErrorReason, String> NOT_BY_INPUT =
      Map.ofEntries(
          Map.entry(ErrorReason.ERROR_REASON_UNSPECIFIED, "is never sent"),
          Map.entry(
              ErrorReason.ERROR_REASON_DEPENDENCY_UNAVAILABLE,
              "needs a server that is away: RestartTest.redisThatIsKilledIsWaitedFor"),
          Map.entry(
              ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN,
              "needs a log that does not acknowledge: OrderApiTest.atTheDeadlineAnUnacknowledgedOrderIsUnknown"),
          Map.entry(
              ErrorReason.ERROR_REASON_OVERLOADED,
              "needs very many waiting calls: SeatsTest.aFullPartitionRefusesItsOwnCallsOnly"),
          Map.entry(
              ErrorReason.ERROR_REASON_INTERNAL, "needs a bug: GrpcEdgeTest.nullAnswerIsABug"),
          Map.entry(
              ErrorReason.ERROR_REASON_DEAD_LETTER_DECIDED, "needs a dead letter: DeadLetterTest"),
          Map.entry(ErrorReason.ERROR_REASON_NOT_REPLAYABLE, "needs a dead letter: SagaStepTest"),
          Map.entry(
              ErrorReason.ERROR_REASON_PARTITION_NOT_OWNED, "needs another instance: SagaStepTest"),
          Map.entry(ErrorReason.ERROR_REASON_MARKET_CANCEL_ONLY, "needs a breach: CancelOnlyTest"),
          Map.entry(
              ErrorReason.ERROR_REASON_LEDGER_NOT_CONSERVED, "needs a breach: CancelOnlyTest"),
          Map.entry(ErrorReason.ERROR_REASON_RATE_LIMITED, "needs limits: RateLimitTest"),
          Map.entry(
              ErrorReason.ERROR_REASON_CLIENT_CERTIFICATE_MISSING, "needs TLS: SecuredEdgeTest"));

  /** Those that end a stream which was asked for well. */
  private static final Map<ErrorReason, String> OF_STREAMS =
      Map.of(
          ErrorReason.ERROR_REASON_CURSOR_EXPIRED, "needs a log that lost records: LogTailTest",
          ErrorReason.ERROR_REASON_SLOW_READER, "needs a reader that stops: StreamTest",
          ErrorReason.ERROR_REASON_TOO_MANY_STREAMS, "needs many streams: StreamTest",
          ErrorReason.ERROR_REASON_SHUTTING_DOWN, "needs a stop: StreamTest, GrpcEdgeTest");

  private static final int RULES = 90;
  private static final int RULES_OF_AN_AREA = 10;

  /** How often everything is asked again, and how much more may be kept of all that. */
  private static final int ROUNDS = 2;

  private static final long MOST_KEPT_BYTES = 8L << 20;

  /** What an order, a transfer or a trade leaves behind. */
  private static final List<String> TABLES =
      List.of(
          "orders.orders",
          "orders.cancelled_before",
          "orders.cancelled_to",
          "orders.cancel_after",
          "orders.market_status",
          "matching.resting_order",
          "matching.trade",
          "ledger.hold",
          "ledger.leg",
          "ledger.transfer",
          "ledger.withdrawal_end",
          "ledger.account_freeze",
          "ledger.external_id",
          "ledger.external_id_again");

  private final BadTable table = new BadTable();
  private TestExchange exchange;
  private Trader alice;
  private Trader bob;
  private String market;
  private String fine;
  private Order aliceOrder;
  private Log log;
  private Stores stores;
  private Map<String, Object> before;
  private long ordersBefore;
  private long transfersBefore;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
    market = exchange.market();
    fine = exchange.fineMarket();
    alice = exchange.trader("alice").deposit("USD", "1000").deposit("BTC", "10");
    bob = exchange.trader("bob").deposit("USD", "1000");
    alice.deposit("USD", "1", "taken");
    alice.buy(market, "1", "90");
    aliceOrder = alice.buy(market, "1", "100");
    log = new Log(exchange.infrastructure().kafkaBootstrap(), LocalExchange.PARTITIONS);
    stores = new Stores(exchange.infrastructure());
    fillTable();
    before = state();
    ordersBefore = log.size(Topic.ORDER_REQUESTED);
    transfersBefore = log.size(Topic.TRANSFER_REQUESTED);
  }

  private void fillTable() {
    var attacks = new Attacks(exchange, table, alice, bob, market, fine);
    table.about(Area.NUMBERS);
    badDecimals();
    badPricesAndQuantities();
    attacks.onNumbers();
    table.about(Area.ORDERS);
    badEnumsAndOneofs();
    badBatches();
    badAmendments();
    badReplacements();
    attacks.onOrders(aliceOrder);
    table.about(Area.IDENTITY);
    badIds();
    reusedIds();
    unknownThings();
    attacks.onIdentity(aliceOrder);
    table.about(Area.QUERIES);
    badPages();
    badFilters();
    badCursors();
    attacks.onQueries();
    table.about(Area.FUNDS);
    badTransfers();
    attacks.onFunds();
    table.about(Area.WIRE);
    badMessages();
    attacks.onTheWire();
    table.about(Area.TOKENS);
    badTokens();
    attacks.onTokens(exchange.keyFile());
    table.about(Area.OPERATORS);
    badMarketStates();
    badDeadLetters();
    badPartition("negative", -1);
    badPartition("one too many", LocalExchange.PARTITIONS);
  }

  @TestFactory
  Stream<DynamicTest> isRefused() {
    return table.rows().stream().map(row -> DynamicTest.dynamicTest(row.rule(), row::check));
  }

  @Test
  void everyReasonThatInputCanProvokeIsInTheTable() {
    Set<String> expected = new TreeSet<>();
    for (ErrorReason reason : ErrorReason.values()) {
      if (reason != ErrorReason.UNRECOGNIZED
          && !NOT_BY_INPUT.containsKey(reason)
          && !OF_STREAMS.containsKey(reason)) {
        expected.add(reason.name().substring("ERROR_REASON_".length()));
      }
    }
    Set<String> provoked = new TreeSet<>();
    table.rows().forEach(row -> provoked.add(row.reason()));

    assertThat(provoked).isEqualTo(expected);
  }

  @Test
  void everyRowBreaksARuleOfItsOwn() {
    assertThat(table.rows()).extracting(Row::rule).doesNotHaveDuplicates();
    assertThat(table.rows()).hasSizeGreaterThanOrEqualTo(RULES);
    for (Area area : Area.values()) {
      assertThat(table.rows())
          .filteredOn(row -> row.area() == area)
          .as("rules about " + area)
          .hasSizeGreaterThanOrEqualTo(RULES_OF_AN_AREA);
    }
  }

  @Test
  void whatIsRefusedOverAndOverIsNotKept() {
    askAllWrongly();
    long once = usedBytes();

    for (int round = 0; round < ROUNDS; round++) {
      askAllWrongly();
    }

    Eventually.passes(() -> assertThat(usedBytes() - once).isLessThan(MOST_KEPT_BYTES));
  }

  /** On a busy machine a call may come to its deadline before it is refused, and is made again. */
  private void askAllWrongly() {
    table.rows().forEach(row -> Eventually.passes(row::check));
  }

  /** What the services and this test keep, which are one JVM. */
  private static long usedBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /**
   * A conflict is only seen in the log; all else never gets there, and nothing changes anything.
   */
  @AfterAll
  void nothingHasChanged() {
    try (Log closing = log) {
      assertThat(state()).isEqualTo(before);
      exchange.assertConserved();
      assertThat(closing.size(Topic.ORDER_REQUESTED) - ordersBefore)
          .isEqualTo(table.appended(Topic.ORDER_REQUESTED));
      assertThat(closing.size(Topic.TRANSFER_REQUESTED) - transfersBefore)
          .isEqualTo(table.appended(Topic.TRANSFER_REQUESTED));
    } finally {
      stores.close();
    }
  }

  private Map<String, Object> state() {
    Map<String, Object> state = new TreeMap<>();
    for (Trader trader : List.of(alice, bob)) {
      state.put("balances of " + trader.account(), trader.balances());
      state.put("orders of " + trader.account(), trader.list("", false, 500));
      state.put(
          "transfers of " + trader.account(),
          trader.assets().listTransfers(ListTransfersRequest.getDefaultInstance()));
    }
    state.put(
        "holds",
        holds(Scope.OPERATOR)
            .listHolds(ListHoldsRequest.getDefaultInstance())
            .getHoldsList()
            .stream()
            .map(hold -> hold.toBuilder().clearAgeMicros().build())
            .toList());
    state.put("book", Tape.book(alice, market));
    state.put("fine book", Tape.book(alice, fine));
    TABLES.forEach(name -> state.put("rows of " + name, rows(name)));
    return state;
  }

  private long rows(String name) {
    return stores.sql("select count(*) from " + name).iterator().next().getLong(0);
  }

  private LedgerServiceGrpc.LedgerServiceBlockingStub holds(Scope scope) {
    return LedgerServiceGrpc.newBlockingStub(exchange.settle())
        .withInterceptors(TestExchange.bearer(exchange.token("operator", scope)));
  }

  private void bad(String name, Status.Code code, String reason, String field, Runnable call) {
    table.add(name, code, reason, field, call);
  }

  // ---- decimals

  private void badDecimals() {
    badPrice("zero", "0", "NOT_POSITIVE");
    badPrice("zero with decimals", "0.00", "NOT_POSITIVE");
    badPrice("negative", "-1", "NOT_POSITIVE");
    badPrice("empty", "", "FIELD_REQUIRED");
    badPrice("too many decimals", "1.0000001", "TOO_MANY_DECIMALS");
    badPrice("too many decimals though zeros", "1.0000000", "TOO_MANY_DECIMALS");
    badPrice("exponent", "1e3", "INVALID_DECIMAL");
    badPrice("plus sign", "+1", "INVALID_DECIMAL");
    badPrice("leading blank", " 1", "INVALID_DECIMAL");
    badPrice("trailing newline", "1\n", "INVALID_DECIMAL");
    badPrice("leading zero", "01", "INVALID_DECIMAL");
    badPrice("no digit before the point", ".5", "INVALID_DECIMAL");
    badPrice("no digit after the point", "5.", "INVALID_DECIMAL");
    badPrice("two points", "1.2.3", "INVALID_DECIMAL");
    badPrice("comma", "1,5", "INVALID_DECIMAL");
    badPrice("not a number", "NaN", "INVALID_DECIMAL");
    badPrice("hexadecimal", "0x10", "INVALID_DECIMAL");
    badPrice("digits of another script", "\u0661\u0662", "INVALID_DECIMAL");
    badPrice("a thousand digits", "1".repeat(1_000), "INVALID_DECIMAL");
    badPrice("one unit above a long", "9223372036854.775808", "AMOUNT_OVERFLOW");
  }

  private void badPrice(String name, String price, String reason) {
    bad("price: " + name, INVALID_ARGUMENT, reason, "limit.price", () -> place(market, price, "1"));
  }

  // ---- market rules

  private void badPricesAndQuantities() {
    bad("off tick", INVALID_ARGUMENT, "OFF_TICK", "limit.price", () -> place(market, "1.001", "1"));
    badQuantity("off lot", "0.00011", "OFF_LOT");
    badQuantity("zero", "0", "NOT_POSITIVE");
    badQuantity("empty", "", "FIELD_REQUIRED");
    badQuantity("too many decimals", "0.000000001", "TOO_MANY_DECIMALS");
    badQuantity("overflow alone", "92233720368.54775808", "AMOUNT_OVERFLOW");
    badQuantity("below the minimum", "0.0099", "BELOW_MIN_NOTIONAL");
    bad(
        "price x quantity overflows though each fits",
        INVALID_ARGUMENT,
        "AMOUNT_OVERFLOW",
        "limit.quantity",
        () -> place(market, "9000000000000", "90000000000"));
    bad(
        "one lot is worth less than a unit",
        INVALID_ARGUMENT,
        "PRICE_TOO_SMALL",
        "limit.price",
        () -> place(fine, "99.999999", "10"));
    bad(
        "market buy below the minimum",
        INVALID_ARGUMENT,
        "BELOW_MIN_NOTIONAL",
        "market_buy.quote_amount",
        () -> marketBuy("0.999999"));
    bad(
        "market buy of nothing",
        INVALID_ARGUMENT,
        "NOT_POSITIVE",
        "market_buy.quote_amount",
        () -> marketBuy("0"));
    bad(
        "market buy without amount",
        INVALID_ARGUMENT,
        "FIELD_REQUIRED",
        "market_buy.quote_amount",
        () -> marketBuy(""));
    bad(
        "market sell off lot",
        INVALID_ARGUMENT,
        "OFF_LOT",
        "market_sell.quantity",
        () -> marketSell("0.00001"));
    bad(
        "market sell of less than nothing",
        INVALID_ARGUMENT,
        "NOT_POSITIVE",
        "market_sell.quantity",
        () -> marketSell("-0.5"));
  }

  private void badQuantity(String name, String quantity, String reason) {
    bad(
        "quantity: " + name,
        INVALID_ARGUMENT,
        reason,
        "limit.quantity",
        () -> place(market, "100", quantity));
  }

  // ---- ids

  private void badIds() {
    badClientId("empty", "", "FIELD_REQUIRED");
    badClientId("too long", "x".repeat(65), "INVALID_ID");
    badClientId("control character", "a\u0000b", "INVALID_ID");
    badClientId("line break", "a\nb", "INVALID_ID");
    badClientId("not ASCII", "bestellung-\u00e4", "INVALID_ID");
    badClientId("blank", "a b", "INVALID_ID");
    badClientId("slash", "a/b", "INVALID_ID");
    badOrderId("malformed", "123", "INVALID_ID");
    badOrderId("upper case", "0123456789ABCDEF".repeat(2), "INVALID_ID");
    badOrderId("empty", "", "INVALID_ID");
    bad(
        "cancel of a malformed order id",
        INVALID_ARGUMENT,
        "INVALID_ID",
        "order_id",
        () -> alice.cancel(Order.newBuilder().setOrderId("zz").build()));
    bad(
        "cancel by a name with a control character",
        INVALID_ARGUMENT,
        "INVALID_ID",
        "client_order.client_order_id",
        () -> alice.cancel(market, "a\tb"));
    bad(
        "transfer id of the wrong length",
        INVALID_ARGUMENT,
        "INVALID_ID",
        "transfer_id",
        () -> getTransfer("abc"));
  }

  private void badClientId(String name, String id, String reason) {
    bad(
        "client order id: " + name,
        INVALID_ARGUMENT,
        reason,
        "client_order_id",
        () -> alice.place(good().setClientOrderId(id)));
  }

  private void badOrderId(String name, String id, String reason) {
    bad("order id: " + name, INVALID_ARGUMENT, reason, "order_id", () -> getOrder(alice, id));
  }

  // ---- enums and oneofs

  private void badEnumsAndOneofs() {
    badEnum("side not set", "limit.side", good().setLimit(limit().setSideValue(0)));
    badEnum("unknown side", "limit.side", good().setLimit(limit().setSideValue(9)));
    badEnum(
        "unknown time in force",
        "limit.time_in_force",
        good().setLimit(limit().setTimeInForceValue(99)));
    badEnum(
        "unknown self-trade prevention",
        "self_trade_prevention",
        good().setSelfTradePreventionValue(4));
    badEnum("negative enum number", "limit.side", good().setLimit(limit().setSideValue(-1)));
    badEnum("unknown wait", "wait", good().setWaitValue(77));
    bad(
        "unknown wait of a cancel",
        INVALID_ARGUMENT,
        "INVALID_ENUM",
        "wait",
        () ->
            alice
                .orders()
                .cancelOrder(
                    CancelOrderRequest.newBuilder()
                        .setOrderId(aliceOrder.getOrderId())
                        .setWaitValue(77)
                        .build()));
    bad(
        "order without type",
        INVALID_ARGUMENT,
        "FIELD_REQUIRED",
        "type",
        () -> alice.place(good().clearType()));
    bad(
        "cancel without id",
        INVALID_ARGUMENT,
        "FIELD_REQUIRED",
        "id",
        () -> alice.orders().cancelOrder(CancelOrderRequest.getDefaultInstance()));
    bad(
        "get without id",
        INVALID_ARGUMENT,
        "FIELD_REQUIRED",
        "id",
        () -> alice.orders().getOrder(GetOrderRequest.getDefaultInstance()));
    bad(
        "order without market",
        INVALID_ARGUMENT,
        "FIELD_REQUIRED",
        "market",
        () -> alice.place(good().clearMarket()));
  }

  private void badEnum(String name, String field, PlaceOrderRequest.Builder request) {
    bad(name, INVALID_ARGUMENT, "INVALID_ENUM", field, () -> alice.place(request));
  }

  // ---- pages

  private void badPages() {
    badOrderPage("negative", -1);
    badOrderPage("too large", 501);
    badPageOf(
        "transfers",
        () ->
            alice
                .assets()
                .listTransfers(ListTransfersRequest.newBuilder().setPageSize(501).build()));
    badPageOf(
        "trades",
        () ->
            alice
                .markets()
                .listTrades(
                    ListTradesRequest.newBuilder().setMarket(market).setPageSize(1_001).build()));
    badPageOf(
        "holds",
        () ->
            holds(Scope.OPERATOR)
                .listHolds(ListHoldsRequest.newBuilder().setPageSize(1_001).build()));
    badDepth("too large", 5_001);
    badDepth("negative", -1);
    badGroup("zero", "0", "NOT_POSITIVE");
    badGroup("negative", "-1", "NOT_POSITIVE");
    badGroup("no number", "one", "INVALID_DECIMAL");
    badGroup("no multiple of the tick", "0.015", "OFF_TICK");
    badPageOf("candles", () -> candles(CANDLE_INTERVAL_1M, candlesRequest().setPageSize(1_001)));
    badCandles("no interval", "INVALID_ENUM", "interval", CANDLE_INTERVAL_UNSPECIFIED);
    badCandles(
        "from before the year 1",
        "INVALID_TIME",
        "from",
        candlesRequest().setFrom(time(-1L << 60)));
    badCandles(
        "to after the year 9999", "INVALID_TIME", "to", candlesRequest().setTo(time(1L << 60)));
    badCandles(
        "nanoseconds below zero",
        "INVALID_TIME",
        "from",
        candlesRequest().setFrom(Timestamp.newBuilder().setNanos(-1)));
    badCandles(
        "end before the start",
        "INVALID_TIME",
        "to",
        candlesRequest().setFrom(time(120)).setTo(time(60)));
    badToken(
        "garbage for candles",
        () -> candles(CANDLE_INTERVAL_1M, candlesRequest().setPageToken("AAAA")));
    badToken("garbage for orders", () -> listOrders(alice, market, "garbage!"));
    badToken("of another account", () -> listOrders(bob, market, tokenOfAlice()));
    badToken("of another filter", () -> listOrders(alice, "", tokenOfAlice()));
    badToken("of another method", () -> listTransfers(alice, tokenOfAlice()));
    badToken("garbage for transfers", () -> listTransfers(alice, "AAAA"));
    badToken("of another account for transfers", () -> listTransfers(bob, transferTokenOfAlice()));
    badToken("huge", () -> listTransfers(alice, "A".repeat(10_000)));
    badToken(
        "garbage for trades",
        () ->
            alice
                .markets()
                .listTrades(
                    ListTradesRequest.newBuilder().setMarket(market).setPageToken("%%").build()));
    badToken(
        "garbage for holds",
        () ->
            holds(Scope.OPERATOR)
                .listHolds(ListHoldsRequest.newBuilder().setPageToken("?").build()));
  }

  private void badCursors() {
    badCursor("garbage", "%%");
    badCursor("too long", "A".repeat(2_000));
    badCursor("not of this stream", tokenOfAlice());
  }

  private void badCursor(String name, String cursor) {
    bad(
        "cursor: " + name,
        INVALID_ARGUMENT,
        "INVALID_CURSOR",
        "cursor",
        () ->
            alice
                .orders()
                .watchOrders(WatchOrdersRequest.newBuilder().setCursor(cursor).build())
                .next());
  }

  private void badOrderPage(String name, int size) {
    badPageOf(
        "orders: " + name,
        () -> alice.orders().listOrders(ListOrdersRequest.newBuilder().setPageSize(size).build()));
  }

  private void badBatches() {
    bad(
        "no orders",
        INVALID_ARGUMENT,
        "FIELD_REQUIRED",
        "orders",
        () -> alice.orders().placeOrders(PlaceOrdersRequest.getDefaultInstance()));
    var tooMany = PlaceOrdersRequest.newBuilder();
    for (int i = 0; i < 101; i++) {
      tooMany.addOrders(alice.order(market));
    }
    bad(
        "101 orders",
        INVALID_ARGUMENT,
        "TOO_MANY_ITEMS",
        "orders",
        () -> alice.orders().placeOrders(tooMany.build()));
  }

  private void badFilters() {
    bad(
        "a switch of less than 5 seconds",
        INVALID_ARGUMENT,
        "INVALID_TIME",
        "timeout",
        () ->
            alice
                .orders()
                .cancelAllAfter(
                    CancelAllAfterRequest.newBuilder()
                        .setTimeout(com.google.protobuf.Duration.newBuilder().setSeconds(4))
                        .build()));
    bad(
        "a cancel of all in no market",
        NOT_FOUND,
        "UNKNOWN_MARKET",
        "market",
        () ->
            alice
                .orders()
                .cancelAllOrders(CancelAllOrdersRequest.newBuilder().setMarket("BTC-EUR").build()));
    var list = ListOrdersRequest.newBuilder();
    badFilter(
        "a state that no order is listed in",
        "INVALID_ENUM",
        "statuses",
        list.clone().addStatusesValue(1));
    badFilter("no such side", "INVALID_ENUM", "side", list.clone().setSideValue(3));
    badFilter(
        "time after the year 9999",
        "INVALID_TIME",
        "from",
        list.clone().setFrom(Timestamp.newBuilder().setSeconds(Long.MAX_VALUE)));
    badFilter(
        "times that end before they begin",
        "INVALID_TIME",
        "until",
        list.clone()
            .setFrom(Timestamp.newBuilder().setSeconds(2))
            .setUntil(Timestamp.newBuilder().setSeconds(1)));
  }

  private void badFilter(
      String name, String reason, String field, ListOrdersRequest.Builder request) {
    bad(
        "list of orders: " + name,
        INVALID_ARGUMENT,
        reason,
        field,
        () -> alice.orders().listOrders(request.build()));
  }

  private void badPageOf(String what, Runnable call) {
    bad("page size of " + what, INVALID_ARGUMENT, "INVALID_PAGE_SIZE", "page_size", call);
  }

  private void badDepth(String name, int depth) {
    bad(
        "depth: " + name,
        INVALID_ARGUMENT,
        "INVALID_PAGE_SIZE",
        "depth",
        () ->
            alice
                .markets()
                .getOrderBook(
                    GetOrderBookRequest.newBuilder().setMarket(market).setDepth(depth).build()));
  }

  private void badGroup(String name, String group, String reason) {
    bad(
        "group: " + name,
        INVALID_ARGUMENT,
        reason,
        "group",
        () ->
            alice
                .markets()
                .getOrderBook(
                    GetOrderBookRequest.newBuilder().setMarket(market).setGroup(group).build()));
  }

  private static ListCandlesRequest.Builder candlesRequest() {
    return ListCandlesRequest.newBuilder();
  }

  private static Timestamp time(long seconds) {
    return Timestamp.newBuilder().setSeconds(seconds).build();
  }

  private void candles(CandleInterval interval, ListCandlesRequest.Builder request) {
    alice.markets().listCandles(request.setMarket(market).setInterval(interval).build());
  }

  private void badCandles(String name, String reason, String field, CandleInterval interval) {
    bad(
        "candles: " + name,
        INVALID_ARGUMENT,
        reason,
        field,
        () -> candles(interval, candlesRequest()));
  }

  private void badCandles(
      String name, String reason, String field, ListCandlesRequest.Builder request) {
    bad(
        "candles: " + name,
        INVALID_ARGUMENT,
        reason,
        field,
        () -> candles(CANDLE_INTERVAL_1M, request));
  }

  private void badToken(String name, Runnable call) {
    bad("page token: " + name, INVALID_ARGUMENT, "INVALID_PAGE_TOKEN", "page_token", call);
  }

  private String tokenOfAlice() {
    String token =
        alice
            .orders()
            .listOrders(ListOrdersRequest.newBuilder().setMarket(market).setPageSize(1).build())
            .getNextPageToken();
    assertThat(token).isNotEmpty();
    return token;
  }

  private String transferTokenOfAlice() {
    String token =
        alice
            .assets()
            .listTransfers(ListTransfersRequest.newBuilder().setPageSize(1).build())
            .getNextPageToken();
    assertThat(token).isNotEmpty();
    return token;
  }

  // ---- unknown things

  private void unknownThings() {
    unknownMarket("place", "market", () -> alice.place(good().setMarket("DOGE-USD")));
    unknownMarket("lower case", "market", () -> alice.place(good().setMarket("btc-usd")));
    unknownMarket("cancel", "client_order.market", () -> alice.cancel("DOGE-USD", "x"));
    unknownMarket("list", "market", () -> alice.list("DOGE-USD", false, 10));
    unknownMarket("book", "market", () -> Tape.book(alice, "DOGE-USD"));
    unknownMarket("trades", "market", () -> Tape.rawTrades(alice, "DOGE-USD"));
    unknownMarket(
        "ticker",
        "market",
        () ->
            alice.markets().getTicker(GetTickerRequest.newBuilder().setMarket("DOGE-USD").build()));
    unknownMarket(
        "candles",
        "market",
        () ->
            alice
                .markets()
                .listCandles(ListCandlesRequest.newBuilder().setMarket("DOGE-USD").build()));
    bad(
        "deposit of an unknown asset",
        NOT_FOUND,
        "UNKNOWN_ASSET",
        "asset",
        () -> alice.deposit("DOGE", "1", "new"));
    bad(
        "balance of an unknown asset",
        NOT_FOUND,
        "UNKNOWN_ASSET",
        "asset",
        () -> alice.assets().getBalances(GetBalancesRequest.newBuilder().setAsset("DOGE").build()));
    bad(
        "order that nobody placed",
        NOT_FOUND,
        "ORDER_NOT_FOUND",
        "",
        () -> getOrder(alice, "0123456789abcdef".repeat(2)));
    bad(
        "order of another account",
        NOT_FOUND,
        "ORDER_NOT_FOUND",
        "",
        () -> getOrder(bob, aliceOrder.getOrderId()));
    bad(
        "cancel of another account's order",
        NOT_FOUND,
        "ORDER_NOT_FOUND",
        "",
        () -> bob.cancel(aliceOrder));
    bad(
        "transfer that nobody made",
        NOT_FOUND,
        "TRANSFER_NOT_FOUND",
        "transfer_id",
        () -> getTransfer("0123456789abcdef".repeat(2)));
    unknownMethod("method", "sagax.order.v1.OrderService/Explode");
    unknownMethod("service", "sagax.nothing.v1.NoService/PlaceOrder");
    unknownMethod("service that another port serves", "sagax.asset.v1.AssetService/GetBalances");
  }

  private void unknownMarket(String name, String field, Runnable call) {
    bad("unknown market: " + name, NOT_FOUND, "UNKNOWN_MARKET", field, call);
  }

  private void unknownMethod(String name, String method) {
    bad(
        "unknown " + name,
        UNIMPLEMENTED,
        "UNKNOWN_METHOD",
        "",
        () -> RawCall.send(exchange.order(), alice.token(), method, new byte[0]));
  }

  // ---- reused ids

  private void reusedIds() {
    reusedOrder("other price", request -> request.getLimitBuilder().setPrice("99"));
    reusedOrder("other side", request -> request.getLimitBuilder().setSideValue(2));
    reusedOrder(
        "other type",
        request -> request.setMarketBuy(MarketBuyOrder.newBuilder().setQuoteAmount("100")));
    reusedTransfer("other amount", "USD", "2");
    reusedTransfer("other asset", "BTC", "1");
  }

  private void reusedOrder(String name, Consumer<PlaceOrderRequest.Builder> change) {
    PlaceOrderRequest.Builder request =
        alice
            .order(market)
            .setClientOrderId(aliceOrder.getClientOrderId())
            .setLimit(aliceOrder.getLimit());
    change.accept(request);
    bad(
        "order id reused with " + name,
        ALREADY_EXISTS,
        "ID_REUSED",
        "client_order_id",
        table.recorded(Topic.ORDER_REQUESTED, () -> alice.place(request)));
  }

  private void reusedTransfer(String name, String asset, String amount) {
    bad(
        "request id reused with " + name,
        ALREADY_EXISTS,
        "ID_REUSED",
        "request_id",
        table.recorded(Topic.TRANSFER_REQUESTED, () -> alice.deposit(asset, amount, "taken")));
  }

  // ---- transfers

  private void badTransfers() {
    badDeposit("zero", "USD", "0", "new", "NOT_POSITIVE", "amount");
    badDeposit("empty amount", "USD", "", "new", "FIELD_REQUIRED", "amount");
    badDeposit("sub-unit", "USD", "0.0000001", "new", "TOO_MANY_DECIMALS", "amount");
    badDeposit("overflow", "BTC", "92233720368.54775808", "new", "AMOUNT_OVERFLOW", "amount");
    badDeposit("without asset", "", "1", "new", "FIELD_REQUIRED", "asset");
    badDeposit("without id", "USD", "1", "", "FIELD_REQUIRED", "request_id");
    badDeposit("id with a blank", "USD", "1", "a b", "INVALID_ID", "request_id");
    bad(
        "deposit to no account",
        INVALID_ARGUMENT,
        "FIELD_REQUIRED",
        "account",
        () -> exchange.operator().deposit(deposit("")));
    bad(
        "deposit to an account with a line break",
        INVALID_ARGUMENT,
        "INVALID_ID",
        "account",
        () -> exchange.operator().deposit(deposit("a\nb")));
    bad(
        "withdrawal with exponent",
        INVALID_ARGUMENT,
        "INVALID_DECIMAL",
        "amount",
        () -> alice.withdraw("USD", "1e2", "new"));
    bad(
        "withdrawal with a long id",
        INVALID_ARGUMENT,
        "INVALID_ID",
        "request_id",
        () -> alice.withdraw("USD", "1", "x".repeat(65)));
    badFunds();
  }

  /**
   * What an operator decides about withdrawals and accounts, and what an account asks its books.
   */
  private void badFunds() {
    String none = "0".repeat(32);
    badDecision("account", "", none, "why", "FIELD_REQUIRED");
    badDecision("account", "a\nb", none, "why", "INVALID_ID");
    badDecision("transfer_id", "alice", "", "why", "FIELD_REQUIRED");
    badDecision("transfer_id", "alice", "w-1", "why", "INVALID_ID");
    bad(
        "return of a withdrawal that nobody asked for",
        NOT_FOUND,
        "TRANSFER_NOT_FOUND",
        "transfer_id",
        knownByTheLedger(decision("alice", none, "why")));
    bad(
        "return of a deposit",
        FAILED_PRECONDITION,
        "WITHDRAWAL_NOT_HELD",
        "transfer_id",
        knownByTheLedger(
            decision(
                alice.account(),
                DeterministicId.transferId("deposit", alice.account(), "taken"),
                "why")));
    badDecision("reason", "alice", none, " ", "FIELD_REQUIRED");
    badDecision("reason", "alice", none, "a\nb", "INVALID_TEXT");
    badFreeze("no account", "", "why", "FIELD_REQUIRED", "account");
    badFreeze("account with a blank", "a b", "why", "INVALID_ID", "account");
    badFreeze("no reason", "alice", "", "FIELD_REQUIRED", "reason");
    badFreeze("long reason", "alice", "x".repeat(501), "INVALID_TEXT", "reason");
    bad(
        "external id with a blank",
        INVALID_ARGUMENT,
        "INVALID_ID",
        "external_id",
        () ->
            exchange.operator().deposit(deposit("alice").toBuilder().setExternalId("a b").build()));
    badList("unknown kind", "INVALID_ENUM", "kind", r -> r.setKindValue(9));
    badList("unknown status", "INVALID_ENUM", "status", r -> r.setStatusValue(99));
    bad(
        "transfers of an unknown asset",
        NOT_FOUND,
        "UNKNOWN_ASSET",
        "asset",
        () ->
            alice
                .assets()
                .listTransfers(ListTransfersRequest.newBuilder().setAsset("DOGE").build()));
    badHolds("negative age", "INVALID_TIME", "min_age", r -> r.getMinAgeBuilder().setSeconds(-1));
    badHolds("page size", "INVALID_PAGE_SIZE", "page_size", r -> r.setPageSize(1_001));
    badHolds("page token", "INVALID_PAGE_TOKEN", "page_token", r -> r.setPageToken("x"));
    badStatement("page size", "INVALID_PAGE_SIZE", "page_size", r -> r.setPageSize(-1));
    badStatement("page token", "INVALID_PAGE_TOKEN", "page_token", r -> r.setPageToken("x"));
  }

  private void badDecision(
      String field, String account, String transferId, String why, String reason) {
    bad(
        "return of a withdrawal: %s %s".formatted(field, reason),
        INVALID_ARGUMENT,
        reason,
        field,
        decision(account, transferId, why));
  }

  /** Only the ledger knows that it is bad. */
  private Runnable knownByTheLedger(Runnable decision) {
    return table.recorded(Topic.TRANSFER_REQUESTED, decision);
  }

  private Runnable decision(String account, String transferId, String why) {
    return () ->
        exchange
            .operator()
            .returnWithdrawal(
                ReturnWithdrawalRequest.newBuilder()
                    .setAccount(account)
                    .setTransferId(transferId)
                    .setReason(why)
                    .build());
  }

  private void badFreeze(String name, String account, String why, String reason, String field) {
    bad(
        "freeze: " + name,
        INVALID_ARGUMENT,
        reason,
        field,
        () ->
            exchange
                .operator()
                .freezeAccount(
                    FreezeAccountRequest.newBuilder().setAccount(account).setReason(why).build()));
  }

  private void badList(
      String name, String reason, String field, Consumer<ListTransfersRequest.Builder> change) {
    ListTransfersRequest.Builder request = ListTransfersRequest.newBuilder();
    change.accept(request);
    bad(
        "list of transfers: " + name,
        INVALID_ARGUMENT,
        reason,
        field,
        () -> alice.assets().listTransfers(request.build()));
  }

  private void badHolds(
      String name,
      String reason,
      String field,
      Consumer<dev.sagax.proto.asset.v1.ListHoldsRequest.Builder> change) {
    var request = dev.sagax.proto.asset.v1.ListHoldsRequest.newBuilder();
    change.accept(request);
    bad(
        "list of holds: " + name,
        INVALID_ARGUMENT,
        reason,
        field,
        () -> alice.assets().listHolds(request.build()));
  }

  private void badStatement(
      String name,
      String reason,
      String field,
      Consumer<ListStatementEntriesRequest.Builder> change) {
    ListStatementEntriesRequest.Builder request = ListStatementEntriesRequest.newBuilder();
    change.accept(request);
    bad(
        "statement: " + name,
        INVALID_ARGUMENT,
        reason,
        field,
        () -> alice.assets().listStatementEntries(request.build()));
  }

  private void badDeposit(
      String name, String asset, String amount, String id, String reason, String field) {
    bad(
        "deposit: " + name,
        INVALID_ARGUMENT,
        reason,
        field,
        () -> alice.deposit(asset, amount, id));
  }

  private static DepositRequest deposit(String account) {
    return DepositRequest.newBuilder()
        .setAccount(account)
        .setAsset("USD")
        .setAmount("1")
        .setRequestId("new")
        .build();
  }

  // ---- messages

  private void badMessages() {
    byte[] fitting = good().setClientOrderId("never-placed").build().toByteArray();
    byte[] random = new byte[200];
    new Random(7).nextBytes(random);
    random[0] = (byte) 0xff;
    malformed("random bytes", random);
    malformed("a message cut short", java.util.Arrays.copyOf(fitting, fitting.length - 1));
    malformed("text that is not UTF-8", new byte[] {0x0a, 0x02, (byte) 0xc3, 0x28});
    malformed("two messages", fitting, fitting);
    malformed("no message");
    bad(
        "more than 256 KiB",
        RESOURCE_EXHAUSTED,
        "MESSAGE_TOO_LARGE",
        "",
        () ->
            RawCall.send(
                exchange.order(),
                alice.token(),
                PLACE,
                good().setClientOrderId("x".repeat(300 * 1024)).build().toByteArray()));
    bad(
        "deadline that has passed",
        DEADLINE_EXCEEDED,
        "DEADLINE_EXCEEDED",
        "",
        () ->
            RawCall.send(
                ClientInterceptors.intercept(
                    exchange.order(), TestExchange.header("grpc-timeout", "0n")),
                alice.token(),
                PLACE,
                fitting));
  }

  private void malformed(String name, byte[]... messages) {
    bad(
        "malformed: " + name,
        INVALID_ARGUMENT,
        "MALFORMED_MESSAGE",
        "",
        () -> RawCall.send(exchange.order(), alice.token(), PLACE, messages));
  }

  // ---- tokens

  private void badTokens() {
    bad(
        "no token",
        UNAUTHENTICATED,
        "TOKEN_MISSING",
        "",
        () -> RawCall.send(exchange.order(), PLACE, good().build().toByteArray()));
    bad(
        "password instead of a token",
        UNAUTHENTICATED,
        "TOKEN_MISSING",
        "",
        () -> placeWith("Basic YWxpY2U6c2VjcmV0"));
    badToken("garbage", "TOKEN_INVALID", "garbage");
    badToken("no algorithm", "TOKEN_INVALID", unsigned());
    badToken("signature of another token", "TOKEN_INVALID", withForeignSignature());
    badToken("expired", "TOKEN_EXPIRED", expired());
    badToken("key that nobody has", "TOKEN_KEY_UNKNOWN", ofAnotherKey());
    missingScope("read may not trade", exchange.order(), Scope.READ, this::placeOn);
    missingScope("trade may not read", exchange.order(), Scope.TRADE, BadInputTest::getOrdersOn);
    missingScope("trade may not withdraw", exchange.asset(), Scope.TRADE, BadInputTest::withdrawOn);
    missingScope("customer may not deposit", exchange.asset(), Scope.TRANSFER, this::depositOn);
    missingScope(
        "operator may not read markets", exchange.match(), Scope.OPERATOR, this::marketsOn);
    missingScope("operator may not hold", exchange.settle(), Scope.OPERATOR, BadInputTest::holdOn);
    missingScope("customer may not audit", exchange.settle(), Scope.READ, BadInputTest::auditOn);
  }

  private void badToken(String name, String reason, String token) {
    bad("token: " + name, UNAUTHENTICATED, reason, "", () -> placeWith("Bearer " + token));
  }

  private void missingScope(String name, Channel channel, Scope scope, Consumer<Channel> call) {
    bad(
        "scope: " + name,
        PERMISSION_DENIED,
        "SCOPE_MISSING",
        "",
        () ->
            call.accept(
                ClientInterceptors.intercept(
                    channel, TestExchange.bearer(exchange.token(alice.account(), scope)))));
  }

  private void placeWith(String authorization) {
    placeOn(
        ClientInterceptors.intercept(
            exchange.order(), TestExchange.header("authorization", authorization)));
  }

  private void placeOn(Channel channel) {
    OrderServiceGrpc.newBlockingStub(channel).placeOrder(good().build());
  }

  private static void getOrdersOn(Channel channel) {
    OrderServiceGrpc.newBlockingStub(channel).listOrders(ListOrdersRequest.getDefaultInstance());
  }

  private static void withdrawOn(Channel channel) {
    AssetServiceGrpc.newBlockingStub(channel)
        .withdraw(dev.sagax.proto.asset.v1.WithdrawRequest.getDefaultInstance());
  }

  private void depositOn(Channel channel) {
    AssetServiceGrpc.newBlockingStub(channel).deposit(deposit(alice.account()));
  }

  private void marketsOn(Channel channel) {
    MarketDataServiceGrpc.newBlockingStub(channel)
        .listMarkets(ListMarketsRequest.getDefaultInstance());
  }

  private static void holdOn(Channel channel) {
    LedgerServiceGrpc.newBlockingStub(channel).hold(HoldRequest.getDefaultInstance());
  }

  private static void auditOn(Channel channel) {
    LedgerServiceGrpc.newBlockingStub(channel)
        .audit(dev.sagax.proto.ledger.v1.AuditRequest.getDefaultInstance());
  }

  private String expired() {
    return DevTokens.load(exchange.keyFile())
        .issue(alice.account(), EnumSet.of(Scope.TRADE), Duration.ofSeconds(-31));
  }

  private String ofAnotherKey() {
    String[] parts = alice.token().split("\\.");
    byte[] header = "{\"alg\":\"RS256\",\"kid\":\"7\"}".getBytes(StandardCharsets.UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(header)
        + "."
        + parts[1]
        + "."
        + parts[2];
  }

  private String unsigned() {
    String claims = alice.token().split("\\.")[1];
    byte[] header = "{\"alg\":\"none\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(header) + "." + claims + ".";
  }

  private String withForeignSignature() {
    String[] mine = bob.token().split("\\.");
    String[] foreign = alice.token().split("\\.");
    return mine[0] + "." + foreign[1] + "." + mine[2];
  }

  // ---- dead letters

  private void badAmendments() {
    badAmendment("no quantity", INVALID_ARGUMENT, "FIELD_REQUIRED", "");
    badAmendment("no number", INVALID_ARGUMENT, "INVALID_DECIMAL", "half");
    badAmendment("zero", INVALID_ARGUMENT, "NOT_POSITIVE", "0");
    badAmendment("too many decimals", INVALID_ARGUMENT, "TOO_MANY_DECIMALS", "0.000000001");
    badAmendment("off lot", INVALID_ARGUMENT, "OFF_LOT", "0.00015");
    badAmendment("below the minimum", INVALID_ARGUMENT, "BELOW_MIN_NOTIONAL", "0.0001");
    badAmendment("more than it asks for", FAILED_PRECONDITION, "ORDER_NOT_AMENDABLE", "1.0001");
    Order sold = alice.marketSell(market, "0.01");
    bad(
        "amendment of a market order",
        FAILED_PRECONDITION,
        "ORDER_NOT_AMENDABLE",
        "order_id",
        () -> alice.amend(sold, "0.005"));
    bad(
        "amendment of another's order",
        NOT_FOUND,
        "ORDER_NOT_FOUND",
        "",
        () -> bob.amend(aliceOrder, "0.5"));
    bad(
        "amendment of nothing",
        INVALID_ARGUMENT,
        "FIELD_REQUIRED",
        "id",
        () -> alice.orders().amendOrder(AmendOrderRequest.newBuilder().setQuantity("1").build()));
  }

  private void badReplacements() {
    badReplacement("price off tick", INVALID_ARGUMENT, "OFF_TICK", "price", "", "0.00001", "new");
    badReplacement("price no number", INVALID_ARGUMENT, "INVALID_DECIMAL", "price", "", "x", "new");
    badReplacement("price zero", INVALID_ARGUMENT, "NOT_POSITIVE", "price", "", "0", "new");
    badReplacement(
        "quantity off lot", INVALID_ARGUMENT, "OFF_LOT", "quantity", "0.00015", "", "new");
    badReplacement(
        "malformed id", INVALID_ARGUMENT, "INVALID_ID", "new_client_order_id", "", "2", "a b");
    badReplacement(
        "no new id", INVALID_ARGUMENT, "FIELD_REQUIRED", "new_client_order_id", "", "2", "");
    badReplacement(
        "its own id",
        ALREADY_EXISTS,
        "ID_REUSED",
        "new_client_order_id",
        "",
        "2",
        aliceOrder.getClientOrderId());
    Order immediate = alice.limit(market, SIDE_SELL, "0.01", "90000", TIME_IN_FORCE_IOC);
    bad(
        "replacement of an order that never rests",
        FAILED_PRECONDITION,
        "ORDER_NOT_AMENDABLE",
        "order_id",
        () -> alice.replace(immediate, "", "100", "new"));
    bad(
        "replacement of another's order",
        NOT_FOUND,
        "ORDER_NOT_FOUND",
        "",
        () -> bob.replace(aliceOrder, "", "2", "new"));
  }

  private void badReplacement(
      String name,
      Status.Code code,
      String reason,
      String field,
      String quantity,
      String price,
      String newId) {
    bad(
        "replacement: " + name,
        code,
        reason,
        field,
        () -> alice.replace(aliceOrder, quantity, price, newId));
  }

  private void badAmendment(String name, Status.Code code, String reason, String quantity) {
    bad("amendment: " + name, code, reason, "quantity", () -> alice.amend(aliceOrder, quantity));
  }

  private void badMarketStates() {
    badOrderInState(MarketState.MARKET_STATE_POST_ONLY, "MARKET_POST_ONLY");
    badOrderInState(MarketState.MARKET_STATE_HALTED, "MARKET_HALTED");
    badState("no market", INVALID_ARGUMENT, "FIELD_REQUIRED", "market", r -> r.setMarket(""));
    badState("unknown market", NOT_FOUND, "UNKNOWN_MARKET", "market", r -> r.setMarket("X-Y"));
    badState("no state", INVALID_ARGUMENT, "INVALID_ENUM", "state", r -> r.setStateValue(0));
    badState("unknown state", INVALID_ARGUMENT, "INVALID_ENUM", "state", r -> r.setStateValue(9));
    badState("no reason", INVALID_ARGUMENT, "FIELD_REQUIRED", "reason", r -> r.setReason(" "));
    badState("two lines", INVALID_ARGUMENT, "INVALID_TEXT", "reason", r -> r.setReason("a\nb"));
    bad(
        "state of an unknown market",
        NOT_FOUND,
        "UNKNOWN_MARKET",
        "market",
        () ->
            exchange
                .marketAdmin()
                .getMarketState(GetMarketStateRequest.newBuilder().setMarket("X-Y").build()));
    bad(
        "state set by a trader",
        PERMISSION_DENIED,
        "SCOPE_MISSING",
        "",
        () ->
            MarketAdminServiceGrpc.newBlockingStub(exchange.order())
                .withInterceptors(TestExchange.bearer(alice.token()))
                .setMarketState(goodState().build()));
  }

  /** A market that takes no such order, as the API has heard already. */
  private void badOrderInState(MarketState state, String reason) {
    String set = exchange.market();
    exchange.marketAdmin().setMarketState(goodState().setMarket(set).setState(state).build());
    Runnable call = () -> alice.place(good().setMarket(set).setClientOrderId(alice.nextId()));
    Eventually.passes(() -> assertThat(Refused.by(call::run).reason()).isEqualTo(reason));
    bad("order in " + state, FAILED_PRECONDITION, reason, "market", call);
  }

  private void badState(
      String name,
      Status.Code code,
      String reason,
      String field,
      Consumer<SetMarketStateRequest.Builder> change) {
    SetMarketStateRequest.Builder request = goodState();
    change.accept(request);
    bad(
        "market state: " + name,
        code,
        reason,
        field,
        () -> exchange.marketAdmin().setMarketState(request.build()));
  }

  private SetMarketStateRequest.Builder goodState() {
    return SetMarketStateRequest.newBuilder()
        .setMarket(market)
        .setState(MarketState.MARKET_STATE_TRADING)
        .setReason("why");
  }

  private void badDeadLetters() {
    badDeadLetterId("empty", "", INVALID_ARGUMENT, "FIELD_REQUIRED");
    badDeadLetterId("number only", "5", INVALID_ARGUMENT, "INVALID_ID");
    badDeadLetterId("negative number", "order.dlq/0/-1", INVALID_ARGUMENT, "INVALID_ID");
    badDeadLetterId("no such topic", "nothing.dlq/0/1", INVALID_ARGUMENT, "INVALID_ID");
    badDeadLetterId("huge", "order.dlq/0/" + "9".repeat(5_000), INVALID_ARGUMENT, "INVALID_ID");
    badDeadLetterId("NUL", "order.dlq/0/1\0", INVALID_ARGUMENT, "INVALID_ID");
    badDeadLetterId("never given", "order.dlq/0/" + "9".repeat(18), NOT_FOUND, NO_LETTER);
    badDeadLetterId("partition never made", "order.dlq/999999999/1", NOT_FOUND, NO_LETTER);
    badDeadLetterId("another service's", "transfer.dlq/0/1", NOT_FOUND, NO_LETTER);
    badDeadLetterId("no dead letters' topic", "order.requested/0/1", NOT_FOUND, NO_LETTER);
    badDiscard("without reason", "", "FIELD_REQUIRED");
    badDiscard("for blanks", "  ", "FIELD_REQUIRED");
    badDiscard("reason too long", "x".repeat(501), "INVALID_TEXT");
    badDiscard("reason with NUL", "a\0b", "INVALID_TEXT");
    badDiscard("reason of two lines", "a\nb", "INVALID_TEXT");
    badLetterList(
        "unknown topic", NOT_FOUND, "UNKNOWN_TOPIC", "topic", list -> list.setTopic("x.dlq"));
    badLetterList(
        "topic of another service",
        NOT_FOUND,
        "UNKNOWN_TOPIC",
        "topic",
        list -> list.setTopic("settle.dlq"));
    badLetterList(
        "topic without dead letters",
        NOT_FOUND,
        "UNKNOWN_TOPIC",
        "topic",
        list -> list.setTopic("order.updated"));
    badLetterList(
        "unknown state", INVALID_ARGUMENT, "INVALID_ENUM", "state", list -> list.setStateValue(9));
    badLetterList(
        "page too large",
        INVALID_ARGUMENT,
        "INVALID_PAGE_SIZE",
        "page_size",
        list -> list.setPageSize(501));
    badLetterList(
        "garbage for a page token",
        INVALID_ARGUMENT,
        "INVALID_PAGE_TOKEN",
        "page_token",
        list -> list.setPageToken("AAAA"));
  }

  private void badPartition(String name, int partition) {
    bad(
        "partition: " + name,
        NOT_FOUND,
        "UNKNOWN_PARTITION",
        "partition",
        () ->
            PartitionServiceGrpc.newBlockingStub(exchange.asset())
                .withInterceptors(TestExchange.bearer(exchange.token("operator", Scope.OPERATOR)))
                .resumePartition(
                    ResumePartitionRequest.newBuilder().setPartition(partition).build()));
  }

  private void badDeadLetterId(String name, String id, Status.Code code, String reason) {
    table.add(
        "dead letter id: " + name,
        code,
        reason,
        "dead_letter_id",
        () ->
            deadLetters()
                .getDeadLetter(GetDeadLetterRequest.newBuilder().setDeadLetterId(id).build()),
        () ->
            deadLetters()
                .replayDeadLetter(ReplayDeadLetterRequest.newBuilder().setDeadLetterId(id).build()),
        () ->
            deadLetters()
                .discardDeadLetter(
                    DiscardDeadLetterRequest.newBuilder()
                        .setDeadLetterId(id)
                        .setReason("why")
                        .build()));
  }

  private void badDiscard(String name, String why, String reason) {
    bad(
        "discard of a dead letter " + name,
        INVALID_ARGUMENT,
        reason,
        "reason",
        () ->
            deadLetters()
                .discardDeadLetter(
                    DiscardDeadLetterRequest.newBuilder()
                        .setDeadLetterId("order.dlq/0/1")
                        .setReason(why)
                        .build()));
  }

  private void badLetterList(
      String name,
      Status.Code code,
      String reason,
      String field,
      Consumer<ListDeadLettersRequest.Builder> change) {
    ListDeadLettersRequest.Builder request = ListDeadLettersRequest.newBuilder();
    change.accept(request);
    bad(
        "list of dead letters: " + name,
        code,
        reason,
        field,
        () -> deadLetters().listDeadLetters(request.build()));
  }

  private DeadLetterServiceGrpc.DeadLetterServiceBlockingStub deadLetters() {
    return DeadLetterServiceGrpc.newBlockingStub(exchange.order())
        .withInterceptors(TestExchange.bearer(exchange.token("operator", Scope.OPERATOR)));
  }

  // ---- good requests to spoil

  private PlaceOrderRequest.Builder good() {
    return alice.order(market).setClientOrderId("bad-input").setLimit(limit());
  }

  private static LimitOrder.Builder limit() {
    return Trader.limit(SIDE_BUY, "1", "10", TIME_IN_FORCE_GTC).toBuilder();
  }

  private void place(String where, String price, String quantity) {
    alice.place(good().setMarket(where).setLimit(limit().setPrice(price).setQuantity(quantity)));
  }

  private void marketBuy(String amount) {
    alice.place(good().setMarketBuy(MarketBuyOrder.newBuilder().setQuoteAmount(amount)));
  }

  private void marketSell(String quantity) {
    alice.place(good().setMarketSell(MarketSellOrder.newBuilder().setQuantity(quantity)));
  }

  private static void getOrder(Trader trader, String id) {
    trader.orders().getOrder(GetOrderRequest.newBuilder().setOrderId(id).build());
  }

  private void getTransfer(String id) {
    alice.assets().getTransfer(GetTransferRequest.newBuilder().setTransferId(id).build());
  }

  private static void listOrders(Trader trader, String where, String token) {
    trader
        .orders()
        .listOrders(ListOrdersRequest.newBuilder().setMarket(where).setPageToken(token).build());
  }

  private static void listTransfers(Trader trader, String token) {
    trader.assets().listTransfers(ListTransfersRequest.newBuilder().setPageToken(token).build());
  }
}
