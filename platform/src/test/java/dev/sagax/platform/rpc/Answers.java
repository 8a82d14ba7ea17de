package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RequestInfo;
import dev.sagax.platform.refusal.Reason;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Reads failed answers the way an independent client does. */
final class Answers {
  private Answers() {}

  /** The failure of a call. */
  static StatusRuntimeException failureOf(ThrowingCallable call) {
    return catchThrowableOfType(StatusRuntimeException.class, call);
  }

  static void assertFailed(ThrowingCallable call, Status.Code status, Reason reason) {
    StatusRuntimeException failure = failureOf(call);
    assertThat(failure).as("the call's failure").isNotNull();
    assertThat(failure.getStatus().getCode()).as(failure.toString()).isEqualTo(status);
    assertThat(errorInfo(failure).getReason()).isEqualTo(reason.name());
    assertThat(errorInfo(failure).getDomain()).isEqualTo("sagax.dev");
  }

  static ErrorInfo errorInfo(StatusRuntimeException failure) {
    com.google.rpc.Status status = StatusProto.fromThrowable(failure);
    assertThat(status).as("details of " + failure).isNotNull();
    assertThat(status.getCode()).isEqualTo(failure.getStatus().getCode().value());
    assertThat(status.getMessage()).isEqualTo(failure.getStatus().getDescription());
    return unpack(status, ErrorInfo.class);
  }

  static Metadata.Key<String> key(String header) {
    return Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER);
  }

  static ClientInterceptor attach(String header, String value) {
    var headers = new Metadata();
    headers.put(key(header), value);
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  static String requestId(StatusRuntimeException failure) {
    return unpack(StatusProto.fromThrowable(failure), RequestInfo.class).getRequestId();
  }

  static BadRequest badRequest(StatusRuntimeException failure) {
    return unpack(StatusProto.fromThrowable(failure), BadRequest.class);
  }

  private static <T extends com.google.protobuf.Message> T unpack(
      com.google.rpc.Status status, Class<T> type) {
    for (Any detail : status.getDetailsList()) {
      if (detail.is(type)) {
        try {
          return detail.unpack(type);
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError(e);
        }
      }
    }
    throw new AssertionError("No " + type.getSimpleName() + " in " + status);
  }
}
