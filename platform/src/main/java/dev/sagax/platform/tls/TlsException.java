package dev.sagax.platform.tls;

/** Certificates or keys that cannot be used; the message says which, and what to do. */
public final class TlsException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public TlsException(String message) {
    super(message);
  }

  public TlsException(String message, Throwable cause) {
    super(message, cause);
  }
}
