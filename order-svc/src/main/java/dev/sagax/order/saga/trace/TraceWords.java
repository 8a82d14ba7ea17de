package dev.sagax.order.saga.trace;

import dev.sagax.order.MarketRules;
import dev.sagax.order.Order;
import dev.sagax.order.OrderType;
import dev.sagax.platform.money.Asset;
import dev.sagax.proto.event.v1.Fill;
import dev.sagax.proto.event.v1.MatchCancelRequested;
import dev.sagax.proto.event.v1.OrderAtFault;
import dev.sagax.proto.event.v1.OrderRequested;
import dev.sagax.proto.event.v1.OrderState;
import dev.sagax.proto.event.v1.OrderUpdated;
import dev.sagax.proto.event.v1.Release;
import dev.sagax.proto.event.v1.SettleRequested;
import dev.sagax.proto.order.v1.OrderReason;
import dev.sagax.proto.saga.v1.HoldDecision;
import dev.sagax.proto.saga.v1.OrderLeg;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What happened to an order, in words for its owner: of other orders they say nothing. */
final class TraceWords {
  private final Order order;
  private final MarketRules rules;

  TraceWords(Order order) {
    this.order = order;
    this.rules = order.request().rules();
  }

  String placed() {
    return placing()
        + " recorded"
        + order
            .request()
            .replaces()
            .map(replaces -> ", in place of " + replaces.orderId())
            .orElse("");
  }

  private String placing() {
    return switch (order.request().type()) {
      case OrderType.Limit limit ->
          "limit %s %s at %s"
              .formatted(
                  limit.side().name().toLowerCase(Locale.ROOT),
                  base(limit.quantityUnits()),
                  quote(limit.priceUnits()));
      case OrderType.MarketBuy buy -> "market buy for " + quote(buy.quoteUnits());
      case OrderType.MarketSell sell -> "market sell " + base(sell.quantityUnits());
    };
  }

  String hold(HoldDecision hold) {
    String amount = amount(hold.getAsset(), hold.getAmountUnits());
    if (hold.getHeld()) {
      return "held " + amount;
    }
    if (hold.getAccountFrozen()) {
      return "refused: the account is frozen";
    }
    return order.reason() == dev.sagax.order.OrderReason.TOO_MANY_OPEN_ORDERS
        ? "nothing held: one open order too many"
        : "refused: " + amount + " are not available";
  }

  String toTheBook() {
    return "to be matched as number " + order.number();
  }

  /** What an outcome did to the order in the book. */
  String matched(SettleRequested outcome, boolean ownPlacing) {
    boolean taker = outcome.getTaker().getOrderId().equals(order.orderId());
    List<Fill> fills =
        outcome.getFillsList().stream()
            .filter(fill -> taker || fill.getMaker().getOrderId().equals(order.orderId()))
            .toList();
    List<String> parts = new ArrayList<>();
    if (!fills.isEmpty()) {
      long quantity = fills.stream().mapToLong(Fill::getQuantityUnits).sum();
      long quote = fills.stream().mapToLong(Fill::getQuoteUnits).sum();
      parts.add(
          "%s %s, %s for %s"
              .formatted(
                  taker ? "matched" : "met by a taker:",
                  fills.size() == 1 ? "1 fill" : fills.size() + " fills",
                  base(quantity),
                  quote(quote)));
    }
    outcome.getReleasesList().stream()
        .filter(release -> release.getOrder().getOrderId().equals(order.orderId()))
        .map(this::ended)
        .forEach(parts::add);
    if (parts.isEmpty()) {
      return ownPlacing ? "rests in the book" : "nothing was left to cancel or reduce";
    }
    return String.join("; ", parts);
  }

  /** The words for an instruction about the order, or about all of its account. */
  static String recorded(OrderRequested instruction) {
    return switch (instruction.getInstructionCase()) {
      case CANCEL -> "cancel recorded";
      case AMEND -> "amendment recorded";
      case CANCEL_ALL ->
          instruction.getCancelAll().getDeadlineMicros() == 0
              ? "cancel of all orders recorded"
              : "cancel of all orders recorded: the dead man's switch was due";
      case PLACE, REPLACE, SET_MARKET_STATE, ARM_CANCEL_ALL, INSTRUCTION_NOT_SET ->
          "placing recorded";
    };
  }

  /** The same of one that came after the placing. */
  static String recordedAfter(OrderRequested instruction) {
    return instruction.hasPlace() || instruction.hasReplace()
        ? "placing recorded again"
        : recorded(instruction);
  }

  static String toBeMatched(OrderRequested instruction) {
    return instruction.hasAmend() ? "amendment to be matched" : "cancel to be matched";
  }

