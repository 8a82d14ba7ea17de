package dev.sagax.platform.log;

import java.util.Map;

/** What a step asks of the thread that reads its records. */
interface StepFeed {

  /**
   * Reads a partition from here on and hands its records over under this generation; what was read
   * before is void.
   *
   * @param nextOffsets where each input topic goes on; a topic that is missing starts at its
   *     beginning
   */
  void readFrom(int partition, int generation, Map<Topic, Long> nextOffsets);

  /** Room again: called by a step whose buffer has run low. */
  void roomAgain(int partition);
}
