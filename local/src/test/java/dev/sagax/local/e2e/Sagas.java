package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.saga.v1.GetSagaRequest;
import dev.sagax.proto.saga.v1.GetSagaResponse;
import dev.sagax.proto.saga.v1.SagaServiceGrpc;
import dev.sagax.proto.saga.v1.SagaStep;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Sagas as anybody may ask for them, held against the log itself. */
final class Sagas {
  private static final long DEADLINE_SECONDS = 20;

  private final TestExchange exchange;
  private final Log log;

  Sagas(TestExchange exchange, Log log) {
    this.exchange = exchange;
    this.log = log;
  }

  GetSagaResponse of(Trader owner, Order order) {
    return ask(owner.token(), order.getOrderId());
  }

  GetSagaResponse ofOperator(Order order) {
    return ask(exchange.token("operator", Scope.OPERATOR), order.getOrderId());
  }

  GetSagaResponse ask(String token, String orderId) {
    return SagaServiceGrpc.newBlockingStub(exchange.order())
        .withInterceptors(TestExchange.bearer(token))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .getSaga(GetSagaRequest.newBuilder().setOrderId(orderId).build());
  }

  /** Asks and does not wait for the answer. */
  ListenableFuture<GetSagaResponse> later(Trader owner, Order order) {
    return SagaServiceGrpc.newFutureStub(exchange.order())
        .withInterceptors(TestExchange.bearer(owner.token()))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .getSaga(GetSagaRequest.newBuilder().setOrderId(order.getOrderId()).build());
  }

  /** The saga once nothing of it is on its way, every offset of it checked. */
  GetSagaResponse atRest(Trader owner, Order order) {
    Eventually.passes(() -> assertThat(of(owner, order).getWaitsFor()).startsWith("nothing"));
    GetSagaResponse saga = of(owner, order);
    assertThat(saga.getMissingList()).isEmpty();
    assertThat(saga.getStepsList()).allMatch(SagaStep::hasOffset);
    assertEveryOffset(saga, owner.account());
    return saga;
  }

  /** Every offset that is named has a record of the order, under the number that is named. */
  void assertEveryOffsetIsOf(GetSagaResponse saga) {
    assertEveryOffset(saga, saga.getOrderId());
  }

  /**
   * @param account what the instruction about all orders names instead of the order
   */
  private void assertEveryOffset(GetSagaResponse saga, String account) {
    for (SagaStep step : saga.getStepsList()) {
      boolean ofAll = step.getWhat().startsWith("cancel of all orders");
      Topic topic = Topic.ofName(step.getTopic()).orElseThrow();
      ConsumerRecord<byte[], byte[]> record = log.at(topic, step.getPartition(), step.getOffset());
      assertThat(new String(record.value(), StandardCharsets.ISO_8859_1))
          .as(step.toString())
          .contains(ofAll ? account : saga.getOrderId());
      assertThat(Log.header(record, "seq"))
          .as(step.toString())
          .isEqualTo(topic.numbered() ? Long.toString(step.getSeq()) : "");
    }
  }

  /** The steps as "topic: what". */
  static List<String> tape(GetSagaResponse saga) {
    return saga.getStepsList().stream()
        .map(step -> step.getTopic() + ": " + step.getWhat().replaceAll("number \\d+", "number N"))
        .toList();
  }

  /** What takes back, but the notes about it, which depend on who was faster. */
  static List<String> compensation(GetSagaResponse saga) {
    return saga.getStepsList().stream()
        .filter(SagaStep::getCompensation)
        .filter(step -> !step.getTopic().equals("order.updated"))
        .map(step -> step.getTopic() + ": " + step.getWhat())
        .toList();
  }
}
