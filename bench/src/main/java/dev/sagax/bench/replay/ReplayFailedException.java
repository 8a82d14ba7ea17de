package dev.sagax.bench.replay;

/** A replay cannot go on; the message is for the user. */
final class ReplayFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ReplayFailedException(String message) {
    super(message);
  }
}
