package dev.sagax.order.api;

import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.Order;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.proto.event.v1.UpdateStage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which news answers which call. */
final class InstructionRules {
  private InstructionRules() {}

  static WaitingCall.OrderRule place(WaitFor waitFor) {
    return switch (waitFor) {
      case APPEND, DECISION -> InstructionRules::decisionOfPlace;
      case SETTLEMENT -> InstructionRules::settlementOfPlace;
    };
  }

  private static Optional<Order> decisionOfPlace(News news, boolean own) {
    return switch (news.answer()) {
      case INSTRUCTION_ANSWER_APPLIED, INSTRUCTION_ANSWER_REPEATED ->
          own ? news.order() : Optional.empty();
      case INSTRUCTION_ANSWER_CONFLICT -> {
        if (own) {
          throw reused(news.conflicts());
        }
        yield Optional.empty();
      }
      case INSTRUCTION_ANSWER_UNSPECIFIED,
          INSTRUCTION_ANSWER_NOT_FOUND,
          INSTRUCTION_ANSWER_CLOSED,
          UNRECOGNIZED ->
          Optional.empty();
    };
  }

  /** After the decision: whoever's news it is, once it says that the placing is settled. */
  private static Optional<Order> settlementOfPlace(News news, boolean own) {
    Optional<Order> decision = decisionOfPlace(news, own);
    return decision.or(news::order).filter(Order::placed);
  }

  /** Of an instruction about an order that stands. */
  static WaitingCall.OrderRule change() {
    return InstructionRules::outcomeOfChange;
  }

  private static Optional<Order> outcomeOfChange(News news, boolean own) {
    if (!own) {
      return Optional.empty();
    }
    if (news.stage() == UpdateStage.UPDATE_STAGE_SETTLED) {
      return news.order();
    }
    return switch (news.answer()) {
      case INSTRUCTION_ANSWER_NOT_FOUND -> throw orderNotFound();
      case INSTRUCTION_ANSWER_CLOSED -> news.order();
      case INSTRUCTION_ANSWER_UNSPECIFIED,
          INSTRUCTION_ANSWER_APPLIED,
          INSTRUCTION_ANSWER_REPEATED,
          INSTRUCTION_ANSWER_CONFLICT,
          UNRECOGNIZED ->
          Optional.empty();
    };
  }

  /**
   * The placing of a replacement; one that repeats an order must repeat this too.
   *
   * @param replaced the order that it replaces, if it replaces one
   */
  static PlaceOrder replacing(PlaceOrder place, Optional<PlaceOrder.Replaces> replaced) {
    if (place.replaces().isPresent() && !place.replaces().equals(replaced)) {
      throw reused(List.of("replaces_order_id"));
    }
    return place.replacing(replaced);
  }

  /** Gathers the orders that a cancel of all sends to the book, which several news may tell. */
  static WaitingCall.Rule<List<String>> cancelAll() {
    List<String> orderIds = new ArrayList<>();
    return (news, own) -> {
      if (!own) {
        return Optional.empty();
      }
      orderIds.addAll(news.cancelling());
      return news.cancellingMore() == 0 ? Optional.of(orderIds) : Optional.empty();
    };
  }

  /** A switch is set once the step has said so. */
  static WaitingCall.Rule<Boolean> arm() {
    return (news, own) -> own ? Optional.of(true) : Optional.empty();
  }

  static RefusedException orderNotFound() {
    return Refusal.of(Reason.ORDER_NOT_FOUND, "You have no order of this id.").asException();
  }

  /**
   * @param differences the fields in which the order of this id differs
   */
  static RefusedException reused(List<String> differences) {
    String fields = String.join(",", differences);
    return Refusal.ofField(
            Reason.ID_REUSED,
            "client_order_id",
            "An order of this id was placed before with other content; what differs: "
                + fields
                + ".")
        .with("fields", fields)
        .asException();
  }
}
