package dev.sagax.order.saga;

import dev.sagax.order.Decisions;
import dev.sagax.order.Instruction;
import dev.sagax.order.Instruction.AmendOrder;
import dev.sagax.order.Instruction.ArmCancelAll;
import dev.sagax.order.Instruction.CancelAll;
import dev.sagax.order.Instruction.CancelOrder;
import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.MarketStatus;
import dev.sagax.order.OpenOrder;
import dev.sagax.order.Order;
import dev.sagax.order.OrderChange;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.tracing.Fact;
import dev.sagax.proto.event.v1.AmendMatch;
import dev.sagax.proto.event.v1.CancelMatch;
import dev.sagax.proto.event.v1.MarketStateChange;
import dev.sagax.proto.event.v1.MatchRequested;
import dev.sagax.proto.event.v1.OrderUpdated;
import dev.sagax.proto.event.v1.UpdateStage;
import java.util.List;
import java.util.Optional;

/** Emits decisions as records: what goes to the book as `match.requested`, all else as news. */
final class EmittedDecisions implements Decisions {
  private static final int IDS_A_RECORD = 1_000;

  private final StepWrites step;
  private final LogRecord cause;

  /**
   * @param cause the record that is decided
   */
  EmittedDecisions(StepWrites step, LogRecord cause) {
    this.step = step;
    this.cause = cause;
  }

  @Override
  public long match(long instruction, PlaceOrder order, Optional<Order> replaced) {
    MatchRequested.Builder request =
        MatchRequested.newBuilder()
            .setOrderId(order.orderId())
            .setAccount(order.account())
            .setMarket(order.market())
            .setTimeMicros(order.timeMicros())
            .setInstruction(instruction);
    if (order.replaces().isPresent()) {
      request.setReplace(OrderRecords.toReplaceInstruction(order, replaced));
    } else {
      request.setPlace(OrderRecords.toPlaceInstruction(order));
    }
    return step.emit(cause, Topic.MATCH_REQUESTED, order.market(), request.build());
  }

  @Override
  public void cancelMatch(long instruction, CancelOrder cancel, long orderNumber) {
    cancelMatch(instruction, cancel, cancel.orderId(), cancel.market(), orderNumber);
  }

  @Override
  public void cancelMatch(long instruction, CancelAll all, OpenOrder order) {
    cancelMatch(instruction, all, order.orderId(), order.market(), order.number());
  }

  private void cancelMatch(
      long position, Instruction instruction, String orderId, String market, long orderNumber) {
    MatchRequested request =
        MatchRequested.newBuilder()
            .setOrderId(orderId)
            .setAccount(instruction.account())
            .setMarket(market)
            .setTimeMicros(instruction.timeMicros())
            .setInstruction(position)
            .setCancel(CancelMatch.newBuilder().setOrderNumber(orderNumber))
            .build();
    step.emit(cause, Topic.MATCH_REQUESTED, market, request);
  }

  @Override
  public void cancellingAll(long instruction, CancelAll all, List<OpenOrder> orders) {
    int told = 0;
    do {
      List<OpenOrder> some = orders.subList(told, Math.min(orders.size(), told + IDS_A_RECORD));
      told += some.size();
      emit(
          OrderUpdated.newBuilder()
              .setInstruction(instruction)
              .setStage(UpdateStage.UPDATE_STAGE_DECIDED)
              .setAnswer(OrderRecords.toRecord(Answer.APPLIED))
              .setOrderId(all.orderId())
              .addAllCancelling(some.stream().map(OpenOrder::orderId).toList())
              .setCancellingMore(orders.size() - told));
    } while (told < orders.size());
  }

  @Override
  public void armed(long instruction, ArmCancelAll arm) {
    emit(
        OrderUpdated.newBuilder()
            .setInstruction(instruction)
            .setStage(UpdateStage.UPDATE_STAGE_DECIDED)
            .setAnswer(OrderRecords.toRecord(Answer.APPLIED))
            .setOrderId(arm.orderId()));
  }

  @Override
  public void amendMatch(long instruction, AmendOrder amend, long orderNumber, long orderedUnits) {
    MatchRequested request =
        MatchRequested.newBuilder()
            .setOrderId(amend.orderId())
            .setAccount(amend.account())
            .setMarket(amend.market())
            .setTimeMicros(amend.timeMicros())
            .setInstruction(instruction)
            .setAmend(
                AmendMatch.newBuilder()
                    .setOrderNumber(orderNumber)
                    .setQuantityUnits(amend.quantityUnits())
                    .setOrderedUnits(orderedUnits))
            .build();
    step.emit(cause, Topic.MATCH_REQUESTED, amend.market(), request);
  }

  @Override
  public void marketSet(long instruction, MarketStatus status) {
    MatchRequested request =
        MatchRequested.newBuilder()
            .setMarket(status.market())
            .setTimeMicros(status.setMicros())
            .setInstruction(instruction)
            .setMarketState(MarketStateChange.newBuilder().setStateValue(status.state().code))
            .build();
    step.emit(cause, Topic.MATCH_REQUESTED, status.market(), request);
  }

  @Override
  public void placed(long instruction, Order order) {
    step.tell(cause, Fact.ORDER_STATUS, () -> order.status().name());
    emit(decision(instruction, Answer.APPLIED, order));
  }

  @Override
  public void decided(long instruction, Answer answer, Order order) {
    emit(decision(instruction, answer, order).setUnchanged(true));
  }

  @Override
  public void conflict(long instruction, Order order, List<String> fields) {
    emit(decision(instruction, Answer.CONFLICT, order).addAllConflicts(fields).setUnchanged(true));
  }

  @Override
  public void notFound(long instruction, String orderId) {
    emit(
        OrderUpdated.newBuilder()
            .setInstruction(instruction)
            .setStage(UpdateStage.UPDATE_STAGE_DECIDED)
            .setAnswer(OrderRecords.toRecord(Answer.NOT_FOUND))
            .setOrderId(orderId));
  }

  @Override
  public void filledAsMaker(long instruction, OrderChange change) {
    emit(change(instruction, UpdateStage.UPDATE_STAGE_FILLED_AS_MAKER, change, true));
  }

  @Override
  public void cancelling(long instruction, Order order) {
    emit(update(instruction, UpdateStage.UPDATE_STAGE_CANCEL_REQUESTED, order));
  }

  @Override
  public void settled(long instruction, OrderChange change) {
    step.tell(cause, Fact.ORDER_STATUS, () -> change.after().status().name());
    emit(change(instruction, UpdateStage.UPDATE_STAGE_SETTLED, change, false));
  }

  private static OrderUpdated.Builder decision(long instruction, Answer answer, Order order) {
    return update(instruction, UpdateStage.UPDATE_STAGE_DECIDED, order)
        .setAnswer(OrderRecords.toRecord(answer));
  }

  private static OrderUpdated.Builder change(
      long instruction, UpdateStage stage, OrderChange change, boolean maker) {
    OrderUpdated.Builder update =
        update(instruction, stage, change.after()).setUnchanged(change.isNone());
    change.filled(maker).map(OrderRecords::toRecord).ifPresent(update::setFill);
    return update;
  }

  private static OrderUpdated.Builder update(long instruction, UpdateStage stage, Order order) {
    return OrderUpdated.newBuilder()
        .setInstruction(instruction)
        .setStage(stage)
        .setOrder(OrderRecords.toRecord(order))
        .setOrderId(order.orderId());
  }

  private void emit(OrderUpdated.Builder update) {
    step.emit(cause, Topic.ORDER_UPDATED, update.getOrderId(), update.build());
  }
}
