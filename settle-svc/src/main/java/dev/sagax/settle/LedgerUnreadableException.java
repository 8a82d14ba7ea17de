package dev.sagax.settle;

import io.vertx.core.VertxException;

/** The ledger answers, but with what no ledger can have: it is damaged. */
public final class LedgerUnreadableException extends VertxException {
  private static final long serialVersionUID = 1L;

  public LedgerUnreadableException(String message, Throwable cause) {
    super(message, cause);
  }
}
