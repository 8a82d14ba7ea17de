package dev.sagax.settle;

/**
 * What the audit that runs by itself can say about itself.
 *
 * @param mode of the ledger when it was last looked at
 * @param verifiedMicros when all that was looked at was last found right, by whichever replica; the
 *     start of this process for never
 * @param passes of this replica
 * @param accounts that this replica has compared, each time counted
 * @param holds that this replica has compared, each time counted
 * @param breaches that this replica has found
 */
public record AuditFigures(
    LedgerMode mode, long verifiedMicros, long passes, long accounts, long holds, long breaches) {

  AuditFigures seen(LedgerState state) {
    return new AuditFigures(
        state.mode(),
        Math.max(verifiedMicros, state.verifiedMicros()),
        passes,
        accounts,
        holds,
        breaches);
  }

  AuditFigures after(PassOutcome outcome, long micros) {
    return switch (outcome) {
      case PassOutcome.NotMyTurn other -> this;
      case PassOutcome.Behind behind -> onePassMore();
      case PassOutcome.Inconclusive moving -> onePassMore();
      case PassOutcome.Breach breach -> onePassMore();
      case PassOutcome.Verified right ->
          new AuditFigures(
              mode,
              micros,
              passes + 1,
              accounts + right.accounts(),
              holds + right.holds(),
              breaches);
    };
  }

  private AuditFigures onePassMore() {
    return new AuditFigures(mode, verifiedMicros, passes + 1, accounts, holds, breaches);
  }

  AuditFigures oneBreachMore() {
    return new AuditFigures(
        LedgerMode.CANCEL_ONLY, verifiedMicros, passes, accounts, holds, breaches + 1);
  }
}
