package dev.sagax.bench.chaos;

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
}
