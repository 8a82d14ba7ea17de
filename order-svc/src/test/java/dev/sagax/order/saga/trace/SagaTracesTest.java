package dev.sagax.order.saga.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.MarketRules;
import dev.sagax.order.Order;
import dev.sagax.order.OrderType;
import dev.sagax.order.SelfTrade;
import dev.sagax.order.Side;
import dev.sagax.order.TestMarkets;
import dev.sagax.order.TimeInForce;
import dev.sagax.platform.log.LogView;
import dev.sagax.platform.log.StepPositions;
import dev.sagax.proto.saga.v1.GetSagaPartResponse;
import dev.sagax.proto.saga.v1.GetSagaResponse;
import dev.sagax.proto.saga.v1.HoldDecision;
import dev.sagax.proto.saga.v1.MissingPart;
import dev.sagax.proto.saga.v1.OrderLeg;
import dev.sagax.proto.saga.v1.SagaStep;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is told when not everybody can be asked. */
class SagaTracesTest {
  private static final StepPositions NOWHERE = new StepPositions(Map.of());

  private final Order open =
      Order.open(
          new PlaceOrder(
              "0".repeat(32),
              "alice",
              "BTC-USD",
              "c1",
              1_000,
              new OrderType.Limit(Side.SELL, 100_000_000, 50_000_000, TimeInForce.GTC),
              MarketRules.of(TestMarkets.BTC_USD),
              SelfTrade.CANCEL_TAKER),
          7,
          3);

  private final GetSagaPartResponse journal =
      GetSagaPartResponse.newBuilder()
          .setHold(
              HoldDecision.newBuilder().setHeld(true).setAsset("BTC").setAmountUnits(50_000_000))
          .addLegs(
              OrderLeg.newBuilder()
                  .setOutcome(12)
                  .setPayAsset("BTC")
                  .setPayUnits(10_000_000)
                  .setReceiveAsset("USD")
                  .setReceiveUnits(9_000_000)
                  .setFeeUnits(1_000_000))
          .build();

  @Test
  void withoutTheLogTheRowsAreToldWithoutOffsets() {
    MissingPart log = MissingPart.newBuilder().setPart("log").setWhy("It is away.").build();
    Facts facts =
        new Facts(
            open,
            0,
            NOWHERE,
            Optional.of(GetSagaPartResponse.getDefaultInstance()),
            Optional.of(journal));

    GetSagaResponse saga = SagaTraces.tell(facts, List.of(log), LogView.EMPTY);

    assertThat(saga.getStepsList())
        .noneMatch(SagaStep::hasOffset)
        .extracting(step -> step.getTopic() + " " + step.getSeq() + ": " + step.getWhat())
        .containsExactly(
            "order.requested 0: limit sell 0.5 BTC at 100 USD recorded",
            "order.requested 0: held 0.5 BTC",
            "match.requested 3: to be matched as number 3",
            "settle.requested 12: settled: paid 0.1 BTC, received 9 USD, fee 1 USD");
    assertThat(saga.getMissingList()).containsExactly(log);
    assertThat(saga.getWaitsFor()).startsWith("not known");
  }

  @Test
  void withoutAServiceTheRestIsTold() {
    MissingPart settle = MissingPart.newBuilder().setPart("settle-svc").build();
    Facts facts = new Facts(open, 0, NOWHERE, Optional.empty(), Optional.empty());

    GetSagaResponse saga = SagaTraces.tell(facts, List.of(settle), LogView.EMPTY);

    assertThat(saga.getStepsList())
        .extracting(SagaStep::getWhat)
        .containsExactly("limit sell 0.5 BTC at 100 USD recorded", "to be matched as number 3");
    assertThat(saga.getMissingList()).containsExactly(settle);
  }
}
