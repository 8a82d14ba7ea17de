package dev.sagax.platform.log;

/**
 * A record or state that the step must not pass over: its partition stops, loudly, until a person
 * resumes it.
 */
public final class PartitionStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PartitionStoppedException(String message, Throwable cause) {
    super(message, cause);
  }
}
