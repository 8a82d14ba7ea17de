package dev.sagax.asset;

/**
 * A deposit or withdrawal and where it stands.
 *
 * @param transferId 32 hexadecimal digits: a hash of kind, account and request id
 * @param createMicros when the API took it, microseconds since 1970
 */
public record Transfer(
    String transferId, TransferRequest request, long createMicros, Outcome outcome) {

  /** How the ledger decided. */
  public enum Outcome {
    /** Recorded in the log, not decided yet. */
    PENDING,
    /** The balance has changed. */
    COMPLETED,
    /** Refused: the available balance does not cover it. */
    INSUFFICIENT_FUNDS,
    /** Refused: the exchange would hold more of the asset than the ledger can count. */
    SUPPLY_LIMIT
  }

  public String account() {
    return request.account();
  }
}
