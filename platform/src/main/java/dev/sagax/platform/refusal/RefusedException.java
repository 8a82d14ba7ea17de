package dev.sagax.platform.refusal;

/**
 * Carries a {@link Refusal} to the gRPC edge, which answers with it. Has no stack trace: it is an
 * answer, not a bug.
 */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  public RefusedException(Refusal refusal) {
    super(refusal.reason() + ": " + refusal.message(), null, false, false);
    this.refusal = refusal;
  }

  public Refusal refusal() {
    return refusal;
  }
}
