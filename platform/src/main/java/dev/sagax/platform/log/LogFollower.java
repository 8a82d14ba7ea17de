package dev.sagax.platform.log;

import io.vertx.core.Future;
import java.util.Map;

/** Reads topics live, all partitions from their end, without group and without stored state. */
public interface LogFollower {

  /**
   * Succeeds once every partition's end is known, so that whatever is appended afterwards will be
   * seen.
   */
  Future<Void> started();

  /** The end offset of every partition of a topic: the offset that its next record will get. */
  Future<Map<Integer, Long>> endOffsets(Topic topic);

  Future<Void> close();
}
