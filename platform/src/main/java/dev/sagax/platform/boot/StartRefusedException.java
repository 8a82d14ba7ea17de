package dev.sagax.platform.boot;

/** The service cannot start until a person does what the message says. */
public final class StartRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StartRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
