package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.local.LocalExchange;
import dev.sagax.local.ServiceProcess;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.asset.v1.TransferStatus;
import dev.sagax.proto.event.v1.MatchRequested;
import dev.sagax.proto.order.v1.CancelAllOrdersRequest;
import dev.sagax.proto.order.v1.CancelAllOrdersResponse;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import dev.sagax.proto.order.v1.Wait;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two processes of each service: any of them takes any call, each may die or stand still at any
 * time, and the other goes on where it was.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReplicasTest {
  private static final List<List<String>> TURNS =
      List.of(List.of("settle-svc", "asset-svc"), List.of("match-svc", "order-svc"));

  /**
   * The steps of an order against its flow, with their schemas: each can wait while those before it
   * work.
   */
  private static final Map<String, String> STEPS = new LinkedHashMap<>();

  static {
    STEPS.put("settle-svc", "ledger");
    STEPS.put("match-svc", "matching");
    STEPS.put("order-svc", "orders");
  }

  @TempDir private static Path folder;
  private TestProcesses exchange;
  private int nextMarket;

  @BeforeAll
  void start() {
    exchange = new TestProcesses(folder);
  }

  @AfterAll
  void stop() {
    exchange.close();
  }

  /** A market of a partition that no other test uses. */
  private String market(int partition) {
    int number = nextMarket++ * 4 + partition;
    return TestMarkets.coarse(number);
  }

  @Test
  void everyReplicaServesEveryMarket() {
    for (int partition = 0; partition < 4; partition++) {
      String market = market(partition);
      Trader seller = exchange.replica(0).trader("seller").deposit("BTC", "1");
      Trader buyer = exchange.replica(1).trader("buyer").deposit("USD", "100");

      Order rests = seller.sell(market, "0.5", "100");
      Order takes = buyer.buy(market, "0.4", "100");

      assertThat(Tape.of(rests)).isEqualTo("OPEN 0 for 0, fee 0 USD, left 0.5");
      assertThat(Tape.of(takes)).isEqualTo("FILLED 0.4 for 40, fee 0.0008 BTC, left 0");
      Eventually.passes(() ->
          assertThat(Tape.of(seller.get(rests)))
              .isEqualTo("PARTIALLY_FILLED 0.4 for 40, fee 0.04 USD, left 0.1"));
      assertThat(Tape.book(seller, market)).isEqualTo("|100x0.1(1)");
      assertThat(Tape.book(buyer, market)).isEqualTo("|100x0.1(1)");
      seller.has("USD", "39.96", "0");
      buyer.has("BTC", "0.3992", "0");
    }
    exchange.replica(0).assertConserved();
    exchange.replica(1).assertConserved();
  }

  /** An instance of each service in turn, two at a time, while those before come back. */
  @Test
  void killedInstanceIsTakenOverAndComesBack() {
    String market = market(1);
    Trader late = exchange.trader("late");
    try (Trickle trickle = new Trickle(exchange, market)) {
      trickle.flows(20);

      for (List<String> services : TURNS) {
        List<ServiceProcess> owners =
            services.stream().map(service -> exchange.owner(service, 1)).toList();
        owners.forEach(ServiceProcess::kill);

        owners.forEach(owner ->
            assertThat(exchange.owner(owner.service(), 1)).isEqualTo(exchange.other(owner)));
        trickle.flows(20);
        String requestId = "after-" + services.getFirst();
        Eventually.passes(() ->
            assertThat(late.deposit("USD", "5", requestId).getStatus())
                .isEqualTo(TransferStatus.TRANSFER_STATUS_COMPLETED));
        owners.forEach(owner -> owner.begin(Map.of()));
      }

      exchange.processes().awaitReady();
      trickle.flows(20);
      trickle.stop();
      Eventually.passes(trickle::assertEveryOrderCounts);
    }
    late.has("USD", "10", "0");
    exchange.assertConserved();
  }

  /**
   * The replica that took the call decides it, too, and is killed with the decision in hand. Who
   * asks the other one again gets what the first call would have said.
   */
  @Test
  void cancelOfAllWhoseAnswerIsLostIsDoneOnceAndAnsweredToWhoAsksAgain() {
    int partition = 2;
    String market = market(partition);
    Trader trader = exchange.trader("canceller").deposit("USD", "1000");
    List<String> orderIds = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      orderIds.add(trader.buy(market, "0.1", "" + (100 + i)).getOrderId());
    }
    CancelAllOrdersRequest request =
        CancelAllOrdersRequest.newBuilder().setMarket(market).setWait(Wait.WAIT_SETTLED).build();
    ServiceProcess owner = exchange.owner("order-svc", partition);
    ListenableFuture<CancelAllOrdersResponse> lost;
    try (Stores stores = new Stores(exchange.processes().infrastructure())) {
      Stores.Halt deciding = stores.halt("orders", "order-svc", partition);
      lost =
          new Trader(exchange.replica(owner.replica()), trader.account())
              .ordersLater()
              .cancelAllOrders(request);
      Eventually.passes(() -> assertThat(stores.waiting()).isEqualTo(1));
      owner.kill();
      deciding.kill();
    }
    assertThatThrownBy(lost::get).hasMessageContaining("UNAVAILABLE");

    Trader again = new Trader(exchange.replica(1 - owner.replica()), trader.account());
    List<CancelAllOrdersResponse> answers = new ArrayList<>();
    Eventually.passes(() -> {
      CancelAllOrdersResponse answer = again.orders().cancelAllOrders(request);
      assertThat(answer.getDecided()).isTrue();
      answers.add(answer);
    });

    assertThat(again.list(market, false, 50))
        .hasSize(5)
        .allMatch(order -> order.getStatus() == OrderStatus.ORDER_STATUS_CANCELLED);
    assertThat(orderIds).containsAll(answers.getFirst().getOrderIdsList());
    again.has("USD", "1000", "0");
    try (Log log =
        new Log(exchange.processes().infrastructure().kafkaBootstrap(), LocalExchange.PARTITIONS)) {
      assertThat(cancelsSentToTheBook(log, trader.account()))
          .containsExactlyInAnyOrderElementsOf(orderIds);
    }
    owner.begin(Map.of());
    exchange.processes().awaitReady();
    exchange.assertConserved();
  }

  /** Of each numbered record; what was published again is the same record. */
  private static Collection<String> cancelsSentToTheBook(Log log, String account) {
    Map<String, String> cancels = new HashMap<>();
    log.read(Topic.MATCH_REQUESTED)
        .forEach(record -> {
          MatchRequested request = matchRequested(record.value());
          if (request.hasCancel() && request.getAccount().equals(account)) {
            cancels.put(record.partition() + " " + Log.header(record, "seq"), request.getOrderId());
          }
        });
    return cancels.values();
  }

  private static MatchRequested matchRequested(byte[] value) {
    try {
      return MatchRequested.parseFrom(value);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Each step stands still with a batch that is decided but not committed, settle-svc's already in
   * Redis; others take the partition over; then they go on, as if they still owned it.
   */
  @Test
  void zombiesWithWorkInHandChangeNothing() {
    exchange.awaitShared();
    int partition = 0;
    String market = market(partition);
    List<ServiceProcess> zombies =
        STEPS.keySet().stream().map(service -> exchange.owner(service, partition)).toList();
    Trader seller = exchange.trader("seller").deposit("BTC", "1");
    Trader buyer = exchange.trader("buyer").deposit("USD", "100");
    Order rests = seller.sell(market, "1", "100");
    List<Order> bought = new ArrayList<>();
    try (Stores stores = new Stores(exchange.processes().infrastructure())) {
      List<Stores.Halt> halts = new ArrayList<>();
      STEPS.forEach((service, schema) -> {
        halts.add(stores.halt(schema, service, partition));
        bought.add(
            buyer.place(
                buyer
                    .order(market)
                    .setWait(Wait.WAIT_ACK)
                    .setLimit(
                        Trader.limit(Side.SIDE_BUY, "0.1", "100", TimeInForce.TIME_IN_FORCE_GTC))));
        Eventually.passes(() -> assertThat(stores.waiting()).isEqualTo(halts.size()));
      });
      zombies.forEach(ServiceProcess::pause);
      halts.forEach(Stores.Halt::kill);
    }
    zombies.forEach(zombie ->
        Eventually.passes(() ->
            assertThat(TestProcesses.owns(exchange.other(zombie), partition))
                .as("%s owns the partition", exchange.other(zombie))
                .isTrue()));

    Clients living = exchange.replica(1 - zombies.getFirst().replica());
    Trader reader = new Trader(living, buyer.account());
    bought.forEach(order ->
        Eventually.passes(() ->
            assertThat(Tape.of(reader.get(order)))
                .isEqualTo("FILLED 0.1 for 10, fee 0.0002 BTC, left 0")));
    zombies.forEach(ServiceProcess::resume);

    zombies.forEach(zombie ->
        Eventually.passes(() ->
            assertThat(TestProcesses.thisLife(zombie))
                .as(zombie.name())
                .contains("division by zero")
                .contains("Partition is given up service=" + zombie.service() + " partition=0")));
    exchange.processes().awaitReady();
    buyer.buy(market, "0.1", "100");
    assertThat(Tape.of(seller.get(rests)))
        .isEqualTo("PARTIALLY_FILLED 0.4 for 40, fee 0.04 USD, left 0.6");
    seller.has("BTC", "0", "0.6");
    seller.has("USD", "39.96", "0");
    buyer.has("BTC", "0.3992", "0");
    buyer.has("USD", "60", "0");
    exchange.assertConserved();
  }
}
