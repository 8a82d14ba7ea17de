package dev.sagax.order;

import dev.sagax.platform.refusal.Reason;
import java.util.Optional;

/** What a market takes. What rests stays, and cancels are taken in every state. */
public enum MarketState {
  /** Every order. */
  TRADING(1),
  /** Orders that never take. */
  POST_ONLY(2),
  /** No order, only what takes out of the book: it is being closed. */
  CANCEL_ONLY(3),
  /** As CANCEL_ONLY, because something is wrong. */
  HALTED(4);

  /** How it is stored; the number it has on the wire. Never changes. */
  public final int code;

  MarketState(int code) {
    this.code = code;
  }

  public static MarketState ofCode(int code) {
    return Codes.find(values(), each -> each.code == code, "market state", code);
  }

  /**
   * Why an order is not taken.
   *
   * @param rejected what an order says that was recorded
   * @param refused what a call says that recorded nothing
   */
  public record No(OrderReason rejected, Reason refused, String words) {}

  /** Why an order of this type is not taken; empty if it is. */
  public Optional<No> refuses(OrderType type) {
    return switch (this) {
      case TRADING -> Optional.empty();
      case POST_ONLY ->
          type instanceof OrderType.Limit limit && limit.timeInForce() == TimeInForce.POST_ONLY
              ? Optional.empty()
              : Optional.of(
                  new No(
                      OrderReason.MARKET_POST_ONLY,
                      Reason.MARKET_POST_ONLY,
                      "takes only POST_ONLY limit orders"));
      case CANCEL_ONLY ->
          Optional.of(
              new No(
                  OrderReason.MARKET_CANCEL_ONLY,
                  Reason.MARKET_CANCEL_ONLY,
                  "takes no orders, only cancels"));
      case HALTED ->
          Optional.of(new No(OrderReason.MARKET_HALTED, Reason.MARKET_HALTED, "is halted"));
    };
  }
}
