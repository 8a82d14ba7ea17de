package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.local.LocalExchange;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.stream.Cursor;
import dev.sagax.proto.event.v1.OrderUpdated;
import dev.sagax.proto.order.v1.CancelOrderRequest;
import dev.sagax.proto.order.v1.ClientOrderRef;
import dev.sagax.proto.order.v1.Liquidity;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderFill;
import dev.sagax.proto.order.v1.OrderServiceGrpc;
import dev.sagax.proto.order.v1.OrderUpdate;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import dev.sagax.proto.order.v1.Wait;
import dev.sagax.proto.order.v1.WatchOrdersRequest;
import dev.sagax.proto.order.v1.WatchOrdersResponse;
import dev.sagax.proto.order.v1.WatchOrdersResponse.MessageCase;
import io.grpc.Context;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WatchOrders: what is told, where it starts, and that nothing is lost or doubled on the way. */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OrderStreamTest {
  private TestExchange exchange;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
  }

  @Test
  void reportsTellEachChangeWithItsFillAndRole() {
    String market = exchange.market();
    Trader seller = exchange.trader("seller").deposit("BTC", "1");
    Trader buyer = exchange.trader("buyer").deposit("USD", "1000");
    try (Stream sold = new Stream(seller, fromNow());
        Stream bought = new Stream(buyer, fromNow())) {
      assertThat(sold.next().getMessageCase()).isEqualTo(MessageCase.HEARTBEAT);
      assertThat(bought.next().getMessageCase()).isEqualTo(MessageCase.HEARTBEAT);

      Order resting = seller.sell(market, "0.3", "100");
      Order taking = buyer.buy(market, "0.1", "101");
      seller.cancel(resting);

      assertThat(sold.reports(4))
          .containsExactly(
              "OPEN v1",
              "OPEN v2",
              "PARTIALLY_FILLED v3 MAKER 0.1 for 10 at 100, fee 0.01",
              "CANCELLED v4");
      assertThat(bought.reports(2))
          .containsExactly("OPEN v1", "FILLED v2 TAKER 0.1 for 10 at 100, fee 0.0002");
      assertThat(taking.getVersion()).isEqualTo(2);
    }
  }

  @Test
  void whatIsRefusedIsToldAndWhatIsRepeatedIsNot() {
    String market = exchange.market();
    Trader poor = exchange.trader("poor").deposit("USD", "100");
    try (Stream reports = new Stream(poor, fromNow())) {
      reports.next();

      var request =
          poor.order(market)
              .setLimit(Trader.limit(Side.SIDE_BUY, "0.5", "100", TimeInForce.TIME_IN_FORCE_GTC));
      Order order = poor.place(request);
      poor.place(request);
      poor.buy(market, "5", "100");
      poor.cancel(order);
      poor.cancel(order);
      assertThat(Refused.by(() -> poor.cancel(market, "never-seen")).reason())
          .isEqualTo("ORDER_NOT_FOUND");
      poor.buy(market, "0.1", "100");

      assertThat(reports.reports(6))
          .containsExactly(
              "OPEN v1", "OPEN v2", "REJECTED v1", "CANCELLED v3", "OPEN v1", "OPEN v2");
    }
  }

  @Test
  void snapshotShowsOpenOrdersAndTheStreamGoesOnFromThere() {
    String market = exchange.market();
    String other = exchange.market();
    Trader trader = exchange.trader("snap").deposit("USD", "1000");
    Order closed = trader.buy(market, "0.1", "100");
    trader.cancel(closed);
    Order first = trader.buy(market, "0.1", "100");
    Order elsewhere = trader.buy(other, "0.1", "100");

    try (Stream all = new Stream(trader, WatchOrdersRequest.getDefaultInstance());
        Stream one =
            new Stream(trader, WatchOrdersRequest.newBuilder().setMarket(market).build())) {
      WatchOrdersResponse shown = all.next();
      assertThat(List.of(shown.getSnapshot(), all.next().getSnapshot()))
          .containsExactly(first, elsewhere);
      try (Stream again =
          new Stream(
              trader, WatchOrdersRequest.newBuilder().setCursor(shown.getCursor()).build())) {
        assertThat(shown.getCursor()).isNotEmpty();
        assertThat(again.next().getSnapshot()).as("it begins anew").isEqualTo(first);
        assertThat(again.next().getSnapshot()).isEqualTo(elsewhere);
        assertThat(again.next().getSnapshotComplete().getOrders()).isEqualTo(2);
      }
      WatchOrdersResponse complete = all.next();
      assertThat(complete.getSnapshotComplete().getOrders()).isEqualTo(2);
      assertThat(complete.getCursor()).isNotEmpty();
      assertThat(one.next().getSnapshot()).isEqualTo(first);
      assertThat(one.next().getSnapshotComplete().getOrders()).isEqualTo(1);

      trader.cancel(elsewhere);
      trader.cancel(first);

      assertThat(all.reports(2)).containsExactly("CANCELLED v3", "CANCELLED v3");
      assertThat(one.reports(1)).containsExactly("CANCELLED v3");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rubbish", "AQ", "%", "AQAAAAAAAAAAAAAAAA"})
  void rubbishIsNoCursor(String cursor) {
    Trader trader = exchange.trader("rubbish");

    assertInvalid(trader, WatchOrdersRequest.newBuilder().setCursor(cursor).build());
  }

  @Test
  void cursorIsBoundToItsCallerAndItsMarketAndThisExchange() {
    String market = exchange.market();
    Trader alice = exchange.trader("alice");
    Trader bob = exchange.trader("bob");
    String cursor;
    try (Stream stream = new Stream(alice, fromNow())) {
      cursor = stream.next().getCursor();
    }

    assertInvalid(bob, WatchOrdersRequest.newBuilder().setCursor(cursor).build());
    assertInvalid(
        alice, WatchOrdersRequest.newBuilder().setCursor(cursor).setMarket(market).build());
    String beyond =
        new Cursor(Map.of(0, Long.MAX_VALUE, 1, 0L, 2, 0L, 3, 0L))
            .text(List.of("WatchOrders", alice.account(), ""));
    assertInvalid(alice, WatchOrdersRequest.newBuilder().setCursor(beyond).build());
    try (Stream stream =
        new Stream(alice, WatchOrdersRequest.newBuilder().setMarket("NO-SUCH").build())) {
      assertThat(Refused.by(stream::next).reason()).isEqualTo("UNKNOWN_MARKET");
    }
  }

  private void assertInvalid(Trader trader, WatchOrdersRequest request) {
    try (Stream stream = new Stream(trader, request)) {
      Refused refused = Refused.by(stream::next);
      assertThat(refused.code()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(refused.reason()).isEqualTo("INVALID_CURSOR");
      assertThat(refused.field()).isEqualTo("cursor");
    }
  }

  /**
   * Clients are cut off after every few messages and come back to any replica, one replica is
   * stopped twice, and the whole exchange once. What they have seen is compared with the log,
   * record by record, and with the orders. {@code -Dsagax.updates=N} asks for more.
   */
  @Test
  void clientThatIsCutOffAgainAndAgainSeesEachUpdateOnce() throws Exception {
    int wanted = Integer.getInteger("sagax.updates", 400);
    Random random = new Random(Seed.of(OrderStreamTest.class));
    List<String> markets = List.of(exchange.market(), exchange.market());
    Trader alice = exchange.trader("alice").deposit("USD", "1000000").deposit("BTC", "10000");
    Trader bob = exchange.trader("bob").deposit("USD", "1000000").deposit("BTC", "10000");
    AtomicInteger replica = new AtomicInteger(exchange.ports().order());
    Random choice = new Random(random.nextLong());
    java.util.function.IntSupplier anyReplica =
        () -> choice.nextBoolean() ? exchange.ports().order() : replica.get();
    OrderWatcher early = new OrderWatcher(alice, "", anyReplica, new Random(random.nextLong()), 60);
    OrderWatcher late =
        new OrderWatcher(alice, markets.get(0), anyReplica, new Random(random.nextLong()), 40);
    try (early;
        late) {
      early.start();
      for (int part = 1; part <= 4; part++) {
        try (OrderReplica other = new OrderReplica(exchange)) {
          replica.set(other.port());
          if (part == 2) {
            trade(alice, bob, markets, random, 50);
            late.start();
          }
          int goal = wanted * part / 4;
          while (early.updates().size() < goal) {
            trade(alice, bob, markets, random, 50);
          }
          replica.set(exchange.ports().order());
        }
        if (part == 3) {
          exchange.restart();
          replica.set(exchange.ports().order());
        }
      }
      Eventually.passes(() -> assertSeen(alice, early, Map.of(), ""));
      Eventually.passes(() -> assertSeen(alice, late, versions(late.snapshot()), markets.get(0)));
      assertThat(early.connections()).isGreaterThan(wanted / 100);
      assertThat(early.updates()).hasSizeGreaterThanOrEqualTo(wanted);
    }
    assertThat(toLines(early.updates())).isEqualTo(linesOfTheLog(alice));
    exchange.assertConserved();
  }

  /**
   * Small orders of both, some of which meet, some rest and some are cancelled; none is awaited.
   */
  private static void trade(
      Trader alice, Trader bob, List<String> markets, Random random, int orders) {
    for (int i = 0; i < orders; i++) {
      Trader trader = random.nextInt(3) > 0 ? alice : bob;
      String market = markets.get(random.nextInt(markets.size()));
      Side side = random.nextBoolean() ? Side.SIDE_BUY : Side.SIDE_SELL;
      String quantity = "0." + (1 + random.nextInt(9));
      String price = Integer.toString(98 + random.nextInt(5));
      Wait wait = i == orders - 1 ? Wait.WAIT_SETTLED : Wait.WAIT_ACK;
      Order placed =
          trader.place(
              trader
                  .order(market)
                  .setWait(wait)
                  .setLimit(Trader.limit(side, quantity, price, TimeInForce.TIME_IN_FORCE_GTC)));
      if (random.nextInt(4) == 0) {
        trader
            .orders()
            .cancelOrder(
                CancelOrderRequest.newBuilder()
                    .setClientOrder(
                        ClientOrderRef.newBuilder()
                            .setMarket(market)
                            .setClientOrderId(placed.getClientOrderId()))
                    .setWait(Wait.WAIT_ACK)
                    .build());
      }
    }
  }

  /**
   * Each order was told version by version, from the one after its snapshot, or from the first, to
   * how it stands; and its fills add up.
   */
  private static void assertSeen(
      Trader owner, OrderWatcher watcher, Map<String, Long> snapshot, String market) {
    Map<String, Long> told = new HashMap<>(snapshot);
    Map<String, BigDecimal> filled = new HashMap<>();
    for (OrderUpdate update : watcher.updates()) {
      Order order = update.getOrder();
      long before = told.getOrDefault(order.getOrderId(), 0L);
      assertThat(order.getVersion()).as(order.getOrderId()).isEqualTo(before + 1);
      told.put(order.getOrderId(), order.getVersion());
      if (!snapshot.containsKey(order.getOrderId())) {
        filled.merge(
            order.getOrderId(),
            new BigDecimal(update.hasFill() ? update.getFill().getQuantity() : "0"),
            BigDecimal::add);
        assertThat(filled.get(order.getOrderId())).isEqualByComparingTo(order.getFilledQuantity());
      }
    }
    Map<String, Long> standing = versions(owner.list(market, false, 500));
    if (!market.isEmpty()) {
      standing.keySet().retainAll(told.keySet()); // what was closed before it began
    }
    assertThat(told).isEqualTo(standing);
  }

  private static Map<String, Long> versions(List<Order> orders) {
    Map<String, Long> versions = new HashMap<>();
    orders.forEach(order -> versions.put(order.getOrderId(), order.getVersion()));
    return versions;
  }

  /** By partition, in order. */
  private static Map<Integer, List<String>> toLines(List<OrderUpdate> updates) {
    Map<Integer, List<String>> lines = new TreeMap<>();
    updates.forEach(update ->
        lines
            .computeIfAbsent(
                TestMarkets.partition(update.getOrder().getMarket()), p -> new ArrayList<>())
            .add(update.getOrder().getOrderId() + " " + update.getOrder().getVersion()));
    return lines;
  }

  /** What a reader accepts of `order.updated` and tells this trader. */
  private Map<Integer, List<String>> linesOfTheLog(Trader owner)
      throws InvalidProtocolBufferException {
    Map<Integer, List<String>> lines = new TreeMap<>();
    Map<Integer, Long> last = new HashMap<>();
    try (Log log = new Log(exchange.infrastructure().kafkaBootstrap(), LocalExchange.PARTITIONS)) {
      for (ConsumerRecord<byte[], byte[]> record : log.read(Topic.ORDER_UPDATED)) {
        long seq = Long.parseLong(Log.header(record, "seq"));
        if (seq != last.getOrDefault(record.partition(), 0L) + 1) {
          continue;
        }
        last.put(record.partition(), seq);
        OrderUpdated update = OrderUpdated.parseFrom(record.value());
        if (update.getOrder().getAccount().equals(owner.account()) && !update.getUnchanged()) {
          lines
              .computeIfAbsent(record.partition(), p -> new ArrayList<>())
              .add(update.getOrderId() + " " + update.getOrder().getVersion());
        }
      }
    }
    return lines;
  }

  private static WatchOrdersRequest fromNow() {
    return WatchOrdersRequest.newBuilder().setFromNow(true).build();
  }

  /** A stream that is read message by message. */
  private final class Stream implements AutoCloseable {
    private final Context.CancellableContext context = Context.current().withCancellation();
    private final Iterator<WatchOrdersResponse> messages;

    Stream(Trader trader, WatchOrdersRequest request) {
      Context before = context.attach();
      try {
        messages =
            OrderServiceGrpc.newBlockingStub(exchange.order())
                .withInterceptors(TestExchange.bearer(trader.token()))
                .withDeadlineAfter(30, java.util.concurrent.TimeUnit.SECONDS)
                .watchOrders(request);
      } finally {
        context.detach(before);
      }
    }

    WatchOrdersResponse next() throws StatusRuntimeException {
      return messages.next();
    }

    /** So many updates in words. */
    List<String> reports(int count) {
      return IntStream.range(0, count).mapToObj(i -> report()).toList();
    }

    private String report() {
      WatchOrdersResponse message = next();
      while (message.getMessageCase() == MessageCase.HEARTBEAT) {
        message = next();
      }
      assertThat(message.getMessageCase()).isEqualTo(MessageCase.UPDATE);
      assertThat(message.getCursor()).isNotEmpty();
      OrderUpdate update = message.getUpdate();
      String status = update.getOrder().getStatus().name().replace("ORDER_STATUS_", "");
      return status
          + " v"
          + update.getOrder().getVersion()
          + (update.hasFill() ? words(update.getFill()) : "");
    }

    private static String words(OrderFill fill) {
      return " %s %s for %s at %s, fee %s"
          .formatted(
              fill.getLiquidity() == Liquidity.LIQUIDITY_MAKER ? "MAKER" : "TAKER",
              fill.getQuantity(),
              fill.getQuote(),
              fill.getAveragePrice(),
              fill.getFee());
    }

    @Override
    public void close() {
      context.cancel(null);
    }
  }
}
