package dev.sagax.bench.replay;

/** A recorded file is not what it should be; the message is for the user and names the place. */
final class RecordingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RecordingException(String message) {
    super(message);
  }
}
