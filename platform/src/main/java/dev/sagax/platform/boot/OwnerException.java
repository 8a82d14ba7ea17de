package dev.sagax.platform.boot;

/** What went wrong went wrong as the owner of the tables, by {@code postgres.owner.uri}. */
final class OwnerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  OwnerException(Throwable cause) {
    super(cause.getMessage(), cause);
  }
}
