package dev.sagax.bench.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import org.junit.jupiter.api.Test;

class RefusalsTest {
  @Test
  void connectionThatBreaksUnderACallIsNoAnswer() {
    assertThat(Refusals.isTransient(unknown("channel closed"))).isTrue();
  }

  @Test
  void whatAServiceDoesNotKnowIsAnAnswer() {
    var info = ErrorInfo.newBuilder().setReason("INTERNAL").setDomain("sagax.dev").build();
    var said =
        com.google.rpc.Status.newBuilder()
            .setCode(Status.Code.UNKNOWN.value())
            .setMessage("channel closed")
            .addDetails(Any.pack(info))
            .build();

    assertThat(Refusals.isTransient(StatusProto.toStatusRuntimeException(said))).isFalse();
    assertThat(Refusals.isTransient(unknown("something else"))).isFalse();
  }

  private static Throwable unknown(String description) {
    return Status.UNKNOWN.withDescription(description).asRuntimeException();
  }
}
