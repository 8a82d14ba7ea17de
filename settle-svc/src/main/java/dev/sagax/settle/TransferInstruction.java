package dev.sagax.settle;

/** What one record of {@code transfer.requested} asks the ledger for. */
public sealed interface TransferInstruction permits Transfer, WithdrawalEnd, AccountFreeze {

  /** In its partition of the log. */
  long position();

  /** Whose balance or whose freedom it is about. */
  String account();
}
