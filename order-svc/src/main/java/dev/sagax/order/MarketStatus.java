package dev.sagax.order;

/**
 * What a market takes, as an operator set it.
 *
 * @param reason why, in the operator's words
 * @param setBy the operator
 * @param setMicros when it was recorded, in microseconds since 1970
 */
public record MarketStatus(
    String market, MarketState state, String reason, String setBy, long setMicros) {

  /** Of a market whose state was never set. */
  public static MarketStatus neverSet(String market) {
    return new MarketStatus(market, MarketState.TRADING, "", "", 0);
  }

  /**
   * Whether this says something else than another one of the same market: not only who and when.
   */
  boolean changes(MarketStatus other) {
    return state != other.state || !reason.equals(other.reason);
  }
}
