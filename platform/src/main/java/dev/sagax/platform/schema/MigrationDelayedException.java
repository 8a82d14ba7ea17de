package dev.sagax.platform.schema;

/** PostgreSQL is away, or something is locked: the same migration later may succeed. */
final class MigrationDelayedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  MigrationDelayedException(String sentence, Exception cause) {
    super(sentence, cause);
  }
}
