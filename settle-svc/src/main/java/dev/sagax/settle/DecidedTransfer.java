package dev.sagax.settle;

import java.util.Optional;

/**
 * A transfer as first recorded, with the ledger's decision.
 *
 * @param end of a held withdrawal, if it has ended
 */
public record DecidedTransfer(
    Transfer transfer, Verdict.OfTransfer verdict, Optional<WithdrawalEnd> end) {

  public DecidedTransfer(Transfer transfer, Verdict.OfTransfer verdict) {
    this(transfer, verdict, Optional.empty());
  }

  /** Whether its funds are held now. */
  public boolean isHeld() {
    return transfer.direction() == Transfer.Direction.HELD_WITHDRAWAL
        && verdict instanceof Verdict.Transferred
        && end.isEmpty();
  }

  /** The same after its end. */
  public DecidedTransfer endedBy(WithdrawalEnd now) {
    return new DecidedTransfer(transfer, verdict, Optional.of(now));
  }
}
