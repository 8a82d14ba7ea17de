package dev.sagax.order;

/** What a client asks of the exchange about one order. */
public sealed interface Instruction {

  /** 32 lowercase hexadecimal digits: a hash of account, market and clientOrderId. */
  String orderId();

  String account();

  String market();

  String clientOrderId();

  /** When the API took it, in microseconds since 1970. */
  long timeMicros();

  /** Place the order. */
  record PlaceOrder(
      String orderId,
      String account,
      String market,
      String clientOrderId,
      long timeMicros,
      OrderType type,
      MarketRules rules)
      implements Instruction {}

  /** Cancel what is left of it. */
  record CancelOrder(
      String orderId, String account, String market, String clientOrderId, long timeMicros)
      implements Instruction {}
}
