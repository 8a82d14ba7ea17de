package dev.sagax.bench.chaos;

import dev.sagax.local.ServiceProcess;
import java.util.List;

/** A fault in progress: begun once, healed once. Both block. */
interface Blow {

  /**
   * Makes the fault.
   *
   * @return how much work was under way when it hit; 0 if it did not hit
   */
  int begin() throws InterruptedException;

  /** Brings back what it took away, without waiting until all is well; also if it did not hit. */
  void heal() throws InterruptedException;

  /**
   * Processes that were started again or woken up, and have to be ready before quiet is expected.
   */
  default List<ServiceProcess> comeBack() {
    return List.of();
  }

  /** What must not be, seen before it was healed. */
  default List<Finding> findings() {
    return List.of();
  }
}
