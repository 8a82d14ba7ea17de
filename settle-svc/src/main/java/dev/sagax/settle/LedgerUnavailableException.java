package dev.sagax.settle;

import io.vertx.core.VertxException;

/**
 * The ledger cannot answer now: a fault that is waited out. What was asked may or may not have been
 * done: ask again.
 */
public final class LedgerUnavailableException extends VertxException {
  private static final long serialVersionUID = 1L;

  public LedgerUnavailableException(String message) {
    super(message);
  }

  public LedgerUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
