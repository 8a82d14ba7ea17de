package dev.sagax.platform.rpc;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Timer;
import io.vertx.core.http.HttpConnection;
import io.vertx.grpc.common.GrpcHeaderNames;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One call, from its headers to its one status, whatever protocol it came by. Lives on the event
 * loop of its connection.
 *
 * <pre>
 *   OPEN --ended, fail()---> CLOSED
 *   OPEN --client gone-----> CLOSED
 * </pre>
 *
 * A stream lasts no longer than the token that it was opened with.
 */
abstract class EdgeCall {
  private static final long NO_TIMER_ABOVE_MILLIS = TimeUnit.DAYS.toMillis(1);

  protected final OpenCalls calls;
  protected final String requestId;
  private final Authority authority;
  private final String method;
  private final MultiMap headers;
  private final HttpConnection connection;
  private final Context context;
  private final Thread loop = Thread.currentThread();
  private Timer deadline;
  private Timer tokensEnd;
  private Timer patience;
  private boolean closed;

  /**
   * @param authority who calls, by the call's headers and connection
   * @param method its full name, for the log
   */
  protected EdgeCall(
      OpenCalls calls,
      Authority authority,
      String method,
      MultiMap headers,
      HttpConnection connection) {
    this.calls = calls;
    this.authority = authority;
    this.method = method;
    this.headers = headers;
    this.connection = connection;
    this.context = calls.vertx().getOrCreateContext();
    this.requestId = RequestId.of(headers);
  }

  /** The call is let in. */
  protected abstract void onAdmitted(Call call);

  /** The call is over, also when the client went away; nothing can be sent any more. */
  protected abstract void onClosed();

  /** Whether so many calls of this kind are under way that this one is refused. */
  protected abstract boolean isOneTooMany();

  /** Reads nothing more of the request until {@link #resume}. */
  protected abstract void pause();

  protected abstract void resume();

  /** What is sent before all else; open until the first message is sent. */
  protected abstract MultiMap responseHeaders();

  /** Sends how the call failed, and ends it. */
  protected abstract void send(Failure failure);

  /** Takes the call or answers why not. */
  protected final void admit() {
    try {
      if (calls.isDraining()) {
        throw new FailureException(Failures.shuttingDown());
      }
      if (isOneTooMany()) {
        throw new FailureException(Failures.overloaded());
      }
      long timeoutMillis = Timeouts.millis(headers.get(GrpcHeaderNames.GRPC_TIMEOUT));
      if (timeoutMillis == Timeouts.PASSED) {
        throw new FailureException(Failures.deadlineExceeded());
      }
      if (timeoutMillis > 0 && timeoutMillis < NO_TIMER_ABOVE_MILLIS) {
        deadline = calls.vertx().timer(timeoutMillis, TimeUnit.MILLISECONDS);
        deadline.onSuccess(v -> fail(Failures.deadlineExceeded()));
      }
      admit(authority.admit(headers, connection), timeoutMillis);
    } catch (RuntimeException refused) {
      fail(refused);
    }
  }

  private void admit(Future<Admission> admission, long timeoutMillis) {
    if (admission.isComplete()) {
      admitted(admission, timeoutMillis);
    } else {
      pause();
      admission.onComplete(v -> context.runOnContext(w -> admitLate(admission, timeoutMillis)));
    }
  }

  private void admitLate(Future<Admission> admission, long timeoutMillis) {
    if (!closed) {
      admitted(admission, timeoutMillis);
      resume();
    }
  }

  private void admitted(Future<Admission> admission, long timeoutMillis) {
    if (admission.failed()) {
      fail(admission.cause());
      return;
    }
    Admission admitted = admission.result();
    if (admitted.lastsMillis() < Admission.FOREVER) {
      tokensEnd = calls.vertx().timer(Math.max(1, admitted.lastsMillis()), TimeUnit.MILLISECONDS);
      tokensEnd.onSuccess(v -> fail(Failure.of(TokenVerifier.expired())));
    }
    admitted.standing().ifPresent(standing -> standing.writeTo(responseHeaders()));
    try {
      onAdmitted(new Call(admitted.caller(), timeoutMillis));
    } catch (RuntimeException refused) {
      fail(refused);
    }
  }

  /** From now on the client has so long to send the rest of its request. */
  protected final void awaitRequest() {
    patience = calls.vertx().timer(calls.requestMillis(), TimeUnit.MILLISECONDS);
    patience.onSuccess(v -> fail(Failures.slowRequest(calls.requestMillis())));
  }

  /** The request has arrived. */
  protected final void requestIsComplete() {
    cancel(patience);
  }

  /** Hands an answer over on this call's event loop: other libraries complete futures on theirs. */
  protected final <R> void whenAnswered(Future<R> answer, Consumer<R> then) {
    answer.onComplete(result -> {
      if (Thread.currentThread() == loop) {
        take(result, then);
      } else {
        context.runOnContext(v -> take(result, then));
      }
    });
  }

  private <R> void take(AsyncResult<R> answer, Consumer<R> then) {
    if (answer.failed()) {
      fail(answer.cause());
    } else if (answer.result() == null) {
      fail(new IllegalStateException("The method answered with null."));
    } else {
      then.accept(answer.result());
    }
  }

  public final boolean isClosed() {
    return closed;
  }

  public final void fail(Throwable thrown) {
    if (!closed) {
      fail(StatusMapper.failureOf(thrown, method, requestId));
    }
  }

  protected final void fail(Failure failure) {
    if (close()) {
      send(failure);
      onClosed();
    }
  }

  protected final void clientIsGone() {
    if (close()) {
      onClosed();
    }
  }

  /** Ends the call, unless it is over already; whether it was this that ended it. */
  protected final boolean close() {
    if (closed) {
      return false;
    }
    closed = true;
    cancel(deadline);
    cancel(tokensEnd);
    cancel(patience);
    return true;
  }

  private static void cancel(Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
  }
}
