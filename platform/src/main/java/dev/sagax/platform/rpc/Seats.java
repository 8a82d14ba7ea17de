package dev.sagax.platform.rpc;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import java.util.HashMap;
import java.util.Map;

/**
 * How many calls may wait at once, counted for each partition of the log on its own: a partition
 * that stands still fills its own seats and refuses nobody else's calls. Safe on any thread.
 */
public final class Seats {
  private final int perPartition;
  private final Map<Integer, Integer> taken = new HashMap<>();

  public Seats(int perPartition) {
    this.perPartition = perPartition;
  }

  /**
   * Takes a seat, to be given back with {@link #leave}.
   *
   * @throws RefusedException OVERLOADED if none is free
   */
  public synchronized void take(int partition) {
    int waiting = taken.getOrDefault(partition, 0);
    if (waiting >= perPartition) {
      throw Refusal.of(
              Reason.OVERLOADED,
              "%d calls wait for the same part of the log already; try again later."
                  .formatted(waiting))
          .asException();
    }
    taken.put(partition, waiting + 1);
  }

  public synchronized void leave(int partition) {
    taken.computeIfPresent(partition, (p, waiting) -> waiting == 1 ? null : waiting - 1);
  }

  /** How many seats are taken. */
  public synchronized int taken() {
    return taken.values().stream().mapToInt(Integer::intValue).sum();
  }
}
