package dev.sagax.platform.rpc;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import io.vertx.grpc.common.GrpcStatus;

/** Failures that the edge itself knows. */
final class Failures {
  private Failures() {}

  static Failure deadlineExceeded() {
    return of(Reason.DEADLINE_EXCEEDED, "The call's deadline passed before an answer was there.");
  }

  static Failure shuttingDown() {
    return of(
        Reason.SHUTTING_DOWN,
        "This instance is shutting down. Nothing was done; try again, with a stream's last cursor.");
  }

  static Failure slowReader() {
    return of(
        Reason.SLOW_READER,
        "The stream was read too slowly for too long. Go on with the last cursor.");
  }

  static Failure malformed(String sentence) {
    return of(Reason.MALFORMED_MESSAGE, sentence);
  }

  static Failure unknownMethod(String method) {
    return of(Reason.UNKNOWN_METHOD, "There is no method " + method + " here.");
  }

  static Failure unknownCompression(String encoding) {
    return new Failure(
        GrpcStatus.UNIMPLEMENTED,
        Refusal.of(
            Reason.MALFORMED_MESSAGE,
            "The compression " + encoding + " is not known here; send identity or gzip."));
  }

  static Failure tooLarge() {
    return of(
        Reason.MESSAGE_TOO_LARGE,
        "The message is larger than " + MessageReader.MAX_BYTES + " bytes.");
  }

  private static Failure of(Reason reason, String sentence) {
    return Failure.of(Refusal.of(reason, sentence));
  }
}
