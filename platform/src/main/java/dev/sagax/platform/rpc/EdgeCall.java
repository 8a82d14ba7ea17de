package dev.sagax.platform.rpc;

import com.google.protobuf.Message;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.platform.tracing.CallSpan;
import dev.sagax.platform.tracing.Traceparent;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Timer;
import io.vertx.core.http.HttpConnection;
import io.vertx.grpc.common.GrpcHeaderNames;
import io.vertx.grpc.common.GrpcStatus;
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
 * A stream lasts no longer than the token that it was opened with, and than the key that signed it.
 */
abstract class EdgeCall {
  private static final long NO_TIMER_ABOVE_MILLIS = TimeUnit.DAYS.toMillis(1);

  protected final OpenCalls calls;
  protected final String requestId;
  protected final CallCounts.Running counted;
  private final Authority authority;
  private final String method;
  private final MultiMap headers;
  private final HttpConnection connection;
  private final Context context;
  private final Thread loop = Thread.currentThread();
  private final long arrivedNanos = System.nanoTime();
  private long timeoutMillis;
  private Caller caller = Caller.ANYONE;
  private Runnable endWatch = () -> {};
  private final CallSpan span;
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
    this.span = authority == Authority.OPEN ? CallSpan.NONE : newSpan();
    this.counted = calls.counts().begin(method);
  }

  private CallSpan newSpan() {
    String traceparent = headers.get(Traceparent.HEADER);
    return calls.tracing().call(method, protocol(), requestId, traceparent).in(context);
  }

  /** What the protocol is called in a span. */
  protected abstract String protocol();

  /** The call is let in, and {@link #call} says whose it is. */
  protected abstract void onAdmitted();

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
      timeoutMillis = Timeouts.millis(headers.get(GrpcHeaderNames.GRPC_TIMEOUT));
      if (timeoutMillis == Timeouts.PASSED) {
        throw new FailureException(Failures.deadlineExceeded());
      }
      if (timeoutMillis > 0 && timeoutMillis < NO_TIMER_ABOVE_MILLIS) {
        deadline = calls.vertx().timer(timeoutMillis, TimeUnit.MILLISECONDS);
        deadline.onSuccess(v -> fail(Failures.deadlineExceeded()));
      }
      admit(authority.admit(headers, connection));
    } catch (RuntimeException refused) {
      fail(refused);
    }
  }

  private void admit(Future<Admission> admission) {
    if (admission.isComplete()) {
      admitted(admission);
    } else {
      pause();
      admission.onComplete(v -> context.runOnContext(w -> admitLate(admission)));
    }
  }

  private void admitLate(Future<Admission> admission) {
    if (!closed) {
      admitted(admission);
      resume();
    }
  }

  private void admitted(Future<Admission> admission) {
    if (admission.failed()) {
      fail(admission.cause());
      return;
    }
    Admission admitted = admission.result();
    caller = admitted.caller();
    if (admitted.lastsMillis() < Admission.FOREVER) {
      tokensEnd = calls.vertx().timer(Math.max(1, admitted.lastsMillis()), TimeUnit.MILLISECONDS);
      tokensEnd.onSuccess(v -> fail(Failure.of(TokenVerifier.expired())));
      watch(admitted.watch());
    }
    admitted.standing().ifPresent(standing -> standing.writeTo(responseHeaders()));
    try {
      onAdmitted();
    } catch (RuntimeException refused) {
      fail(refused);
    }
  }

  /** Looks at once, too: the keys may have changed since the token was verified. */
  private void watch(TokenWatch token) {
    endWatch = token.onNewKeys(() -> context.runOnContext(v -> lookAgain(token)));
    lookAgain(token);
  }

  private void lookAgain(TokenWatch token) {
    if (!closed) {
      token.look().onFailure(why -> context.runOnContext(v -> endIfRefused(why)));
    }
  }

  /** While nobody can say whether a token is still good it is. */
  private void endIfRefused(Throwable why) {
    if (why instanceof RefusedException) {
      fail(why);
    }
  }

  protected final Caller caller() {
    return caller;
  }

  /** The call as it stands now, with what is left of its time. */
  protected final Call call() {
    return new Call(caller, leftMillis(), requestId);
  }

  private long leftMillis() {
    long passedMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - arrivedNanos);
    return timeoutMillis == Timeouts.NONE
        ? Timeouts.NONE
        : Math.max(1, timeoutMillis - passedMillis);
  }

  /** The request is there: counts what it asks for, for the limit and for the headers. */
  protected final void countItems(Message request) {
    authority
        .countItems(caller, request)
        .ifPresent(standing -> standing.writeTo(responseHeaders()));
  }

  /** From now on the client has so long to send the rest, or more, of its request. */
  protected final void awaitRequest() {
    cancel(patience);
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
    if (close(failure.status())) {
      send(failure);
      onClosed();
    }
  }

  protected final void clientIsGone() {
    if (close(GrpcStatus.CANCELLED)) {
      onClosed();
    }
  }

  /** Ends the call, unless it is over already; whether it was this that ended it. */
  protected final boolean close(GrpcStatus status) {
    if (closed) {
      return false;
    }
    closed = true;
    span.end(status.code);
    counted.end(status);
    cancel(deadline);
    cancel(tokensEnd);
    cancel(patience);
    endWatch.run();
    return true;
  }

  private static void cancel(Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
  }
}
