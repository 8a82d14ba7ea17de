package dev.sagax.platform.rpc;

import com.google.protobuf.Message;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Timer;
import io.vertx.grpc.common.GrpcHeaderNames;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.concurrent.TimeUnit;

/**
 * One call on the wire, from its headers to its one status. Lives on the event loop of its
 * connection.
 *
 * <pre>
 *   OPEN --end(), fail()--> CLOSED
 *   OPEN --client gone----> CLOSED
 * </pre>
 *
 * A stream lasts no longer than the token that it was opened with.
 */
abstract class WireCall<Q extends Message, R extends Message> {
  private static final long NO_TIMER_ABOVE_MILLIS = TimeUnit.DAYS.toMillis(1);

  protected final OpenCalls calls;
  protected final GrpcServerRequest<Q, R> request;
  protected final GrpcServerResponse<Q, R> response;
  private final MessageReader<Q> reader;
  private final Authority authority;
  private final Context context;
  private Timer deadline;
  private Timer tokensEnd;
  private boolean closed;

  /**
   * @param authority who calls, by the call's headers
   */
  protected WireCall(
      OpenCalls calls,
      MessageReader<Q> reader,
      Authority authority,
      GrpcServerRequest<Q, R> request) {
    this.calls = calls;
    this.reader = reader;
    this.authority = authority;
    this.context = calls.vertx().getOrCreateContext();
    this.request = request;
    this.response = request.response();
  }

  /** The call is let in. */
  protected abstract void onAdmitted(Call call);

  /** A message of the client. */
  protected abstract void onMessage(Q message);

  /** The client has sent all it wants to send. */
  protected abstract void onEnd();

  /** The call is over, also when the client went away; nothing can be sent any more. */
  protected abstract void onClosed();

  /** Takes the call or answers why not. */
  final void start() {
    request.invalidMessageHandler(tooLarge -> fail(Failures.tooLarge()));
    request.messageHandler(this::read);
    request.endHandler(v -> endOfRequest());
    request.errorHandler(reset -> clientIsGone());
    request.exceptionHandler(broken -> clientIsGone());
    response.exceptionHandler(broken -> clientIsGone());
    try {
      admit();
    } catch (RuntimeException refused) {
      fail(refused);
    }
  }

  public final boolean isClosed() {
    return closed;
  }

  /** Ends the call with OK; {@code last} is null where everything has been written. */
  protected final void end(R last) {
    if (close()) {
      finish(() -> send(last));
      onClosed();
    }
  }

  public final void fail(Throwable thrown) {
    if (!closed) {
      fail(StatusMapper.failureOf(thrown, request.fullMethodName()));
    }
  }

  protected final void fail(Failure failure) {
    if (close()) {
      finish(() -> {
        failure.writeTo(response);
        send(null);
      });
      onClosed();
    }
  }

  /** Sends the end of the call. */
  protected void finish(Runnable end) {
    end.run();
  }

  private void admit() {
    if (calls.isDraining()) {
      throw new FailureException(Failures.shuttingDown());
    }
    String encoding = request.encoding();
    if (!MessageReader.knows(encoding)) {
      throw new FailureException(Failures.unknownCompression(encoding));
    }
    long timeoutMillis = Timeouts.millis(request.headers().get(GrpcHeaderNames.GRPC_TIMEOUT));
    if (timeoutMillis == Timeouts.PASSED) {
      throw new FailureException(Failures.deadlineExceeded());
    }
    if (timeoutMillis > 0 && timeoutMillis < NO_TIMER_ABOVE_MILLIS) {
      deadline = calls.vertx().timer(timeoutMillis, TimeUnit.MILLISECONDS);
      deadline.onSuccess(v -> fail(Failures.deadlineExceeded()));
    }
    Future<Admission> admission = authority.admit(request.headers());
    if (admission.isComplete()) {
      admit(admission, timeoutMillis);
    } else {
      request.pause();
      admission.onComplete(v -> context.runOnContext(w -> admitLate(admission, timeoutMillis)));
    }
  }

  private void admitLate(Future<Admission> admission, long timeoutMillis) {
    if (!closed) {
      admit(admission, timeoutMillis);
      request.resume();
    }
  }

  private void admit(Future<Admission> admission, long timeoutMillis) {
    if (admission.failed()) {
      fail(admission.cause());
      return;
    }
    Admission admitted = admission.result();
    if (admitted.lastsMillis() < Admission.FOREVER) {
      tokensEnd = calls.vertx().timer(Math.max(1, admitted.lastsMillis()), TimeUnit.MILLISECONDS);
      tokensEnd.onSuccess(v -> fail(Failure.of(TokenVerifier.expired())));
    }
    onAdmitted(new Call(admitted.caller(), timeoutMillis));
  }

  private void read(GrpcMessage frame) {
    if (closed) {
      return;
    }
    try {
      onMessage(reader.read(frame));
    } catch (RuntimeException thrown) {
      fail(thrown);
    }
  }

  private void endOfRequest() {
    if (!closed) {
      onEnd();
    }
  }

  private void clientIsGone() {
    if (close()) {
      onClosed();
    }
  }

  private void send(R last) {
    try {
      if (last == null) {
        response.end();
      } else {
        response.end(last);
      }
    } catch (IllegalStateException resetMeanwhile) {
      // Nobody is there to read it.
    }
  }

  private boolean close() {
    if (closed) {
      return false;
    }
    closed = true;
    cancel(deadline);
    cancel(tokensEnd);
    return true;
  }

  private static void cancel(Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
  }
}
