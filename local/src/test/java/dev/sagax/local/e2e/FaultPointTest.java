package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.local.LocalExchange;
import dev.sagax.platform.fault.FaultAction;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.platform.fault.PlannedFault;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.asset.v1.TransferStatus;
import dev.sagax.proto.dlq.v1.DeadLetter;
import dev.sagax.proto.dlq.v1.DeadLetterState;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderReason;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.vertx.redis.client.Command;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * At every fault point something is thrown once, while orders, cancels, transfers, refused
 * settlements and replays are under way. Every one of them ends as if nothing had been.
 */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultPointTest {
  private static final int MOST_ROUNDS = 20;
  private static final int DEPOSITS = 3;
  private static final int MOST_CALLS = 50;

  private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, String> expected = new ConcurrentHashMap<>();
  private TestExchange exchange;
  private Stores stores;
  private Log log;
  private String market;
  private int partition;
  private Trader seller;
  private Trader buyer;
  private Trader saver;
  private int saved = 1_000;

  @BeforeAll
  void use(TestExchange shared) {
    TestExchange.assumeInThisJvm(); // where faults can be planned
    exchange = shared;
    stores = new Stores(exchange.infrastructure());
    log = new Log(exchange.infrastructure().kafkaBootstrap(), LocalExchange.PARTITIONS);
    market = exchange.market();
    partition = TestMarkets.partition(market);
    seller = exchange.trader("seller").deposit("BTC", "1000");
    buyer = exchange.trader("buyer").deposit("USD", "100000");
    saver = exchange.trader("saver").deposit("USD", "1000");
  }

  @AfterAll
  void everyOrderAndEveryUnitIsWhereItBelongs() {
    if (stores == null) {
      return; // all of it was skipped
    }
    List<Order> orders = new ArrayList<>(seller.list(market, false, 500));
    orders.addAll(buyer.list(market, false, 500));
    stores.close();
    log.close();
    clients.close();

    Map<String, String> ended = new ConcurrentHashMap<>();
    orders.forEach(order -> ended.put(order.getOrderId(), ending(order)));
    assertThat(orders).hasSameSizeAs(ended.keySet());
    assertThat(ended).isEqualTo(expected).isNotEmpty();
    saver.has("USD", Integer.toString(saved), "0");
    exchange.assertConserved();
  }

  /** Points that one round of business may pass together. */
  record Together(String name, List<FaultPoint> points) {
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * The boundary of every step at once; elsewhere all that is before, within or after something.
   */
  static Stream<Together> points() {
    Map<String, List<FaultPoint>> groups = new LinkedHashMap<>();
    for (FaultPoint point : FaultPoint.values()) {
      String boundary = point.toString().substring(point.toString().indexOf('.') + 1);
      String name =
          switch (point.area()) {
            case "step" -> "step." + boundary;
            case "refusal", "undo", "cancel" -> "compensation." + boundary;
            case "failure" -> "failure." + boundary;
            case "book" -> "book";
            case "dlq", "ledger" -> point.area() + "." + boundary.split("-")[0];
            default -> boundary.split("-")[0];
          };
      groups.computeIfAbsent(name, n -> new ArrayList<>()).add(point);
    }
    return groups.entrySet().stream().map(e -> new Together(e.getKey(), e.getValue()));
  }

  @ParameterizedTest
  @MethodSource("points")
  void whatIsThrownThereLosesAndDoublesNothing(Together together) {
    List<FaultPoint> points = together.points();
    points.stream().flatMap(point -> point.provokedBy().stream()).forEach(this::armToThrow);
    points.forEach(this::armToThrow);

    for (int round = 0; round < MOST_ROUNDS && !armed(points).isEmpty(); round++) {
      drive(armed(points));
    }

    assertThat(armed(points)).as("points that were not passed with work").isEmpty();
    Eventually.passes(() -> {
      assertThat(seller.list(market, true, 500)).isEmpty();
      assertThat(buyer.list(market, true, 500)).isEmpty();
    });
    exchange.assertConserved();
  }

  private void armToThrow(FaultPoint point) {
    exchange.local().faults(point).arm(new PlannedFault(point, new FaultAction.Throw(), 1));
  }

  private List<FaultPoint> armed(List<FaultPoint> points) {
    return points.stream().filter(point -> exchange.local().faults(point).isArmed(point)).toList();
  }

  private void drive(List<FaultPoint> points) {
    switch (points.getFirst().area()) {
      case "refusal", "undo", "cancel" -> refusedSettlement();
      case "failure", "book" -> failedMatch(points.getFirst());
      case "dlq" -> points.forEach(this::replay);
      case "ledger" -> {
        reopenLedger();
        business();
      }
      default -> business();
    }
  }

  // ---- what is under way

  /** Orders that meet, one that is cancelled, deposits and withdrawals, all at once. */
  private void business() {
    List<Callable<?>> calls = new ArrayList<>();
    for (int n = 0; n < 2; n++) {
      calls.add(() -> expect("FILLED 0.1", place(seller, Side.SIDE_SELL, "100")));
      calls.add(() -> expect("FILLED 0.1", place(buyer, Side.SIDE_BUY, "100")));
    }
    calls.add(() -> placeAndCancel(buyer));
    for (int n = 0; n < DEPOSITS; n++) {
      String id = saver.nextId();
      calls.add(() -> completed(() -> saver.deposit("USD", "2", id)));
    }
    String id = saver.nextId();
    calls.add(() -> completed(() -> saver.confirm(saver.withdraw("USD", "1", id))));
    together(calls);
    saved += 2 * DEPOSITS - 1;
  }

  private Order placeAndCancel(Trader trader) {
    Order resting = place(trader, Side.SIDE_BUY, "50");
    return expect("CANCELLED CANCELLED_BY_OWNER 0", answered(() -> trader.cancel(resting)));
  }

  private void refusedSettlement() {
    Order resting = place(seller, Side.SIDE_SELL, "100");
    stores.removeHold(partition, resting.getOrderId(), seller.account(), "BTC");
    Order taker = place(buyer, Side.SIDE_BUY, "100");
    expect("CANCELLED SETTLEMENT_FAILED 0", resting);
    expect("CANCELLED SETTLEMENT_FAILED 0", taker);
  }

  /** A batch that did not commit is decided again, and then the book does not throw any more. */
  private void failedMatch(FaultPoint point) {
    if (point == FaultPoint.MATCH_FAILURE_BEFORE_COMMIT) {
      placeAndCancel(buyer);
    } else {
      expect("CANCELLED MATCH_FAILED 0", place(buyer, Side.SIDE_BUY, "50"));
    }
  }

  /** A record that nobody can read is put aside; its replay is cut, and then repeated. */
  private void replay(FaultPoint point) {
    boolean ofOrders = point.service().equals("order-svc");
    Topic topic = ofOrders ? Topic.ORDER_REQUESTED : Topic.TRANSFER_REQUESTED;
    var desk =
        new DeadLetterDesk(exchange, ofOrders ? exchange.order() : exchange.settle(), "operator");
    long offset = log.append(topic, partition, new byte[] {1, 2, 3});
    DeadLetter letter = desk.of(partition, offset);

    assertThat(answered(() -> desk.replay(letter)).getState())
        .isEqualTo(DeadLetterState.DEAD_LETTER_STATE_REPLAYED);
  }

  /** The ledger's connection is lost, and its Redis seems to be another process than before. */
  private void reopenLedger() {
    stores.redis(Command.SET, "{ledger}:run", "another");
    stores.redis(Command.CLIENT, "KILL", "TYPE", "normal");
  }

  // ---- clients who ask again until they have an answer

  private void together(List<Callable<?>> calls) {
    try {
      for (Future<?> call : calls.stream().map(clients::submit).toList()) {
        call.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  private Order place(Trader trader, Side side, String price) {
    PlaceOrderRequest.Builder request =
        trader
            .order(market)
            .setLimit(Trader.limit(side, "0.1", price, TimeInForce.TIME_IN_FORCE_GTC));
    return answered(() -> trader.place(request));
  }

  private static Transfer completed(Supplier<Transfer> call) {
    Transfer transfer = answered(call);
    assertThat(transfer.getStatus()).isEqualTo(TransferStatus.TRANSFER_STATUS_COMPLETED);
    return transfer;
  }

  private static <T> T answered(Supplier<T> call) {
    for (int n = 0; ; n++) {
      try {
        return call.get();
      } catch (StatusRuntimeException failed) {
        Status.Code code = failed.getStatus().getCode();
        if (n == MOST_CALLS || (code != Status.Code.INTERNAL && code != Status.Code.UNAVAILABLE)) {
          throw failed;
        }
      }
    }
  }

  private Order expect(String ending, Order order) {
    expected.put(order.getOrderId(), ending);
    return order;
  }

  private static String ending(Order order) {
    String reason =
        order.getReason() == OrderReason.ORDER_REASON_UNSPECIFIED
            ? ""
            : order.getReason().name().substring("ORDER_REASON_".length()) + " ";
    return order.getStatus().name().substring("ORDER_STATUS_".length())
        + " "
        + reason
        + order.getFilledQuantity();
  }
}
