package dev.sagax.settle;

/** What became of one pass of the audit that runs by itself. */
sealed interface PassOutcome {

  /** Another replica audits. */
  record NotMyTurn() implements PassOutcome {}

  /** The checkpoint has moved, but the journal goes on: there should be another pass at once. */
  record Behind() implements PassOutcome {}

  /** What was read cannot be compared yet. */
  record Inconclusive(String why) implements PassOutcome {}

  /** All that was looked at is right. */
  record Verified(long accounts, long holds) implements PassOutcome {}

  /**
   * Something is wrong.
   *
   * @param pass in which nobody else has moved the checkpoint, else it does not count
   * @param reason the first finding
   */
  record Breach(long epoch, long pass, String reason) implements PassOutcome {}
}
