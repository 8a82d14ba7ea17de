package dev.sagax.platform.fault;

/** Thrown at a fault point. To the code around it, it is a bug like any other. */
public final class FaultInjectedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FaultInjectedException(FaultPoint point) {
    super("A fault was asked for at " + point + ".");
  }
}
