package dev.sagax.asset;

import java.util.Optional;

/** What the ledger said to one instruction of the transfer log. */
public sealed interface LedgerAnswer
    permits TransferAnswer, LedgerAnswer.EndRefused, LedgerAnswer.Frozen {

  /** Position of the instruction in its partition of the log. */
  long instruction();

  /** The transfer that the instruction was about, or what stands for it. */
  String transferId();

  /**
   * A withdrawal was to end that is not held, or that was decided otherwise.
   *
   * @param standing how it stands; empty if the account has no such withdrawal
   */
  record EndRefused(long instruction, String transferId, Optional<Transfer> standing)
      implements LedgerAnswer {}

  /**
   * An account is frozen, or no more.
   *
   * @param timeMicros when that was asked for
   */
  record Frozen(long instruction, String transferId, boolean frozen, long timeMicros)
      implements LedgerAnswer {}
}
