package dev.sagax.asset;

import dev.sagax.platform.log.DeterministicId;

/** What a client asks for, checked against {@link TransferRules}. */
public sealed interface TransferRequest {

  /** Whose balance changes. */
  String account();

  String asset();

  /** How much, in units of the asset; above zero. */
  long amountUnits();

  /** The caller's own id, unique per account and kind for ever. */
  String requestId();

  /** What it is called outside of the exchange; empty for nothing. */
  default String externalId() {
    return "";
  }

  /** The id of the transfer that this asks for: a hash of kind, account and request id. */
  default String transferId() {
    String kind =
        switch (this) {
          case Deposit deposit -> "deposit";
          case Withdrawal withdrawal -> "withdrawal";
        };
    return DeterministicId.transferId(kind, account(), requestId());
  }

  /**
   * Money into the exchange.
   *
   * @param externalId what it is called outside of the exchange, unique for ever; empty for nothing
   */
  record Deposit(
      String account, String asset, long amountUnits, String requestId, String externalId)
      implements TransferRequest {

    /** One that is called nothing outside of the exchange. */
    public Deposit(String account, String asset, long amountUnits, String requestId) {
      this(account, asset, amountUnits, requestId, "");
    }
  }

  /** Money out of the exchange, once an operator has confirmed it. */
  record Withdrawal(String account, String asset, long amountUnits, String requestId)
      implements TransferRequest {}
}
