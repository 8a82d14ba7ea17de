package dev.sagax.bench.chaos;

import java.util.List;

/**
 * Whether the ledger has been damaged on purpose. Only then may it be mended when its audit has
 * closed it. Else nobody knows why it did, so it stays as it is, to be looked at.
 */
final class Tampering {
  private boolean done;

  /** Whether a fault damages the ledger: it removes a hold, or all that Redis had answered for. */
  static boolean isIn(Fault fault) {
    return switch (fault) {
      case Fault.KillAt at -> Provocations.removesHold(at.point());
      case Fault.ZombieAt at -> Provocations.removesHold(at.point());
      case Fault.LoseLedger loss -> true;
      case Fault.KillService kill -> false;
      case Fault.FreezeService freeze -> false;
      case Fault.KillServer kill -> false;
      case Fault.FreezeServer freeze -> false;
      case Fault.FillDisk full -> false;
      case Fault.BreakLink cut -> false;
    };
  }

  /** These faults are about to be made. What they damage may be seen long after that. */
  void begin(List<Fault> faults) {
    done |= faults.stream().anyMatch(Tampering::isIn);
  }

  /** The ledger is whole: everything was checked, or it was rebuilt after it was lost. */
  void end() {
    done = false;
  }

  /**
   * Before a ledger is mended.
   *
   * @param sentence why the audit has closed it
   * @throws BreachException if nothing was done that explains it
   */
  void mustExplain(String sentence) {
    if (!done) {
      throw new BreachException(sentence);
    }
  }

  /** The audit has closed a ledger that nobody had damaged. */
  static final class BreachException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BreachException(String sentence) {
      super("The ledger was closed by its audit, and no fault explains it: " + sentence);
    }

    Finding finding() {
      return Finding.wrong(getMessage());
    }
  }
}
