package dev.sagax.asset;

import java.util.List;

/**
 * What the ledger said to an instruction to transfer, or to end a withdrawal.
 *
 * @param instruction position of the instruction in its partition of the log
 * @param transfer the transfer as first recorded, also when this instruction repeats it or differs
 * @param conflicts the fields that differ, for a conflict
 */
public record TransferAnswer(long instruction, Kind kind, Transfer transfer, List<String> conflicts)
    implements LedgerAnswer {

  /** Whether the instruction was the first of its transfer. */
  public enum Kind {
    /** The first: the ledger decided now. */
    APPLIED,
    /** The same again: the original decision. */
    REPEATED,
    /** Another transfer under an id that is taken: nothing changed. */
    CONFLICT
  }

  public TransferAnswer {
    conflicts = List.copyOf(conflicts);
  }

  @Override
  public String transferId() {
    return transfer.transferId();
  }
}
