package dev.sagax.settle;

/**
 * What the ledger does.
 *
 * <pre>
 *   OPEN -- an audit finds a breach --> CANCEL_ONLY -- an operator opens it, and the full audit is clean --> OPEN
 *   any -- rebuilt under a new epoch --> REPLAYING -- its log is replayed to the end --> OPEN
 * </pre>
 */
public enum LedgerMode {
  /** Orders are taken. */
  OPEN,
  /** No order is taken; cancels, settlement and transfers go on. */
  CANCEL_ONLY,
  /** Rebuilt, and its log is not replayed to the end: holds wait. */
  REPLAYING
}
