package dev.sagax.platform.rpc;

import com.google.protobuf.Message;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.grpc.server.GrpcServerRequest;

/** A unary call: one message, the method, one answer. */
final class UnaryCall<Q extends Message, R extends Message> extends WireCall<Q, R> {
  private final UnaryMethod<Q, R> method;
  private final Thread loop = Thread.currentThread();
  private final Context context;
  private Call call;
  private Q message;

  UnaryCall(
      OpenCalls calls,
      MessageReader<Q> reader,
      Authority authority,
      UnaryMethod<Q, R> method,
      GrpcServerRequest<Q, R> request) {
    super(calls, reader, authority, request);
    this.method = method;
    this.context = calls.vertx().getOrCreateContext();
    calls.unaryOpened();
  }

  @Override
  protected void onAdmitted(Call admitted) {
    call = admitted;
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
    if (message == null) {
      fail(Failures.malformed("The call has no message; a unary call has one."));
      return;
    }
    try {
      Future<R> answer = method.call(call, message);
      answer.onComplete(this::answered);
    } catch (Throwable thrown) {
      fail(thrown);
    }
  }

  @Override
  protected void onClosed() {
    calls.unaryClosed();
  }

  /** Futures that other libraries complete may do it on threads of their own. */
  private void answered(AsyncResult<R> answer) {
    if (Thread.currentThread() == loop) {
      write(answer);
    } else {
      context.runOnContext(v -> write(answer));
    }
  }

  private void write(AsyncResult<R> answer) {
    if (answer.failed()) {
      fail(answer.cause());
    } else if (answer.result() == null) {
      fail(new IllegalStateException("The method answered with null."));
    } else {
      end(answer.result());
    }
  }
}
