package dev.sagax.settle.api;

import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.StepPositions;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.proto.saga.v1.AppliedPosition;
import dev.sagax.proto.saga.v1.GetSagaPartRequest;
import dev.sagax.proto.saga.v1.GetSagaPartResponse;
import dev.sagax.proto.saga.v1.HoldDecision;
import dev.sagax.proto.saga.v1.OrderLeg;
import dev.sagax.proto.saga.v1.SagaPartServiceGrpcService;
import dev.sagax.settle.Verdict;
import dev.sagax.settle.store.OrderJournal;
import dev.sagax.settle.store.PgJournal;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;

/** What the ledger's journal knows about the saga of an order: its hold and what was settled. */
public final class SagaPartApi {
  private static final int MOST_LEGS = 50;

  private final SqlClient db;

  public SagaPartApi(SqlClient db) {
    this.db = db;
  }

  public void register(GrpcEdge edge) {
    edge.unary(SagaPartServiceGrpcService.GetSagaPart, this::getSagaPart);
  }

  /** First the positions, then the rows: what is applied in between counts as on its way. */
  private Future<GetSagaPartResponse> getSagaPart(Call call, GetSagaPartRequest request) {
    if (!DeterministicId.isWellFormed(request.getOrderId())) {
      throw Refusal.ofField(
              Reason.INVALID_ID, "order_id", "Expected 32 lowercase hexadecimal digits.")
          .asException();
    }
    return StepPositions.read(db, PgJournal.SCHEMA, PgJournal.STEP_SERVICE)
        .compose(positions ->
            OrderJournal.read(db, request.getPartition(), request.getOrderId(), MOST_LEGS)
                .map(journal -> part(request.getPartition(), positions, journal)));
  }

  private static GetSagaPartResponse part(
      int partition, StepPositions positions, OrderJournal journal) {
    StepPositions.Applied settled = positions.of(partition, Topic.SETTLE_REQUESTED);
    GetSagaPartResponse.Builder part =
        GetSagaPartResponse.newBuilder()
            .addPositions(
                AppliedPosition.newBuilder()
                    .setTopic(Topic.SETTLE_REQUESTED.topicName)
                    .setPosition(settled.position())
                    .setNextOffset(settled.nextOffset()))
            .setLegsLeftOut(journal.legsLeftOut());
    journal.hold().ifPresent(hold -> part.setHold(hold(hold)));
    journal.legs().forEach(leg -> part.addLegs(leg(leg)));
    return part.build();
  }

  private static HoldDecision hold(OrderJournal.Decision hold) {
    return HoldDecision.newBuilder()
        .setHeld(hold.verdict() instanceof Verdict.Held)
        .setAccountFrozen(hold.verdict() instanceof Verdict.AccountFrozen)
        .setAsset(hold.asset())
        .setAmountUnits(hold.amountUnits())
        .build();
  }

  private static OrderLeg leg(OrderJournal.JournaledLeg leg) {
    return OrderLeg.newBuilder()
        .setOutcome(leg.position())
        .setPayUnits(leg.payUnits())
        .setReleasedUnits(leg.releasedUnits())
        .setReceiveUnits(leg.receiveUnits())
        .setFeeUnits(leg.feeUnits())
        .setPayAsset(leg.payAsset())
        .setReceiveAsset(leg.receiveAsset())
        .setTimeMicros(leg.timeMicros())
        .build();
  }
}
