package dev.sagax.settle;

/** One thing that a ledger holds, as the journal says it is. A rebuild writes them one by one. */
public sealed interface LedgerPiece {

  /** What an account has of one asset; a rebuild may find less than nothing for a while. */
  record OfAccount(String account, Balance balance) implements LedgerPiece {}

  /** A hold that has not ended, in units, with what is left to be filled. */
  record OfHold(int partition, String orderId, long amountUnits, long leftUnits)
      implements LedgerPiece {}

  /** All deposits of an asset less all withdrawals, in units. */
  record OfSupply(String asset, long units) implements LedgerPiece {}

  /** The fees that were collected in an asset, in units. */
  record OfFees(String asset, long units) implements LedgerPiece {}

  /** An account for which nothing new is held. */
  record OfFreeze(String account) implements LedgerPiece {}

  /** The last position of a log that the pieces contain. */
  record OfLog(FlowPartition log, long position) implements LedgerPiece {}
}
