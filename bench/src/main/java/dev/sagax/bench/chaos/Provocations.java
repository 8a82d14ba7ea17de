package dev.sagax.bench.chaos;

import dev.sagax.platform.fault.FaultPoint;

/** Leads the exchange to the fault points that ordinary trade does not pass. */
final class Provocations {
  private final Stack stack;
  private final Load load;
  private final Checks checks;

  Provocations(Stack stack, Load load, Checks checks) {
    this.stack = stack;
    this.load = load;
    this.checks = checks;
  }

  /** Does what it takes until it is closed. */
  AutoCloseable towards(FaultPoint point) {
    return () -> {};
  }
}
