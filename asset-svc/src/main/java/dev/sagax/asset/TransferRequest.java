package dev.sagax.asset;

/** What a client asks for, checked against {@link TransferRules}. */
public sealed interface TransferRequest {

  /** Whose balance changes. */
  String account();

  String asset();

  /** How much, in units of the asset; above zero. */
  long amountUnits();

  /** The caller's own id, unique per account and kind for ever. */
  String requestId();

  /** Money into the exchange. */
  record Deposit(String account, String asset, long amountUnits, String requestId)
      implements TransferRequest {}

  /** Money out of the exchange. */
  record Withdrawal(String account, String asset, long amountUnits, String requestId)
      implements TransferRequest {}
}
