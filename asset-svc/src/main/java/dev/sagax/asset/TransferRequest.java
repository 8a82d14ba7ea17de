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

  /** The id of the transfer that this asks for: a hash of kind, account and request id. */
  default String transferId() {
    String kind =
        switch (this) {
          case Deposit deposit -> "deposit";
          case Withdrawal withdrawal -> "withdrawal";
        };
    return DeterministicId.transferId(kind, account(), requestId());
  }

  /** Money into the exchange. */
  record Deposit(String account, String asset, long amountUnits, String requestId)
      implements TransferRequest {}

  /** Money out of the exchange. */
  record Withdrawal(String account, String asset, long amountUnits, String requestId)
      implements TransferRequest {}
}
