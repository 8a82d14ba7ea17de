package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.local.LocalExchange;
import dev.sagax.local.e2e.TraceCollector.Seen;
import dev.sagax.platform.fault.FaultAction;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.platform.fault.PlannedFault;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.dlq.v1.DeadLetter;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.PlaceOrderResponse;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The trace of an order as a collector gets it, over the whole exchange. A trace is shown as a
 * tree: who made the span, its kind and its name, below the span that caused it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TraceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int TOGETHER = 60;
  private static final String CLIENTS_SPAN = "00f067aa0ba902b7";

  private static final List<String> TRADED =
      """
      order-svc server sagax.order.v1.OrderService/PlaceOrder
        order-svc producer send order.requested
          order-svc consumer process order.requested
            match-svc consumer process match.requested
              settle-svc consumer process settle.requested
                match-svc consumer process settle.completed
                order-svc consumer process settle.completed
            order-svc client sagax.ledger.v1.LedgerService/Hold
              settle-svc server sagax.ledger.v1.LedgerService/Hold
      """
          .lines()
          .toList();

  private TraceCollector collector;
  private TestExchange exchange;
  private Log log;
  private int traces;

  @BeforeAll
  void start() {
    TestExchange.assumeInThisJvm(); // which alone is told to trace
    collector = new TraceCollector();
    exchange = collector.tracing(TraceTest::freshExchange);
    log = new Log(exchange.infrastructure().kafkaBootstrap(), LocalExchange.PARTITIONS);
  }

  private static TestExchange freshExchange() {
    try {
      return TestExchange.fresh();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterAll
  void stop() throws IOException {
    if (exchange == null) {
      return; // all of it was skipped
    }
    exchange.assertConserved();
    log.close();
    exchange.close();
    collector.close();
  }

  // ---- one order

  @Test
  void oneTraceShowsAnOrderFromItsPlacingToItsCompletion() {
    String market = exchange.market();
    Trader seller = exchange.trader("seller").deposit("BTC", "1");
    Trader buyer = exchange.trader("buyer").deposit("USD", "1000");
    Order maker = seller.sell(market, "0.5", "100");
    String trace = nextTrace();

    Order taker = place(buyer, trace, limit(buyer, market, Side.SIDE_BUY, "0.5"));

    assertThat(taker.getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_FILLED);
    Eventually.passes(PATIENCE, () -> assertThat(tree(trace)).isEqualTo(TRADED));
    List<Seen> spans = collector.of(trace);
    assertThat(spans).extracting(Seen::id).doesNotHaveDuplicates();
    assertThat(spans)
        .filteredOn(span -> span.what().contains(" consumer "))
        .allSatisfy(span ->
            assertThat(span.facts())
                .containsEntry("messaging.system", "kafka")
                .containsKeys("messaging.kafka.offset", "messaging.batch.message_count"));
    Map<String, String> matched = facts(spans, "match-svc consumer process match.requested");
    assertThat(matched)
        .containsEntry("sagax.order_id", taker.getOrderId())
        .containsEntry("sagax.market", market)
        .containsEntry("sagax.maker_order_ids", maker.getOrderId())
        .containsEntry(
            "messaging.destination.partition.id", Integer.toString(TestMarkets.partition(market)))
        .containsKey("sagax.seq");
    Map<String, String> completed = facts(spans, "order-svc consumer process settle.completed");
    assertThat(completed)
        .containsEntry("sagax.order_id", taker.getOrderId())
        .containsEntry("sagax.order_status", "FILLED");
    assertThat(completed.get("sagax.emitted")).contains("order.updated/");
    assertThat(facts(spans, TRADED.getFirst()))
        .containsEntry("rpc.system", "grpc")
        .containsEntry("rpc.grpc.status_code", "0")
        .containsKey("sagax.request_id");
    assertCausesComeFirst(spans);
    assertTracesOfRecords(trace, taker, maker);
    assertThat(new Sagas(exchange, log).of(buyer, taker).getTraceId()).isEqualTo(trace);
  }

  /** The last record of both orders, and each of the taker's, says to which trace it belongs. */
  private void assertTracesOfRecords(String trace, Order taker, Order maker) {
    Map<String, List<String>> traced = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : log.read(Topic.ORDER_UPDATED)) {
      traced
          .computeIfAbsent(
              new String(record.key(), StandardCharsets.UTF_8), key -> new ArrayList<>())
          .add(Log.header(record, "traceparent"));
    }
    assertThat(traced.get(taker.getOrderId()))
        .hasSize(2)
        .allMatch(header -> header.startsWith("00-" + trace + "-") && header.endsWith("-01"));
    List<String> ofMaker = traced.get(maker.getOrderId());
    assertThat(ofMaker.getLast()).as("the fill is the taker's doing").contains(trace);
    assertThat(ofMaker.getFirst()).isNotEmpty().doesNotContain(trace);
    assertThat(tree(ofMaker.getFirst().substring(3, 35)))
        .as("the maker's own trace")
        .hasSize(TRADED.size());
  }

  private static void assertCausesComeFirst(List<Seen> spans) {
    Map<String, Seen> byId = spans.stream().collect(Collectors.toMap(Seen::id, span -> span));
    for (Seen span : spans) {
      Seen cause = byId.get(span.parent());
      if (cause != null) {
        assertThat(span.span().getStartTimeUnixNano())
            .as("%s, caused by %s", span.what(), cause.what())
            .isGreaterThanOrEqualTo(cause.span().getStartTimeUnixNano());
      }
      assertThat(span.span().getEndTimeUnixNano())
          .isGreaterThanOrEqualTo(span.span().getStartTimeUnixNano());
    }
  }

  // ---- many, and other ways

  @Test
  void eachOrderOfABatchHasAWholeTraceOfItsOwn() throws Exception {
    String market = exchange.market();
    Trader buyer = exchange.trader("buyer").deposit("USD", "10000");
    List<String> all = new ArrayList<>();
    List<Future<PlaceOrderResponse>> placed = new ArrayList<>();
    for (int n = 0; n < TOGETHER; n++) {
      String trace = nextTrace();
      all.add(trace);
      placed.add(
          buyer
              .ordersLater()
              .withInterceptors(traceparent(trace))
              .placeOrder(limit(buyer, market, Side.SIDE_BUY, "0.1")));
    }
    for (Future<PlaceOrderResponse> answer : placed) {
      answer.get();
    }

    int served = 0;
    for (String trace : all) {
      Eventually.passes(
          PATIENCE,
          () -> assertThat(tree(trace)).containsAll(TRADED.subList(0, TRADED.size() - 1)));
      List<String> tree = tree(trace);
      served += tree.size() - (TRADED.size() - 1);
      assertThat(TRADED).as("no span too many, and no orphan").containsAll(tree);
    }
    assertThat(served).as("calls of Hold that these orders share").isBetween(1, TOGETHER);
    for (String trace : all) {
      Seen hold =
          collector.of(trace).stream()
              .filter(span -> span.what().contains("client"))
              .findFirst()
              .orElseThrow();
      boolean first = tree(trace).size() == TRADED.size();
      assertThat(hold.span().getLinksCount())
          .as("to the call that it shares")
          .isEqualTo(first ? 0 : 1);
    }
  }

  @Test
  void clientThatSaysNotToSampleIsNotSampled() {
    String market = exchange.market();
    Trader buyer = exchange.trader("buyer").deposit("USD", "100");
    String unsampled = nextTrace();
    String sampled = nextTrace();

    Order quiet =
        buyer
            .orders()
            .withInterceptors(
                TestExchange.header("traceparent", "00-" + unsampled + "-" + CLIENTS_SPAN + "-00"))
            .placeOrder(limit(buyer, market, Side.SIDE_BUY, "0.1"))
            .getOrder();
    place(buyer, sampled, limit(buyer, market, Side.SIDE_BUY, "0.1"));

    Eventually.passes(PATIENCE, () -> assertThat(tree(sampled)).isEqualTo(TRADED));
    assertThat(collector.of(unsampled)).isEmpty();
    assertThat(
            log.read(Topic.ORDER_UPDATED).stream()
                .filter(record ->
                    new String(record.key(), StandardCharsets.UTF_8).equals(quiet.getOrderId()))
                .map(record -> Log.header(record, "traceparent")))
        .as("the id is carried on all the same")
        .isNotEmpty()
        .allMatch(header -> header.startsWith("00-" + unsampled) && header.endsWith("-00"));
  }

  @Test
  void callByJsonIsTracedAsOneByGrpc() throws Exception {
    Trader buyer = exchange.trader("buyer");
    String trace = nextTrace();
    var request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + exchange.ports().asset() + "/v1/balances"))
            .header("authorization", "Bearer " + buyer.token())
            .header("traceparent", "00-" + trace + "-" + CLIENTS_SPAN + "-01")
            .build();

    int status =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).statusCode();

    assertThat(status).isEqualTo(200);
    Eventually.passes(
        PATIENCE,
        () ->
            assertThat(tree(trace))
                .containsExactly(
                    "asset-svc server sagax.asset.v1.AssetService/GetBalances",
                    "  asset-svc client sagax.ledger.v1.LedgerService/GetBalances",
                    "    settle-svc server sagax.ledger.v1.LedgerService/GetBalances"));
    assertThat(
            facts(collector.of(trace), "asset-svc server sagax.asset.v1.AssetService/GetBalances"))
        .containsEntry("rpc.system", "http");
  }

  @Test
  void depositIsOneTraceToo() {
    Trader customer = exchange.trader("customer");

    customer.deposit("USD", "3");

    Eventually.passes(
        PATIENCE,
        () ->
            assertThat(collector.all().stream().map(Seen::traceId).distinct().map(this::tree))
                .contains(
                    List.of(
                        "asset-svc server sagax.asset.v1.AssetService/Deposit",
                        "  asset-svc producer send transfer.requested",
                        "    asset-svc consumer process transfer.requested",
                        "    settle-svc consumer process transfer.requested",
                        "      asset-svc consumer process transfer.completed")));
  }

  // ---- trouble

  @Test
  void replayedDeadLetterIsInTheTraceOfTheFirstAttempt() {
    DeadLetterDesk desk = new DeadLetterDesk(exchange, exchange.order(), "op-alice");
    String trace = nextTrace();
    var record =
        new ProducerRecord<byte[], byte[]>(
            Topic.ORDER_REQUESTED.topicName, 1, null, new byte[] {(byte) 0xff, 1});
    String header = "00-" + trace + "-" + CLIENTS_SPAN + "-01";
    record.headers().add("traceparent", header.getBytes(StandardCharsets.US_ASCII));
    DeadLetter letter = desk.of(1, log.append(record));

    desk.replay(letter);

    Eventually.passes(
        PATIENCE,
        () ->
            assertThat(tree(trace))
                .filteredOn(line -> !line.startsWith(" "))
                .containsExactly(
                    "order-svc consumer process order.requested",
                    "order-svc consumer process order.requested"));
    assertThat(log.read(Topic.ORDER_DLQ))
        .filteredOn(put -> Log.header(put, "original.traceparent").equals(header))
        .hasSize(2)
        .allMatch(put -> Log.header(put, "traceparent").startsWith("00-" + trace));
  }

  /** A batch that is tried again asks the ledger again; all else is in the trace once. */
  @Test
  void traceIsWholeThoughEachServiceFailsHalfway() {
    String market = exchange.market();
    Trader seller = exchange.trader("seller").deposit("BTC", "1");
    Trader buyer = exchange.trader("buyer").deposit("USD", "1000");
    seller.sell(market, "0.5", "100");
    List<FaultPoint> points =
        List.of(
            FaultPoint.ORDER_STEP_BEFORE_COMMIT,
            FaultPoint.MATCH_STEP_AFTER_COMMIT,
            FaultPoint.SETTLE_STEP_AFTER_PUBLISH);
    points.forEach(this::throwOnceAt);
    String trace = nextTrace();

    Order order = place(buyer, trace, limit(buyer, market, Side.SIDE_BUY, "0.5"));

    assertThat(order.getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_FILLED);
    assertThat(points).noneMatch(point -> exchange.local().faults(point).isArmed(point));
    List<String> expected = new ArrayList<>(TRADED);
    expected.addAll(TRADED.subList(TRADED.size() - 2, TRADED.size()));
    Eventually.passes(PATIENCE, () -> assertThat(tree(trace)).isEqualTo(expected));
    assertThat(collector.of(trace)).extracting(Seen::id).doesNotHaveDuplicates();
  }

  private void throwOnceAt(FaultPoint point) {
    exchange.local().faults(point).arm(new PlannedFault(point, new FaultAction.Throw(), 1));
  }

  @Test
  void collectorThatIsAwaySlowsAndFailsNoOrder() {
    String market = exchange.market();
    Trader buyer = exchange.trader("buyer").deposit("USD", "10000");
    collector.leave();
    try {
      for (int n = 0; n < TOGETHER; n++) {
        assertThat(buyer.buy(market, "0.1", "100").getStatus())
            .isEqualTo(OrderStatus.ORDER_STATUS_OPEN);
      }
    } finally {
      collector.listen();
    }

    String trace = nextTrace();
    place(buyer, trace, limit(buyer, market, Side.SIDE_BUY, "0.1"));

    Eventually.passes(PATIENCE, () -> assertThat(tree(trace)).isEqualTo(TRADED));
  }

  // ---- traces

  private String nextTrace() {
    return "4bf92f3577b34da6a3ce%012x".formatted(++traces);
  }

  private static io.grpc.ClientInterceptor traceparent(String trace) {
    return TestExchange.header("traceparent", "00-" + trace + "-" + CLIENTS_SPAN + "-01");
  }

  private static PlaceOrderRequest limit(Trader trader, String market, Side side, String quantity) {
    return trader
        .order(market)
        .setLimit(Trader.limit(side, quantity, "100", TimeInForce.TIME_IN_FORCE_GTC))
        .build();
  }

  private static Order place(Trader trader, String trace, PlaceOrderRequest request) {
    return trader.orders().withInterceptors(traceparent(trace)).placeOrder(request).getOrder();
  }

  private static Map<String, String> facts(List<Seen> spans, String what) {
    return spans.stream()
        .filter(span -> span.what().equals(what))
        .map(Seen::facts)
        .reduce((one, other) -> Map.of("more than one", what))
        .orElse(Map.of());
  }

  /** A line a span, below its cause. What names a cause that nobody has sent is an orphan. */
  private List<String> tree(String trace) {
    List<Seen> spans = collector.of(trace);
    List<String> ids = spans.stream().map(Seen::id).toList();
    List<String> lines = new ArrayList<>();
    for (Seen span : sorted(spans)) {
      if (span.parent().isEmpty() || span.parent().equals(CLIENTS_SPAN)) {
        add(span, "", spans, lines);
      } else if (!ids.contains(span.parent())) {
        lines.add("ORPHAN " + span.what());
      }
    }
    return lines;
  }

  private static void add(Seen span, String indent, List<Seen> spans, List<String> lines) {
    lines.add(indent + span.what());
    for (Seen other : sorted(spans)) {
      if (other.parent().equals(span.id())) {
        add(other, indent + "  ", spans, lines);
      }
    }
  }

  private static List<Seen> sorted(List<Seen> spans) {
    return spans.stream().sorted(Comparator.comparing(Seen::what)).toList();
  }
}
