package dev.sagax.asset;

import dev.sagax.platform.log.DeterministicId;

/** What an operator decides, checked against {@link TransferRules}. */
public sealed interface OperatorDecision {

  /** Whose withdrawal, or who. */
  String account();

  /** By what the ledger's answer is known. */
  String transferId();

  /** Who decides. */
  String operator();

  /** Why, in the operator's words; may be empty. */
  String reason();

  /**
   * A held withdrawal ends.
   *
   * @param confirmed whether the funds have left the exchange; else they are available again
   */
  record WithdrawalEnd(
      String account, String transferId, boolean confirmed, String operator, String reason)
      implements OperatorDecision {}

  /**
   * Nothing new is held for an account, or it is again.
   *
   * @param frozen whether it is frozen from now on
   */
  record AccountFreeze(String account, boolean frozen, String operator, String reason)
      implements OperatorDecision {

    /** One for each account: no request of a client has it. */
    @Override
    public String transferId() {
      return DeterministicId.transferId("freeze", account, "");
    }
  }
}
