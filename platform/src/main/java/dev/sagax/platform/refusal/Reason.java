package dev.sagax.platform.refusal;

/**
 * Why a call fails: the same closed list as {@code sagax.error.v1.ErrorReason}, in the same words,
 * with the gRPC status that each one travels under. A test keeps the two lists equal.
 */
public enum Reason {
  FIELD_REQUIRED(Status.INVALID_ARGUMENT),
  INVALID_DECIMAL(Status.INVALID_ARGUMENT),
  NOT_POSITIVE(Status.INVALID_ARGUMENT),
  TOO_MANY_DECIMALS(Status.INVALID_ARGUMENT),
  AMOUNT_OVERFLOW(Status.INVALID_ARGUMENT),
  OFF_TICK(Status.INVALID_ARGUMENT),
  OFF_LOT(Status.INVALID_ARGUMENT),
  BELOW_MIN_NOTIONAL(Status.INVALID_ARGUMENT),
  PRICE_TOO_SMALL(Status.INVALID_ARGUMENT),
  INVALID_ID(Status.INVALID_ARGUMENT),
  INVALID_ENUM(Status.INVALID_ARGUMENT),
  INVALID_PAGE_SIZE(Status.INVALID_ARGUMENT),
  INVALID_PAGE_TOKEN(Status.INVALID_ARGUMENT),
  MALFORMED_MESSAGE(Status.INVALID_ARGUMENT),
  MESSAGE_TOO_LARGE(Status.RESOURCE_EXHAUSTED),
  UNKNOWN_MARKET(Status.NOT_FOUND),
  UNKNOWN_ASSET(Status.NOT_FOUND),
  ORDER_NOT_FOUND(Status.NOT_FOUND),
  TRANSFER_NOT_FOUND(Status.NOT_FOUND),
  UNKNOWN_METHOD(Status.UNIMPLEMENTED),
  ID_REUSED(Status.ALREADY_EXISTS),
  TOKEN_MISSING(Status.UNAUTHENTICATED),
  TOKEN_INVALID(Status.UNAUTHENTICATED),
  TOKEN_EXPIRED(Status.UNAUTHENTICATED),
  SCOPE_MISSING(Status.PERMISSION_DENIED),
  DEPENDENCY_UNAVAILABLE(Status.UNAVAILABLE),
  OUTCOME_UNKNOWN(Status.UNAVAILABLE),
  DEADLINE_EXCEEDED(Status.DEADLINE_EXCEEDED),
  OVERLOADED(Status.RESOURCE_EXHAUSTED),
  INTERNAL(Status.INTERNAL);

  /** The gRPC status codes in use, with their numbers on the wire. */
  public enum Status {
    INVALID_ARGUMENT(3),
    DEADLINE_EXCEEDED(4),
    NOT_FOUND(5),
    ALREADY_EXISTS(6),
    PERMISSION_DENIED(7),
    RESOURCE_EXHAUSTED(8),
    UNIMPLEMENTED(12),
    INTERNAL(13),
    UNAVAILABLE(14),
    UNAUTHENTICATED(16);

    public final int code;

    Status(int code) {
      this.code = code;
    }
  }

  public final Status status;

  Reason(Status status) {
    this.status = status;
  }
}
