package dev.sagax.platform.rpc;

/** Another service of the exchange did not answer, or not in time: a fault, to be waited out. */
public final class PeerUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PeerUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
