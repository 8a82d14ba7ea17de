package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.local.DevTokens;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.Balance;
import dev.sagax.proto.asset.v1.ListTransfersRequest;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.asset.v1.TransferKind;
import dev.sagax.proto.market.v1.ListMarketsRequest;
import dev.sagax.proto.market.v1.ListTradesRequest;
import dev.sagax.proto.market.v1.MarketState;
import dev.sagax.proto.market.v1.SetMarketStateRequest;
import dev.sagax.proto.market.v1.SetMarketStateResponse;
import dev.sagax.proto.order.v1.AmendOrderRequest;
import dev.sagax.proto.order.v1.AmendOrderResponse;
import dev.sagax.proto.order.v1.ListOrdersRequest;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.PlaceOrderResponse;
import dev.sagax.proto.order.v1.PlaceOrdersRequest;
import dev.sagax.proto.order.v1.PlaceOrdersResponse;
import dev.sagax.proto.order.v1.Side;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Very many requests that are nearly right, to every unary method that reflection finds: each gets
 * an answer that is documented, and whatever has changed afterwards was accepted.
 *
 * <p>{@code -Dsagax.fuzz.messages=N} sends so many.
 */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FuzzTest {
  private static final int MESSAGES = Integer.getInteger("sagax.fuzz.messages", 600);
  private static final int UNDER_WAY = 64;
  private static final long PATIENCE_SECONDS = 120;
  private static final Duration BEGINNING = Duration.ofMinutes(2);
  private static final int ACCOUNTS = 8;
  private static final int MARKETS = 3;
  private static final int MOST_SHOWN = 20;
  private static final int LONGEST_SHOWN = 400;

  /** What an order that was accepted may leave in memory, and what anything else may in all. */
  private static final long BYTES_AN_ORDER = 4_096;

  private static final long BYTES_IN_ALL = 48L * 1024 * 1024;

  /** Would change the ledger behind its only caller's back: it is called as a stranger only. */
  private static final String HOLD = "sagax.ledger.v1.LedgerService/Hold";

  /** They look at all there is, so that they are called less often. */
  private static final Set<String> HEAVY =
      Set.of("sagax.ledger.v1.LedgerService/Audit", "sagax.ledger.v1.LedgerService/OpenLedger");

  private static final int SELDOM = 1;

  private static final int USUAL = 10;

  private static final int OFTEN = 60;

  private static final Metadata.Key<String> AUTHORIZATION = key("authorization");
  private static final Metadata.Key<String> TIMEOUT = key("grpc-timeout");
  private static final List<String> TIMEOUTS =
      List.of("0n", "1n", "1m", "20m", "5S", "1H", "", "abc", "-1S", "1", "999999999S", "1S1");

  private final Random random = new Random(Seed.of(FuzzTest.class));
  private final Map<String, List<String>> words = new TreeMap<>();
  private final List<Trader> traders = new ArrayList<>();
  private final List<String> tradingMarkets = new ArrayList<>();
  private final Queue<String> violations = new ConcurrentLinkedQueue<>();
  private final Map<String, LongAdder> answers = new ConcurrentSkipListMap<>();
  private final Set<String> placed = ConcurrentHashMap.newKeySet();
  private final Set<String> amended = ConcurrentHashMap.newKeySet();
  private final Set<String> unknownOutcomes = ConcurrentHashMap.newKeySet();
  private final Map<String, MarketState> setStates = new ConcurrentHashMap<>();
  private final Semaphore free = new Semaphore(UNDER_WAY);
  private TestExchange exchange;
  private Contract contract;
  private Trader bystander;
  private FuzzRequests requests;
  private String adminMarket;
  private String expired;

  private record Call(Contract.Method method, byte[][] messages) {
    String name() {
      return method.name();
    }

    @Override
    public String toString() {
      StringBuilder shown = new StringBuilder(name());
      for (byte[] message : messages) {
        String hex = HexFormat.of().formatHex(message);
        shown
            .append(" ")
            .append(message.length)
            .append(" bytes ")
            .append(hex, 0, Math.min(hex.length(), LONGEST_SHOWN));
      }
      return shown.toString();
    }
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  @BeforeAll
  void use(TestExchange shared) throws Exception {
    exchange = shared;
    contract = Contract.of(exchange);
    for (int i = 0; i < MARKETS; i++) {
      tradingMarkets.add(exchange.market());
    }
    adminMarket = exchange.market();
    for (int i = 0; i < ACCOUNTS; i++) {
      traders.add(exchange.trader("fuzz").fund("USD", "100000000").fund("BTC", "1000000"));
    }
    String quiet = exchange.fineMarket();
    bystander = exchange.trader("bystander").fund("USD", "1000").fund("BTC", "1");
    Order resting = Eventually.answered(BEGINNING, () -> bystander.buy(quiet, "1", "100"));
    Eventually.answered(BEGINNING, () -> bystander.sell(quiet, "0.5", "200"));
    bystander.withdraw("USD", "1", "bystanders-withdrawal");
    expired =
        DevTokens.load(exchange.keyFile())
            .issue(traders.get(0).account(), EnumSet.of(Scope.TRADE), Duration.ofSeconds(-31));
    learnWords(resting);
    requests = new FuzzRequests(random, words, "f" + Long.toString(System.nanoTime(), 36));
  }

  private void learnWords(Order foreign) {
    List<String> orders = new ArrayList<>(List.of(foreign.getOrderId()));
    List<String> names = new ArrayList<>(List.of(foreign.getClientOrderId()));
    List<String> tokens = new ArrayList<>();
    for (Trader trader : traders) {
      for (String market : tradingMarkets) {
        Order own = Eventually.answered(BEGINNING, () -> trader.buy(market, "0.1", "50"));
        orders.add(own.getOrderId());
        names.add(own.getClientOrderId());
      }
      tokens.add(
          trader
              .orders()
              .listOrders(ListOrdersRequest.newBuilder().setPageSize(1).build())
              .getNextPageToken());
      tokens.add(
          trader
              .assets()
              .listTransfers(ListTransfersRequest.newBuilder().setPageSize(1).build())
              .getNextPageToken());
    }
    Trader taker = traders.getLast(); // the first ones rest before its own order
    Eventually.answered(BEGINNING, () -> taker.sell(tradingMarkets.get(0), "0.15", "50"));
    Eventually.passes(() -> {
      String token =
          taker
              .markets()
              .listTrades(
                  ListTradesRequest.newBuilder()
                      .setMarket(tradingMarkets.get(0))
                      .setPageSize(1)
                      .build())
              .getNextPageToken();
      assertThat(token).isNotEmpty();
      tokens.add(token);
    });
    for (Trader trader : traders) {
      trader.list("", false, 500).forEach(order -> placed.add(order.getOrderId()));
    }
    assertThat(tokens).doesNotContain("");
    List<String> transfers =
        taker
            .assets()
            .listTransfers(ListTransfersRequest.getDefaultInstance())
            .getTransfersList()
            .stream()
            .map(Transfer::getTransferId)
            .toList();
    List<String> accounts = traders.stream().map(Trader::account).toList();
    words.put("market", tradingMarkets);
    words.put("markets", tradingMarkets);
    words.put("asset", List.of("USD", "BTC", "ETH"));
    words.put("price", List.of("100", "100.01", "99.99", "50", "150.5", "0.01"));
    words.put("quantity", List.of("0.01", "0.1", "1", "0.0001", "2.5"));
    words.put("quote_amount", List.of("1", "10.5", "250"));
    words.put("amount", List.of("1", "0.5", "12.345678"));
    words.put("group", List.of("0.01", "1", "0.05"));
    words.put("order_id", orders);
    words.put("client_order_id", names);
    words.put("new_client_order_id", names);
    words.put("request_id", List.of("id-1", "id-2", "bystanders-withdrawal"));
    words.put("transfer_id", transfers);
    words.put("page_token", tokens);
    words.put("cursor", tokens);
    words.put("account", accounts);
    words.put("reason", List.of("because"));
    words.put("topic", List.of("order.dlq", "match.dlq", "settle.dlq", "transfer.dlq"));
    words.put("dead_letter_id", List.of("order.dlq/0/1000001", "settle.dlq/3/1000001"));
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SAME_THREAD)
  void everyAnswerIsDocumentedAndWhatWasRefusedHasChangedNothing() throws Exception {
    Object bystanderBefore = everythingOf(bystander);
    Map<String, MarketState> statesBefore = marketStates();
    List<Contract.Method> methods = weighted();
    fuzz(methods, MESSAGES / 5); // what the first calls need once is no growth
    long heapBefore = usedHeap();
    long placedBefore = placed.size();
    long begun = System.nanoTime();

    fuzz(methods, MESSAGES - MESSAGES / 5);

    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
    long grown = usedHeap() - heapBefore;
    System.out.printf(
        "FuzzTest: %,d messages, the last 4/5 in %,d ms; heap %+,d KiB; %,d orders accepted%n%s%n",
        MESSAGES, millis, grown / 1024, placed.size(), answers);
    assertThat(violations.stream().limit(MOST_SHOWN)).isEmpty();
    assertThat(answers.values().stream().mapToLong(LongAdder::sum).sum()).isEqualTo(MESSAGES);
    assertThat(answers.get("OK").sum()).isBetween(MESSAGES / 50L, MESSAGES / 2L);
    assertThat(grown).isLessThan(BYTES_IN_ALL + BYTES_AN_ORDER * (placed.size() - placedBefore));
    assertThat(everythingOf(bystander)).isEqualTo(bystanderBefore);
    takeBackMarketStates(statesBefore);
    for (Trader trader : traders) {
      hasOnlyWhatWasAccepted(trader);
    }
    exchange.assertConserved();
  }

  private List<Contract.Method> weighted() {
    List<Contract.Method> methods = new ArrayList<>();
    for (Contract.Method method : contract.methods()) {
      if (!method.isStream()) {
        methods.addAll(Collections.nCopies(weight(method.name()), method));
      }
    }
    return methods;
  }

  private static int weight(String method) {
    if (HEAVY.contains(method)) {
      return SELDOM;
    }
    return method.startsWith("sagax.order.") || method.startsWith("sagax.asset.") ? OFTEN : USUAL;
  }

  // ---- sending

  private void fuzz(List<Contract.Method> methods, int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      Contract.Method method = methods.get(random.nextInt(methods.size()));
      send(new Call(method, messagesFor(method)));
    }
    boolean answered = free.tryAcquire(UNDER_WAY, PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(answered).as("all calls were answered").isTrue();
    free.release(UNDER_WAY);
  }

  /** What an operator sets of a market must not end the trade in the others. */
  private byte[][] messagesFor(Contract.Method method) {
    boolean admin = method.name().endsWith("/SetMarketState");
    words.put("market", admin ? List.of(adminMarket) : tradingMarkets);
    return requests.next(method.descriptor().getInputType());
  }

  private void send(Call call) throws InterruptedException {
    boolean free = this.free.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(free).as("calls are answered").isTrue();
    CallOptions options =
        random.nextInt(20) == 0 ? CallOptions.DEFAULT.withCompression("gzip") : CallOptions.DEFAULT;
    RawCall.begin(call.method().channel(), options, call.name(), headers(call), call.messages())
        .whenComplete((answer, none) -> {
          try {
            judge(call, answer);
          } catch (RuntimeException | InvalidProtocolBufferException | AssertionError e) {
            violations.add(call + " -> " + e);
          } finally {
            this.free.release();
          }
        });
  }

  private Metadata headers(Call call) {
    Metadata headers = new Metadata();
    String authorization = authorization(call);
    if (authorization != null) {
      headers.put(AUTHORIZATION, authorization);
    }
    if (random.nextInt(20) == 0) {
      headers.put(TIMEOUT, TIMEOUTS.get(random.nextInt(TIMEOUTS.size())));
    }
    if (random.nextInt(20) == 0) {
      headers.put(key("x-" + random.nextInt(10)), "y".repeat(random.nextInt(2_000)));
      byte[] noise = new byte[random.nextInt(100)];
      random.nextBytes(noise);
      headers.put(Metadata.Key.of("x-bin", Metadata.BINARY_BYTE_MARSHALLER), noise);
      headers.put(key("traceparent"), "00-" + "f".repeat(random.nextInt(64)) + "-01");
      headers.put(key("x-request-id"), "r".repeat(random.nextInt(300)));
    }
    return headers;
  }

  /** Mostly a token that fits. */
  private String authorization(Call call) {
    String fitting = fittingToken(call.method());
    return switch (random.nextInt(50)) {
      case 0 -> null;
      case 1 -> "";
      case 2 -> "Bearer";
      case 3 -> "Bearer " + fitting.substring(0, random.nextInt(fitting.length()));
      case 4 -> "Bearer " + withOtherLetter(fitting);
      case 5 -> "bearer  " + fitting;
      case 6 -> "Bearer " + "a.".repeat(random.nextInt(1_000));
      case 7 -> "Bearer " + expired;
      case 8 -> "Basic " + fitting;
      case 9 -> "Bearer " + exchange.token("nobody", anyScope());
      default -> "Bearer " + fitting;
    };
  }

  private Scope anyScope() {
    Scope[] scopes = {Scope.READ, Scope.TRADE, Scope.TRANSFER, Scope.OPERATOR};
    return scopes[random.nextInt(scopes.length)];
  }

  private String withOtherLetter(String token) {
    StringBuilder changed = new StringBuilder(token);
    changed.setCharAt(random.nextInt(token.length()), (char) ('0' + random.nextInt(70)));
    return changed.toString();
  }

  private String fittingToken(Contract.Method method) {
    Set<Scope> scopes = method.scopes();
    Trader trader = traders.get(random.nextInt(traders.size()));
    if (scopes.contains(Scope.OPERATOR) && (scopes.size() == 1 || random.nextBoolean())) {
      return exchange.token("operator", Scope.OPERATOR);
    }
    if (scopes.contains(Scope.SERVICE) && !method.name().equals(HOLD)) {
      return exchange.token("order-svc", Scope.SERVICE);
    }
    return trader.token();
  }

  // ---- judging

  private void judge(Call call, RawCall.Answer answer) throws InvalidProtocolBufferException {
    Status status = answer.status();
    if (status.isOk()) {
      answers.computeIfAbsent("OK", name -> new LongAdder()).increment();
      accepted(call, answer.message());
      return;
    }
    Refused refused = Refused.of(answer.failure());
    answers
        .computeIfAbsent(refused.code() + " " + refused.reason(), name -> new LongAdder())
        .increment();
    if (!isDocumented(refused)) {
      violations.add(call + " -> " + status + " " + refused);
    }
    if (refused.code() == Code.DEADLINE_EXCEEDED || refused.code() == Code.UNAVAILABLE) {
      remember(call);
    }
  }

  private static boolean isDocumented(Refused refused) {
    if (!refused.domain().equals("sagax.dev") || refused.reason().isEmpty()) {
      return false;
    }
    Reason reason = Reason.valueOf(refused.reason());
    return reason != Reason.INTERNAL
        && reason != Reason.OVERLOADED
        && reason.status.code == refused.code().value();
  }

  private void accepted(Call call, byte[] answer) throws InvalidProtocolBufferException {
    byte[] request = call.messages()[0];
    switch (call.method().descriptor().getName()) {
      case "PlaceOrder" -> {
        if (!PlaceOrderRequest.parseFrom(request).getValidateOnly()) {
          placed.add(PlaceOrderResponse.parseFrom(answer).getOrder().getOrderId());
        }
      }
      case "PlaceOrders" -> {
        List<PlaceOrderRequest> asked = PlaceOrdersRequest.parseFrom(request).getOrdersList();
        var results = PlaceOrdersResponse.parseFrom(answer).getResultsList();
        assertThat(results).hasSameSizeAs(asked);
        for (int i = 0; i < asked.size(); i++) {
          if (results.get(i).hasOrder() && !asked.get(i).getValidateOnly()) {
            placed.add(results.get(i).getOrder().getOrderId());
          } else if (results.get(i).hasError()) {
            acceptedItem(asked.get(i), results.get(i).getError());
          }
        }
      }
      case "AmendOrder" ->
          amended.add(AmendOrderResponse.parseFrom(answer).getOrder().getOrderId());
      case "SetMarketState" -> {
        var set = SetMarketStateResponse.parseFrom(answer).getStatus();
        setStates.put(set.getMarket(), set.getState());
      }
      default -> {}
    }
  }

  private void acceptedItem(PlaceOrderRequest item, com.google.rpc.Status error) {
    Code code = Status.fromCodeValue(error.getCode()).getCode();
    if (code == Code.INTERNAL || code == Code.UNKNOWN) {
      violations.add(item + " in a batch -> " + error);
    }
    if (code == Code.DEADLINE_EXCEEDED || code == Code.UNAVAILABLE) {
      unknownOutcomes.add(item.getClientOrderId());
    }
  }

  /** Orders that may be recorded though nobody was told so. */
  private void remember(Call call) {
    if (call.messages().length == 0) {
      return;
    }
    byte[] request = call.messages()[0];
    try {
      switch (call.method().descriptor().getName()) {
        case "PlaceOrder" ->
            unknownOutcomes.add(PlaceOrderRequest.parseFrom(request).getClientOrderId());
        case "PlaceOrders" ->
            PlaceOrdersRequest.parseFrom(request)
                .getOrdersList()
                .forEach(order -> unknownOutcomes.add(order.getClientOrderId()));
        case "AmendOrder" ->
            unknownOutcomes.add(AmendOrderRequest.parseFrom(request).getNewClientOrderId());
        default -> {}
      }
    } catch (InvalidProtocolBufferException malformed) {
      // Nobody could read it, so that it is nowhere.
    }
  }

  // ---- what there is afterwards

  private static Object everythingOf(Trader trader) {
    return List.of(
        trader.balances(),
        trader.list("", false, 500),
        trader.assets().listTransfers(ListTransfersRequest.getDefaultInstance()));
  }

  private Map<String, MarketState> marketStates() {
    Map<String, MarketState> states = new TreeMap<>();
    bystander
        .markets()
        .listMarkets(ListMarketsRequest.getDefaultInstance())
        .getMarketsList()
        .forEach(market -> states.put(market.getName(), market.getState()));
    return states;
  }

  private void takeBackMarketStates(Map<String, MarketState> before) {
    Map<String, MarketState> after = marketStates();
    for (Map.Entry<String, MarketState> market : before.entrySet()) {
      if (after.get(market.getKey()) != market.getValue()) {
        assertThat(setStates).containsKey(market.getKey());
        exchange
            .marketAdmin()
            .setMarketState(
                SetMarketStateRequest.newBuilder()
                    .setMarket(market.getKey())
                    .setState(market.getValue())
                    .setReason("The test is over.")
                    .build());
      }
    }
  }

  /** Its orders are those that were accepted, and its balances are what these and transfers say. */
  private void hasOnlyWhatWasAccepted(Trader trader) {
    trader.cancelAll();
    List<Order> orders = trader.list("", false, 500);
    for (Order order : orders) {
      assertThat(
              placed.contains(order.getOrderId())
                  || amended.contains(order.getOrderId())
                  || unknownOutcomes.contains(order.getClientOrderId()))
          .as("somebody was told of %s", order)
          .isTrue();
    }
    Map<String, BigDecimal> total = new TreeMap<>();
    Map<String, BigDecimal> held = new TreeMap<>();
    transfersOf(trader).forEach(transfer -> book(transfer, total, held));
    orders.forEach(order -> book(order, total));
    Eventually.passes(() -> {
      Set<String> assets = new TreeSet<>(total.keySet());
      for (Balance balance : trader.balances()) {
        String asset = balance.getAsset();
        assets.remove(asset);
        BigDecimal holds = held.getOrDefault(asset, BigDecimal.ZERO);
        assertThat(new BigDecimal(balance.getHeld()))
            .as("held %s", asset)
            .isEqualByComparingTo(holds);
        assertThat(new BigDecimal(balance.getAvailable()))
            .as("%s of %s", asset, trader.account())
            .isEqualByComparingTo(total.getOrDefault(asset, BigDecimal.ZERO).subtract(holds));
      }
      assertThat(assets).allMatch(asset -> total.get(asset).signum() == 0);
    });
  }

  private static List<Transfer> transfersOf(Trader trader) {
    List<Transfer> all = new ArrayList<>();
    String token = "";
    do {
      var page =
          trader
              .assets()
              .listTransfers(
                  ListTransfersRequest.newBuilder().setPageSize(500).setPageToken(token).build());
      all.addAll(page.getTransfersList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return all;
  }

  /** Of a withdrawal that has not ended the amount is held. */
  private static void book(
      Transfer transfer, Map<String, BigDecimal> total, Map<String, BigDecimal> held) {
    BigDecimal amount = new BigDecimal(transfer.getAmount());
    boolean in = transfer.getKind() == TransferKind.TRANSFER_KIND_DEPOSIT;
    switch (transfer.getStatus()) {
      case TRANSFER_STATUS_COMPLETED ->
          total.merge(transfer.getAsset(), in ? amount : amount.negate(), BigDecimal::add);
      case TRANSFER_STATUS_REJECTED, TRANSFER_STATUS_RETURNED -> {}
      default -> {
        assertThat(in).as("not decided: %s", transfer).isFalse();
        held.merge(transfer.getAsset(), amount, BigDecimal::add);
      }
    }
  }

  private static void book(Order order, Map<String, BigDecimal> balances) {
    boolean buys =
        order.hasMarketBuy() || order.hasLimit() && order.getLimit().getSide() == Side.SIDE_BUY;
    BigDecimal base = decimal(order.getFilledQuantity());
    BigDecimal quote = decimal(order.getFilledQuote());
    balances.merge("BTC", buys ? base : base.negate(), BigDecimal::add);
    balances.merge("USD", buys ? quote.negate() : quote, BigDecimal::add);
    if (!order.getFeeAsset().isEmpty()) {
      balances.merge(order.getFeeAsset(), decimal(order.getFee()).negate(), BigDecimal::add);
    }
  }

  private static BigDecimal decimal(String text) {
    return text.isEmpty() ? BigDecimal.ZERO : new BigDecimal(text);
  }

  private static long usedHeap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
