package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * How a call failed, read the way any client reads it.
 *
 * @param field the field that google.rpc.BadRequest names, "" without one
 * @param retrySeconds when google.rpc.RetryInfo says to ask again, 0 without one
 */
record Refused(
    Status.Code code,
    String reason,
    String domain,
    String field,
    Map<String, String> metadata,
    long retrySeconds) {

  /** The failure of a call that must fail. */
  static Refused by(ThrowingCallable call) {
    StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(failure).as("the failure of the call").isNotNull();
    return of(failure);
  }

  static Refused of(StatusRuntimeException failure) {
    com.google.rpc.Status status = StatusProto.fromThrowable(failure);
    assertThat(status).as("details of " + failure).isNotNull();
    assertThat(status.getCode()).isEqualTo(failure.getStatus().getCode().value());
    ErrorInfo info = detail(status, ErrorInfo.class).orElse(ErrorInfo.getDefaultInstance());
    String field =
        detail(status, BadRequest.class)
            .map(bad -> bad.getFieldViolations(0).getField())
            .orElse("");
    return new Refused(
        failure.getStatus().getCode(),
        info.getReason(),
        info.getDomain(),
        field,
        info.getMetadataMap(),
        detail(status, RetryInfo.class)
            .map(retry -> retry.getRetryDelay().getSeconds())
            .orElse(0L));
  }

  private static <T extends Message> Optional<T> detail(
      com.google.rpc.Status status, Class<T> type) {
    for (Any detail : status.getDetailsList()) {
      if (detail.is(type)) {
        try {
          return Optional.of(detail.unpack(type));
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError(e);
        }
      }
    }
    return Optional.empty();
  }
}
