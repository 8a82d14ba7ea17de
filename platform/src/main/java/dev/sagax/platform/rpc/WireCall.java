package dev.sagax.platform.rpc;

import com.google.protobuf.Message;
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
 */
abstract class WireCall<Q extends Message, R extends Message> {
  private static final long NO_TIMER_ABOVE_MILLIS = TimeUnit.DAYS.toMillis(1);

  protected final OpenCalls calls;
  protected final GrpcServerRequest<Q, R> request;
  protected final GrpcServerResponse<Q, R> response;
  private final MessageReader<Q> reader;
  private Timer deadline;
  private boolean closed;

  protected WireCall(OpenCalls calls, MessageReader<Q> reader, GrpcServerRequest<Q, R> request) {
    this.calls = calls;
    this.reader = reader;
    this.request = request;
    this.response = request.response();
  }

  /**
   * The call is let in.
   *
   * @param timeoutMillis how long the client waits, 0 for as long as it takes
   */
  protected abstract void onAdmitted(long timeoutMillis);

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
    onAdmitted(timeoutMillis);
    if (timeoutMillis > 0 && timeoutMillis < NO_TIMER_ABOVE_MILLIS) {
      deadline = calls.vertx().timer(timeoutMillis, TimeUnit.MILLISECONDS);
      deadline.onSuccess(v -> fail(Failures.deadlineExceeded()));
    }
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
    if (deadline != null) {
      deadline.cancel();
    }
    return true;
  }
}
