package dev.sagax.platform.rpc;

/** Carries a {@link Failure} whose status is not the one of its reason. */
final class FailureException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  FailureException(Failure failure) {
    super(failure.refusal().message(), null, false, false);
    this.failure = failure;
  }

  Failure failure() {
    return failure;
  }
}