  private String ended(Release release) {
    if (release.getReduced()) {
      return "reduced by " + ordered(release.getLeftUnits());
    }
    String why =
        release.getReason() == OrderReason.ORDER_REASON_UNSPECIFIED
            ? ""
            : " " + word(release.getReason().name(), "ORDER_REASON_");
    return "%s left: %s%s"
        .formatted(
            ordered(release.getLeftUnits()),
            word(release.getStatus().name(), "ORDER_STATUS_"),
            why);
  }

  String undone(SettleRequested undo) {
    long taken =
        undo.getReleasesList().stream()
            .filter(release -> release.getOrder().getOrderId().equals(order.orderId()))
            .mapToLong(Release::getLeftUnits)
            .sum();
    return "the match is undone, %s will not be filled".formatted(ordered(taken));
  }

  String settled(OrderLeg leg) {
    List<String> parts = new ArrayList<>();
    if (leg.getPayUnits() > 0) {
      parts.add("paid " + amount(leg.getPayAsset(), leg.getPayUnits()));
      parts.add("received " + amount(leg.getReceiveAsset(), leg.getReceiveUnits()));
      parts.add("fee " + amount(leg.getReceiveAsset(), leg.getFeeUnits()));
    }
    if (leg.getReleasedUnits() > 0) {
      parts.add("released " + amount(leg.getPayAsset(), leg.getReleasedUnits()));
    }
    return "settled: " + (parts.isEmpty() ? "no money moved" : String.join(", ", parts));
  }

  static String settledWithoutLeg() {
    return "settled: no money moved";
  }

  String refused(MatchCancelRequested refusal) {
    return refusal.getOrdersAtFaultList().stream()
        .filter(fault -> fault.getOrderId().equals(order.orderId()))
        .findFirst()
        .map(fault -> "refused by the ledger: " + fault(fault) + "; the match is to be undone")
        .orElse(
            "refused by the ledger: the hold of another order of the match is at fault; the match"
                + " is to be undone");
  }

  private static String fault(OrderAtFault order) {
    return switch (order.getFault()) {
      case SETTLEMENT_FAULT_HOLD_MISSING -> "this order has no open hold";
      case SETTLEMENT_FAULT_HELD_TOO_LITTLE -> "less is held for this order than it is to pay";
      case SETTLEMENT_FAULT_LEFT_TOO_LITTLE ->
          "less is left of this order than is to be filled or released";
      case SETTLEMENT_FAULT_UNSPECIFIED, UNRECOGNIZED -> "this order is at fault";
    };
  }

  static String toBeCancelled(OrderReason reason) {
    return "to be cancelled: " + word(reason.name(), "ORDER_REASON_");
  }

  static String updated(OrderUpdated update) {
    String answer = word(update.getAnswer().name(), "INSTRUCTION_ANSWER_");
    if (update.getCancellingCount() > 0) {
      return "decided: is to be cancelled, as one of all orders";
    }
    if (!update.hasOrder()) {
      return "decided: " + answer;
    }
    OrderState state = update.getOrder();
    return switch (update.getStage()) {
      case UPDATE_STAGE_DECIDED ->
          switch (update.getAnswer()) {
            case INSTRUCTION_ANSWER_APPLIED -> "decided: " + state(state);
            case INSTRUCTION_ANSWER_REPEATED,
                INSTRUCTION_ANSWER_CONFLICT,
                INSTRUCTION_ANSWER_CLOSED,
                INSTRUCTION_ANSWER_NOT_FOUND,
                INSTRUCTION_ANSWER_UNSPECIFIED,
                UNRECOGNIZED ->
                "decided: " + answer + ", " + state(state);
          };
      case UPDATE_STAGE_CANCEL_REQUESTED -> "is being cancelled: " + state(state);
      case UPDATE_STAGE_SETTLED,
          UPDATE_STAGE_FILLED_AS_MAKER,
          UPDATE_STAGE_UNSPECIFIED,
          UNRECOGNIZED ->
          state(state);
    };
  }

  private static String state(OrderState state) {
    String reason =
        state.getReason() == OrderReason.ORDER_REASON_UNSPECIFIED
            ? ""
            : " " + word(state.getReason().name(), "ORDER_REASON_");
    return "%s%s, version %d"
        .formatted(word(state.getStatus().name(), "ORDER_STATUS_"), reason, state.getVersion());
  }

  /** An amount of what the order counts: base units, or quote units of a market buy. */
  private String ordered(long units) {
    return amount(order.request().type().orderedAsset(rules), units);
  }

  private String base(long units) {
    return amount(rules.base(), units);
  }

  private String quote(long units) {
    return amount(rules.quote(), units);
  }

  private String amount(String asset, long units) {
    return amount(asset.equals(rules.base().name()) ? rules.base() : rules.quote(), units);
  }

  private static String amount(Asset asset, long units) {
    return asset.format(units) + " " + asset.name();
  }

  static String word(String name, String prefix) {
    return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
  }
}
