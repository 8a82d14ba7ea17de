package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import dev.sagax.local.LocalExchange;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.order.v1.CancelAllOrdersRequest;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import dev.sagax.proto.order.v1.Wait;
import dev.sagax.proto.saga.v1.GetSagaPartRequest;
import dev.sagax.proto.saga.v1.GetSagaResponse;
import dev.sagax.proto.saga.v1.SagaPartServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What the saga of an order says. Sagas that fail are told of by CompensationTest, where they are
 * made to.
 */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SagaTest {
  private TestExchange exchange;
  private Stores stores;
  private Log log;
  private Sagas sagas;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
    stores = new Stores(exchange.infrastructure());
    log = new Log(exchange.infrastructure().kafkaBootstrap(), LocalExchange.PARTITIONS);
    sagas = new Sagas(exchange, log);
  }

  @AfterAll
  void close() {
    log.close();
    stores.close();
  }

  @Test
  void orderThatRestsIsFilledInPartAndCancelledTellsAllOfIt() {
    String market = exchange.market();
    Trader seller = exchange.trader("seller").deposit("BTC", "1");
    Trader buyer = exchange.trader("buyer").deposit("USD", "100");

    Order ask = seller.sell(market, "1", "100");
    GetSagaResponse resting = sagas.atRest(seller, ask);
    Order bid = buyer.buy(market, "0.3", "100");
    GetSagaResponse partlyFilled = sagas.atRest(seller, ask);
    seller.cancel(ask);
    GetSagaResponse cancelled = sagas.atRest(seller, ask);

    assertThat(resting.getWaitsFor()).isEqualTo("nothing: it rests in the book");
    List<String> rested =
        List.of(
            "order.requested: limit sell 1 BTC at 100 USD recorded",
            "order.requested: held 1 BTC",
            "match.requested: to be matched as number N",
            "order.updated: decided: OPEN, version 1",
            "settle.requested: rests in the book",
            "settle.completed: settled: no money moved",
            "order.updated: OPEN, version 2");
    assertThat(Sagas.tape(resting)).isEqualTo(rested);
    assertThat(Sagas.tape(partlyFilled))
        .startsWith(rested.toArray(String[]::new))
        .endsWith(
            "settle.requested: met by a taker: 1 fill, 0.3 BTC for 30 USD",
            "settle.completed: settled: paid 0.3 BTC, received 29.97 USD, fee 0.03 USD",
            "order.updated: PARTIALLY_FILLED, version 3")
        .hasSize(10);
    assertThat(partlyFilled.getWaitsFor()).isEqualTo("nothing: it rests in the book");
    assertThat(Sagas.tape(cancelled))
        .startsWith(Sagas.tape(partlyFilled).toArray(String[]::new))
        .endsWith(
            "order.requested: cancel recorded",
            "match.requested: cancel to be matched",
            "order.updated: decided: PARTIALLY_FILLED, version 3",
            "settle.requested: 0.7 BTC left: CANCELLED CANCELLED_BY_OWNER",
            "settle.completed: settled: released 0.7 BTC",
            "order.updated: CANCELLED CANCELLED_BY_OWNER, version 4")
        .hasSize(16);
    assertThat(cancelled.getWaitsFor()).isEqualTo("nothing: the order is final");
    assertThat(Sagas.tape(sagas.atRest(buyer, bid)))
        .containsExactly(
            "order.requested: limit buy 0.3 BTC at 100 USD recorded",
            "order.requested: held 30 USD",
            "match.requested: to be matched as number N",
            "order.updated: decided: OPEN, version 1",
            "settle.requested: matched 1 fill, 0.3 BTC for 30 USD",
            "settle.completed: settled: paid 30 USD, received 0.2994 BTC, fee 0.0006 BTC",
            "order.updated: FILLED, version 2");
    assertThat(Sagas.compensation(cancelled)).isEmpty();
  }

  @Test
  void cancelOfAllIsToldAtEveryOrderThatItCloses() {
    String market = exchange.market();
    Trader seller = exchange.trader("seller").deposit("BTC", "2");
    Order first = seller.sell(market, "0.5", "100");
    String other = exchange.market();
    Order second = seller.sell(other, "0.7", "101");
    List<String> before = Sagas.tape(sagas.atRest(seller, second));

    Stores.Halt deciding = stores.halt("orders", "order-svc", TestMarkets.partition(other));
    try {
      seller
          .orders()
          .cancelAllOrders(CancelAllOrdersRequest.newBuilder().setWait(Wait.WAIT_ACK).build());
      waitsFor(seller, second, "order.requested offset \\d+ to be decided by order-svc .*");
    } finally {
      deciding.letGo();
    }
    seller.cancelAll();

    GetSagaResponse cancelled = sagas.atRest(seller, second);
    assertThat(Sagas.tape(cancelled))
        .startsWith(before.toArray(String[]::new))
        .endsWith(
            "order.requested: cancel of all orders recorded",
            "match.requested: cancel to be matched",
            "order.updated: decided: is to be cancelled, as one of all orders",
            "settle.requested: 0.7 BTC left: CANCELLED CANCELLED_BY_OWNER",
            "settle.completed: settled: released 0.7 BTC",
            "order.updated: CANCELLED CANCELLED_BY_OWNER, version 3")
        .hasSize(before.size() + 6);
    assertThat(cancelled.getWaitsFor()).isEqualTo("nothing: the order is final");
    assertThat(Sagas.tape(sagas.atRest(seller, first)))
        .hasSize(before.size() + 6)
        .contains("order.requested: cancel of all orders recorded")
        .endsWith("order.updated: CANCELLED CANCELLED_BY_OWNER, version 3");
  }

  @Test
  void orderThatCannotBePaidIsFinalAfterItsHold() {
    Trader buyer = exchange.trader("buyer").deposit("USD", "10");

    Order order = buyer.buy(exchange.market(), "0.5", "100");

    GetSagaResponse saga = sagas.atRest(buyer, order);
    assertThat(Sagas.tape(saga))
        .containsExactly(
            "order.requested: limit buy 0.5 BTC at 100 USD recorded",
            "order.requested: refused: 50 USD are not available",
            "order.updated: decided: REJECTED INSUFFICIENT_FUNDS, version 1");
    assertThat(saga.getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_REJECTED);
    assertThat(saga.getWaitsFor()).isEqualTo("nothing: the order is final");
  }

  @Test
  void orderUnderWaySaysWhoHasToActNext() {
    String market = exchange.market();
    int partition = TestMarkets.partition(market);
    Trader buyer = exchange.trader("buyer").deposit("USD", "100");
    Stores.Halt settling = stores.haltSettling(partition);
    Order matched;
    try {
      matched = place(buyer, market, Wait.WAIT_DECISION);
      waitsFor(buyer, matched, "settle.requested seq \\d+ to be settled by settle-svc .*");
    } finally {
      settling.letGo();
    }
    sagas.atRest(buyer, matched);

    Stores.Halt deciding = stores.halt("orders", "order-svc", partition);
    Order recorded;
    try {
      recorded = place(buyer, market, Wait.WAIT_ACK);
      waitsFor(buyer, recorded, "order.requested offset \\d+ to be decided by order-svc .*");
      assertThat(sagas.of(buyer, recorded).getStatus())
          .isEqualTo(OrderStatus.ORDER_STATUS_ACCEPTED);
      sagas.assertEveryOffsetIsOf(sagas.of(buyer, recorded));
    } finally {
      deciding.letGo();
    }
    sagas.atRest(buyer, recorded);
  }

  private static Order place(Trader buyer, String market, Wait wait) {
    return buyer.place(
        buyer
            .order(market)
            .setWait(wait)
            .setLimit(Trader.limit(Side.SIDE_BUY, "0.1", "50", TimeInForce.TIME_IN_FORCE_GTC)));
  }

  private void waitsFor(Trader owner, Order order, String pattern) {
    Eventually.passes(() -> assertThat(sagas.of(owner, order).getWaitsFor()).matches(pattern));
  }

  @Test
  void lookupsOfOneCallerDoNotKeepOthersOut() {
    Trader alice = exchange.trader("alice").deposit("USD", "100");
    Trader bob = exchange.trader("bob").deposit("USD", "100");
    Order ofAlice = alice.buy(exchange.market(), "0.1", "50");
    Order ofBob = bob.buy(exchange.market(), "0.1", "50");

    List<ListenableFuture<GetSagaResponse>> asked =
        Stream.generate(() -> sagas.later(alice, ofAlice)).limit(100).toList();
    List<GetSagaResponse> othersAsked =
        Stream.generate(() -> sagas.of(bob, ofBob)).limit(3).toList();

    List<Refused> refused = new ArrayList<>();
    for (ListenableFuture<GetSagaResponse> answer : asked) {
      try {
        assertThat(answer.get().getOrderId()).isEqualTo(ofAlice.getOrderId());
      } catch (InterruptedException | ExecutionException e) {
        refused.add(Refused.of((StatusRuntimeException) e.getCause()));
      }
    }
    assertThat(othersAsked).hasSize(3);
    assertThat(refused)
        .isNotEmpty()
        .hasSizeLessThan(100)
        .allSatisfy(one -> {
          assertThat(one.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
          assertThat(one.reason()).isEqualTo("OVERLOADED");
          assertThat(one.retrySeconds()).isEqualTo(1);
        });
  }

  @Test
  void onlyTheOwnerAndOperatorsSeeASaga() {
    Trader alice = exchange.trader("alice").deposit("USD", "100");
    Trader mallory = exchange.trader("mallory");
    Order order = alice.buy(exchange.market(), "0.1", "50");
    Order unknown = Order.newBuilder().setOrderId("0123456789abcdef".repeat(2)).build();

    Refused others = Refused.by(() -> sagas.of(mallory, order));
    Refused nobodys = Refused.by(() -> sagas.of(alice, unknown));
    Refused malformed = Refused.by(() -> sagas.ask(alice.token(), "ABC"));
    Refused withoutScope =
        Refused.by(
            () -> sagas.ask(exchange.token(alice.account(), Scope.TRADE), order.getOrderId()));
    Refused part =
        Refused.by(() ->
            SagaPartServiceGrpc.newBlockingStub(exchange.settle())
                .withInterceptors(TestExchange.bearer(alice.token()))
                .getSagaPart(GetSagaPartRequest.getDefaultInstance()));
    Refused nameless = Refused.by(() -> sagas.ask("", order.getOrderId()));

    assertThat(others.reason()).isEqualTo("ORDER_NOT_FOUND");
    assertThat(others.code()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(nobodys).isEqualTo(others);
    assertThat(malformed.reason() + " " + malformed.field()).isEqualTo("INVALID_ID order_id");
    assertThat(withoutScope.reason()).isEqualTo("SCOPE_MISSING");
    assertThat(part.reason()).isEqualTo("SCOPE_MISSING");
    assertThat(nameless.code()).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(Sagas.tape(sagas.ofOperator(order)))
        .isEqualTo(Sagas.tape(sagas.atRest(alice, order)));
  }
}
