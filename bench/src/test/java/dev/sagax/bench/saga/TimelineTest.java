package dev.sagax.bench.saga;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.sagax.proto.order.v1.OrderReason;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.saga.v1.GetSagaResponse;
import dev.sagax.proto.saga.v1.MissingPart;
import dev.sagax.proto.saga.v1.SagaStep;
import org.junit.jupiter.api.Test;

/** How a saga looks; the saga is scripted. */
class TimelineTest {
  private static final Timestamp TIME = Timestamp.newBuilder().setSeconds(1_600_000_000).build();

  private static final GetSagaResponse SAGA =
      GetSagaResponse.newBuilder()
          .setOrderId("0".repeat(32))
          .setMarket("BTC-USD")
          .setClientOrderId("c1")
          .setStatus(OrderStatus.ORDER_STATUS_CANCELLED)
          .setReason(OrderReason.ORDER_REASON_SETTLEMENT_FAILED)
          .addSteps(
              SagaStep.newBuilder()
                  .setService("order-svc")
                  .setTopic("order.requested")
                  .setPartition(1)
                  .setTime(TIME)
                  .setWhat("limit buy 1 BTC at 100 USD recorded"))
          .addSteps(
              SagaStep.newBuilder()
                  .setService("settle-svc")
                  .setTopic("settle.dlq")
                  .setOffset(17)
                  .setSeq(18)
                  .setTime(TIME)
                  .setCompensation(true)
                  .setDeadLetterId("settle.dlq/0/18")
                  .setWhat("put aside"))
          .addMissing(MissingPart.newBuilder().setPart("match-svc").setWhy("It is away."))
          .setOutcomesLeftOut(3)
          .setWaitsFor("nothing: the order is final")
          .build();

  @Test
  void stepsStandInColumnsAndWhatIsMissingIsSaid() {
    assertThat(String.join("\n", Timeline.of(SAGA)))
        .isEqualTo(
            """
            Order 00000000000000000000000000000000 (c1) in BTC-USD is CANCELLED (SETTLEMENT_FAILED)
            TIME (UTC)               SERVICE     TOPIC/PARTITION/OFFSET            SEQ      WHAT
            2020-09-13 12:26:40.000  order-svc   order.requested/1/not in the log  -        limit buy 1 BTC at 100 USD recorded
            2020-09-13 12:26:40.000  settle-svc  settle.dlq/0/17                   18   <-  put aside (dead letter settle.dlq/0/18)
            3 older outcomes are left out.
            MISSING match-svc: It is away.
            Waits for: nothing: the order is final\
            """);
  }

  @Test
  void whatIsNotCountedToTheEndIsSaidToBeSoManyOrMore() {
    assertThat(Timeline.of(SAGA.toBuilder().setOutcomesLeftOut(1_000).build()))
        .contains("1000 or more older outcomes are left out.");
  }

  @Test
  void jsonHasTheNamesOfTheContract() {
    assertThat(SagaJson.of(SAGA))
        .contains("\"trace_id\":\"\"")
        .contains("\"waits_for\":\"nothing: the order is final\"")
        .contains("\"offset\":17,\"seq\":18,\"time\":\"2020-09-13T12:26:40Z\"")
        .containsOnlyOnce("\"offset\"")
        .contains("\"missing\":[{\"part\":\"match-svc\",\"why\":\"It is away.\"}]");
  }
}
