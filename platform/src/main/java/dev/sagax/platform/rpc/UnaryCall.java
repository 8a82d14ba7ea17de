package dev.sagax.platform.rpc;

import com.google.protobuf.Message;
import io.vertx.grpc.server.GrpcServerRequest;

/** A unary call: one message, the method, one answer. */
final class UnaryCall<Q extends Message, R extends Message> extends WireCall<Q, R> {
  private final UnaryMethod<Q, R> method;
  private final Authority authority;
  private Q message;

  UnaryCall(
      OpenCalls calls,
      MessageReader<Q> reader,
      Authority authority,
      UnaryMethod<Q, R> method,
      GrpcServerRequest<Q, R> request) {
    super(calls, reader, authority, request);
    this.method = method;
    this.authority = authority;
    calls.unaryOpened(authority);
  }

  @Override
  protected void onAdmitted() {
    awaitRequest();
  }

  @Override
  protected boolean isOneTooMany() {
    return calls.tooManyUnary(authority);
  }

  @Override
  protected void onMessage(Q received) {
    if (message != null) {
      fail(Failures.malformed("The call has more than one message; a unary call has one."));
      return;
    }
    message = received;
  }

  @Override
  protected void onEnd() {
    requestIsComplete();
    if (message == null) {
      fail(Failures.malformed("The call has no message; a unary call has one."));
      return;
    }
    try {
      countItems(message);
      whenAnswered(method.call(call(), message), this::end);
    } catch (Throwable thrown) {
      fail(thrown);
    }
  }

  @Override
  protected void onClosed() {
    calls.unaryClosed(authority);
  }
}
