package dev.sagax.platform.rpc;

import com.google.protobuf.Message;
import io.vertx.core.Context;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A server-streaming call: one message, then as many answers as the method has. Vert.x would queue
 * without bound what the client does not take; here at most {@link StreamLimits} wait.
 *
 * <pre>
 *   flowing --queue half full--> full --queue a quarter full--> flowing
 *   full --too long, or the queue at its bound--> closed (SLOW_READER)
 * </pre>
 */
final class StreamCall<Q extends Message, R extends Message> extends WireCall<Q, R>
    implements StreamSink<R> {
  private static final long NO_TIMER = -1;

  private final Optional<StreamSeats> seats;
  private final StreamLimits limits;
  private final StreamMethod<Q, R> method;
  private final Authority authority;
  private final Context context;
  private final Runnable endByServer = this::endSoon;
  private final ArrayDeque<R> queue = new ArrayDeque<>();
  private int queuedBytes;
  private boolean full;
  private boolean ending;
  private boolean seated;
  private long patience = NO_TIMER;
  private long pulse = NO_TIMER;
  private long lastWriteNanos = System.nanoTime();
  private Runnable lastWords;
  private Runnable drained = () -> {};
  private Runnable closed = () -> {};
  private Q message;

  /**
   * @param seats what the stream takes one of, if it is counted
   */
  StreamCall(
      OpenCalls calls,
      MessageReader<Q> reader,
      Authority authority,
      Optional<StreamSeats> seats,
      StreamLimits limits,
      StreamMethod<Q, R> method,
      GrpcServerRequest<Q, R> request) {
    super(calls, reader, authority, request);
    this.seats = seats;
    this.limits = limits;
    this.method = method;
    this.context = calls.vertx().getOrCreateContext();
    this.authority = authority;
    calls.streamOpened(authority, endByServer);
  }

  @Override
  protected void onAdmitted() {
    seats.ifPresent(all -> all.take(caller()));
    seated = true;
    response.drainHandler(v -> flow());
    awaitRequest();
  }

  @Override
  protected boolean isOneTooMany() {
    return authority == Authority.OPEN ? calls.tooManyOpenToAll() : calls.tooManyStreams();
  }

  @Override
  protected void onMessage(Q received) {
    if (message != null) {
      fail(Failures.malformed("The call has more than one message; a stream is asked for by one."));
      return;
    }
    message = received;
  }

  @Override
  protected void onEnd() {
    requestIsComplete();
    if (message == null) {
      fail(Failures.malformed("The call has no message; a stream is asked for by one."));
      return;
    }
    try {
      method.open(call(), message, this);
    } catch (Throwable thrown) {
      fail(thrown);
    }
  }

  @Override
  protected void onClosed() {
    calls.streamClosed(authority, endByServer);
    if (seated) {
      seats.ifPresent(all -> all.leave(caller()));
    }
    calls.vertx().cancelTimer(patience);
    calls.vertx().cancelTimer(pulse);
    queue.clear();
    closed.run();
  }

  @Override
  public void write(R answer) {
    if (isClosed() || ending) {
      return;
    }
    lastWriteNanos = System.nanoTime();
    if (queue.isEmpty() && !response.writeQueueFull()) {
      send(answer);
      return;
    }
    queue.add(answer);
    queuedBytes += answer.getSerializedSize();
    if (isOver(limits.queuedMessages(), limits.queuedBytes())) {
      drop();
    } else if (!full && isOver(limits.queuedMessages() / 2, limits.queuedBytes() / 2)) {
      full = true;
      patience = calls.vertx().setTimer(limits.patienceMillis(), t -> drop());
    }
  }

  private boolean isOver(int messages, int bytes) {
    return queue.size() > messages || queuedBytes > bytes && queue.size() > 1;
  }

  /** The client has taken something. */
  private void flow() {
    if (lastWords != null && !response.writeQueueFull()) {
      lastWords.run();
      lastWords = null;
      return;
    }
    while (!queue.isEmpty() && !isClosed() && !response.writeQueueFull()) {
      R next = queue.remove();
      queuedBytes -= next.getSerializedSize();
      send(next);
    }
    if (ending && queue.isEmpty()) {
      end(null);
    } else if (full && !isOver(limits.queuedMessages() / 4, limits.queuedBytes() / 4)) {
      full = false;
      calls.vertx().cancelTimer(patience);
      drained.run();
    }
  }

  private void send(R answer) {
    counted.sent();
    try {
      response.write(answer);
    } catch (IllegalStateException resetMeanwhile) {
      // The handlers of the request are told that the client is gone.
    }
  }

  private void drop() {
    fail(Failures.slowReader());
  }

  /**
   * The status comes after what the client has not read yet. Who does not read that either is
   * reset, so that nothing is kept for him.
   */
  @Override
  protected void finish(Runnable end) {
    if (!response.writeQueueFull()) {
      end.run();
      return;
    }
    lastWords = end;
    calls.vertx().setTimer(limits.patienceMillis(), t -> reset());
  }

  private void reset() {
    if (lastWords != null) {
      lastWords = null;
      response.cancel();
    }
  }

  @Override
  public boolean isFull() {
    return full;
  }

  @Override
  public void onDrain(Runnable drained) {
    this.drained = drained;
  }

  @Override
  public void onClosed(Runnable closed) {
    if (isClosed()) {
      closed.run();
    } else {
      this.closed = closed;
    }
  }

  @Override
  public void heartbeat(Supplier<R> beat) {
    if (pulse == NO_TIMER && !isClosed()) {
      beatIn(limits.heartbeatMillis(), beat);
    }
  }

  private void beatIn(long millis, Supplier<R> beat) {
    pulse = calls.vertx().setTimer(millis, t -> beat(beat));
  }

  private void beat(Supplier<R> beat) {
    long silent = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastWriteNanos);
    if (silent < limits.heartbeatMillis()) {
      beatIn(limits.heartbeatMillis() - silent, beat);
      return;
    }
    if (queue.isEmpty()) {
      write(beat.get());
    }
    beatIn(limits.heartbeatMillis(), beat);
  }

  @Override
  public void end() {
    if (!isClosed()) {
      ending = true;
      flow();
    }
  }

  private void endSoon() {
    context.runOnContext(v -> fail(Failures.shuttingDown()));
  }
}
