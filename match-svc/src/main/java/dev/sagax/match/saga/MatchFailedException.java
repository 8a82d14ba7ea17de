package dev.sagax.match.saga;

import dev.sagax.platform.log.LogRecord;

/** The book threw on an instruction, and may have changed; it must be loaded again. */
final class MatchFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient LogRecord record;

  MatchFailedException(LogRecord record, String message, Throwable cause) {
    super(message, cause);
    this.record = record;
  }

  LogRecord record() {
    return record;
  }
}
