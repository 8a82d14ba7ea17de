package dev.sagax.platform.log;

/**
 * How a partition is that this instance owns.
 *
 * @param detail why it is stopped, or what it waits for; "" if there is nothing to say
 */
public record PartitionStatus(int partition, State state, String detail) {

  /** What a step does. */
  public enum State {
    /** It reads what it stands on, or waits before it tries to again. */
    LOADING,
    /** It processes what comes. */
    RUNNING,
    /** It waits for a person. */
    STOPPED
  }
}
