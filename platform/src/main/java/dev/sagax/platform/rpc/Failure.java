package dev.sagax.platform.rpc;

import com.google.protobuf.Any;
import com.google.protobuf.util.Durations;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RequestInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * How a call ends when it fails.
 *
 * @param status the status on the wire, as a rule that of the refusal's reason
 * @param standing the rate limit that was passed, if one was
 */
record Failure(GrpcStatus status, Refusal refusal, Optional<RateStanding> standing) {
  private static final String DOMAIN = "sagax.dev";

  /** What is over soon by itself, or at another replica. */
  private static final Set<Reason> PASSING =
      EnumSet.of(Reason.OVERLOADED, Reason.DEPENDENCY_UNAVAILABLE, Reason.SHUTTING_DOWN);

  /** When to try again where nobody knows better. */
  private static final long RETRY_MILLIS = 1_000;

  /** A status with all its details has to fit into the 8 KiB of headers that clients accept. */
  private static final int MAX_TEXT = 400;

  Failure(GrpcStatus status, Refusal refusal) {
    this(status, refusal, Optional.empty());
  }

  static Failure of(Refusal refusal) {
    return new Failure(GrpcStatus.valueOf(refusal.reason().status.code), refusal);
  }

  private String message() {
    return cut(refusal.message());
  }

  /** Sets what the response ends with; it has still to be ended. */
  void writeTo(GrpcServerResponse<?, ?> response, String requestId) {
    response.status(status).statusMessage(message());
    response
        .trailers()
        .set(
            "grpc-status-details-bin",
            Base64.getEncoder().withoutPadding().encodeToString(toProto(requestId).toByteArray()));
    standing.ifPresent(limit -> limit.writeTo(response.headers())); // a stream has sent its own
  }

  /** The status with its details. */
  Status toProto(String requestId) {
    var proto = Status.newBuilder().setCode(status.code).setMessage(message());
    proto.addDetails(Any.pack(errorInfo()));
    if (!refusal.field().isEmpty()) {
      proto.addDetails(Any.pack(badRequest()));
    }
    proto.addDetails(Any.pack(RequestInfo.newBuilder().setRequestId(requestId).build()));
    if (retryMillis() > 0) {
      proto.addDetails(
          Any.pack(
              RetryInfo.newBuilder().setRetryDelay(Durations.fromMillis(retryMillis())).build()));
    }
    return proto.build();
  }

  /** After how long the same call may well go through; 0 if waiting alone does not help. */
  long retryMillis() {
    boolean passes = PASSING.contains(refusal.reason());
    return standing.map(RateStanding::retryMillis).orElse(passes ? RETRY_MILLIS : 0);
  }

  private ErrorInfo errorInfo() {
    var info = ErrorInfo.newBuilder().setReason(refusal.reason().name()).setDomain(DOMAIN);
    refusal.metadata().forEach((key, value) -> info.putMetadata(key, cut(value)));
    return info.build();
  }

  private BadRequest badRequest() {
    var violation =
        BadRequest.FieldViolation.newBuilder()
            .setField(refusal.field())
            .setDescription(message())
            .setReason(refusal.reason().name());
    return BadRequest.newBuilder().addFieldViolations(violation).build();
  }

  private static String cut(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 3) + "...";
  }
}
