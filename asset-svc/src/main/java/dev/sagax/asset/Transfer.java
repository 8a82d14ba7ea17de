package dev.sagax.asset;

/**
 * A deposit or withdrawal and where it stands.
 *
 * @param transferId 32 hexadecimal digits: a hash of kind, account and request id
 * @param createMicros when the API took it, microseconds since 1970
 * @param stageMicros when its funds were last held, confirmed or returned; 0 if it has no stages
 * @param note what the operator said who confirmed or returned it; empty for nothing
 */
public record Transfer(
    String transferId,
    TransferRequest request,
    long createMicros,
    Outcome outcome,
    long stageMicros,
    String note) {

  /** How the ledger decided, and an operator after it. */
  public enum Outcome {
    /** Recorded in the log, not decided yet. */
    PENDING,
    /** A withdrawal whose funds are held until an operator decides. */
    HELD,
    /** The balance has changed; of a withdrawal: the funds have left the exchange. */
    COMPLETED,
    /** A withdrawal whose funds are available again. */
    RETURNED,
    /** Refused: the available balance does not cover it. */
    INSUFFICIENT_FUNDS,
    /** Refused: the exchange would hold more of the asset than the ledger can count. */
    SUPPLY_LIMIT,
    /** Refused: the account is frozen. */
    ACCOUNT_FROZEN,
    /** Refused: its external id belongs to another deposit. */
    EXTERNAL_ID_USED
  }

  /** One without stages, or before them. */
  public Transfer(String transferId, TransferRequest request, long createMicros, Outcome outcome) {
    this(transferId, request, createMicros, outcome, 0, "");
  }

  public String account() {
    return request.account();
  }
}
