package dev.sagax.bench.chaos;

import java.util.List;

/** A fault in progress: begun once, healed once. Both block. */
interface Blow {

  /**
   * Makes the fault.
   *
   * @return how much work was under way when it hit; 0 if it did not hit
   */
  int begin() throws InterruptedException;

  /** Brings back what it took away; also if it did not hit. */
  void heal() throws InterruptedException;

  /** What must not be, seen before it was healed. */
  default List<String> findings() {
    return List.of();
  }
}
