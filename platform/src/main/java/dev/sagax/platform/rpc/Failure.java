package dev.sagax.platform.rpc;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.Base64;

/**
 * How a call ends when it fails.
 *
 * @param status the status on the wire, as a rule that of the refusal's reason
 */
record Failure(GrpcStatus status, Refusal refusal) {
  private static final String DOMAIN = "sagax.dev";

  /** A status with all its details has to fit into the 8 KiB of headers that clients accept. */
  private static final int MAX_TEXT = 400;

  /** A seat is free again soon: calls wait for seconds at most. */
  private static final RetryInfo RETRY =
      RetryInfo.newBuilder().setRetryDelay(Duration.newBuilder().setSeconds(1)).build();

  static Failure of(Refusal refusal) {
    return new Failure(GrpcStatus.valueOf(refusal.reason().status.code), refusal);
  }

  private String message() {
    return cut(refusal.message());
  }

  /** Sets what the response ends with; it has still to be ended. */
  void writeTo(GrpcServerResponse<?, ?> response) {
    response.status(status).statusMessage(message());
    response.trailers().set("grpc-status-details-bin", detailsBin());
  }

  /** The value of the trailer {@code grpc-status-details-bin}. */
  private String detailsBin() {
    return Base64.getEncoder().withoutPadding().encodeToString(toStatus().toByteArray());
  }

  /** The status with all its details. */
  Status toStatus() {
    var status = Status.newBuilder().setCode(this.status.code).setMessage(message());
    status.addDetails(Any.pack(errorInfo()));
    if (!refusal.field().isEmpty()) {
      status.addDetails(Any.pack(badRequest()));
    }
    if (refusal.reason() == Reason.OVERLOADED) {
      status.addDetails(Any.pack(RETRY));
    }
    return status.build();
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
