package dev.sagax.bench.replay;

/** Is told how far a replay is, a few times a second. */
interface Progress {

  /**
   * @param acknowledged instructions acknowledged so far
   * @param retries how often one was sent again
   */
  void show(long acknowledged, int retries);

  /** Told last, also of a replay that fails. */
  void finish(long acknowledged, int retries);
}
