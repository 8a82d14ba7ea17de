package dev.sagax.platform.rpc;

import dev.sagax.platform.refusal.Reason;

/** The HTTP status of a failure: google.rpc's, but where HTTP has a better word. */
final class JsonStatus {
  private static final int TOO_LARGE = 413;
  private static final int UNSUPPORTED = 415;
  private static final int WRONG_VERB = 405;

  private JsonStatus() {}

  static int of(Failure failure) {
    if (failure.refusal().reason() == Reason.MESSAGE_TOO_LARGE) {
      return TOO_LARGE;
    }
    return switch (failure.status()) {
      case OK -> 200;
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> 400;
      case UNAUTHENTICATED -> 401;
      case PERMISSION_DENIED -> 403;
      case NOT_FOUND -> 404;
      case ALREADY_EXISTS, ABORTED -> 409;
      case RESOURCE_EXHAUSTED -> 429;
      case CANCELLED -> 499;
      case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
      case UNIMPLEMENTED ->
          failure.refusal().reason() == Reason.UNKNOWN_METHOD ? WRONG_VERB : UNSUPPORTED;
      case UNAVAILABLE -> 503;
      case DEADLINE_EXCEEDED -> 504;
    };
  }
}
