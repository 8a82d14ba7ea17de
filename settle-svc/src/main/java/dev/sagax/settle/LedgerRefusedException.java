package dev.sagax.settle;

/** This ledger must not be written to until a person has repaired it; the message says how. */
public final class LedgerRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LedgerRefusedException(String message) {
    super(message);
  }
}
