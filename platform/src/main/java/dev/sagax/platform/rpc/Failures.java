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

  static Failure slowRequest(long millis) {
    return of(
        Reason.DEADLINE_EXCEEDED,
        "The request was not complete after %d ms. Nothing was done.".formatted(millis));
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

  static Failure overloaded() {
    return of(
        Reason.OVERLOADED,
        "As many calls as this instance can bear are under way. Nothing was done; try again"
            + " later.");
  }

  static Failure malformed(String sentence) {
    return of(Reason.MALFORMED_MESSAGE, sentence);
  }

  static Failure unknownMethod(String method) {
    return of(Reason.UNKNOWN_METHOD, "There is no method " + method + " here.");
  }

  /** HTTP has a word of its own for it. */
  static Failure unknownPath(String path) {
    return new Failure(
        GrpcStatus.NOT_FOUND,
        Refusal.of(Reason.UNKNOWN_METHOD, "There is no method under " + path + " here."));
  }

  static Failure wrongVerb(String verb) {
    return of(Reason.UNKNOWN_METHOD, "What is under this path is not called with " + verb + ".");
  }

  static Failure notJson() {
    return new Failure(
        GrpcStatus.UNIMPLEMENTED,
        Refusal.of(
            Reason.MALFORMED_MESSAGE,
            "A body has to be JSON: send content-type application/json."));
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
