package dev.sagax.platform.rpc;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.concurrent.TimeUnit;

/**
 * One connection from its accept to its end, on its event loop. It has to ask for something soon;
 * over HTTP/2 it has to show now and then that it is still there, and is sent away when it asks for
 * nothing for long. So a client that vanished keeps nothing that others need.
 *
 * <pre>
 *   accepted --first request--> speaking
 *   accepted --too long--> closed
 *   speaking --silence--> asked --pong--> speaking
 *   asked --no pong--> closed
 * </pre>
 */
final class ConnectionWatch {
  private static final AttributeKey<ConnectionWatch> KEY =
      AttributeKey.valueOf(ConnectionWatch.class, "watch");
  private static final long GOODBYE_MILLIS = 1_000;
  private static final int PING_BYTES = 8;

  private final Channel channel;
  private final EdgeSettings.Silence silence;
  private final long idleMillis;
  private Future<?> firstRequest;
  private Future<?> pulse;
  private long heardNanos = System.nanoTime();
  private long requestedNanos = heardNanos;
  private boolean ending;

  ConnectionWatch(Channel channel, EdgeSettings.Bounds bounds) {
    this.channel = channel;
    this.silence = bounds.silence();
    this.idleMillis = TimeUnit.SECONDS.toMillis(bounds.idleSeconds());
  }

  static ConnectionWatch of(HttpConnection connection) {
    return ((HttpServerConnection) connection).channelHandlerContext().channel().attr(KEY).get();
  }

  /** The socket is there. The watch ends with it. */
  void accepted() {
    channel.attr(KEY).set(this);
    firstRequest = in(silence.firstRequestMillis(), this::drop);
    channel.closeFuture().addListener(closed -> end());
  }

  private void end() {
    firstRequest.cancel(false);
    if (pulse != null) {
      pulse.cancel(false);
    }
  }

  /** A request has come. */
  void requested() {
    firstRequest.cancel(false);
    heardNanos = System.nanoTime();
    requestedNanos = heardNanos;
  }

  /** HTTP/1 has no pings; there the operating system has to notice that a client is gone. */
  boolean hasPings() {
    return http2() != null;
  }

  private Http2ConnectionHandler http2() {
    return channel.pipeline().get(Http2ConnectionHandler.class);
  }

  /** Asks the client whether it is there, whenever it was silent for a while. */
  void ask(HttpConnection connection) {
    pulseIn(silence.pingMillis(), () -> look(connection));
  }

  private void look(HttpConnection connection) {
    long silentMillis = millisSince(heardNanos);
    if (isIdle()) {
      sendAway(connection);
    } else if (silentMillis < silence.pingMillis()) {
      pulseIn(silence.pingMillis() - silentMillis, () -> look(connection));
    } else {
      ping(connection);
    }
  }

  private boolean isIdle() {
    return millisSince(requestedNanos) >= idleMillis
        && http2().connection().numActiveStreams() == 0;
  }

  private void sendAway(HttpConnection connection) {
    connection.shutdown(GOODBYE_MILLIS, TimeUnit.MILLISECONDS);
    dropSoon();
  }

  /** In two halves: a pong that came while this process stood still is read between them. */
  private void ping(HttpConnection connection) {
    long half = Math.ceilDiv(silence.pongMillis(), 2);
    pulseIn(half, () -> pulseIn(half, this::drop));
    connection
        .ping(Buffer.buffer(new byte[PING_BYTES]))
        .onSuccess(pong -> {
          if (!ending) {
            heardNanos = System.nanoTime();
            pulseIn(silence.pingMillis(), () -> look(connection));
          }
        });
  }

  /** Gives what was said last a moment to arrive. */
  void dropSoon() {
    if (!ending) {
      ending = true;
      pulseIn(2 * GOODBYE_MILLIS, this::drop);
    }
  }

  /** Closes the socket itself: a polite end waits behind what a lost client does not take. */
  private void drop() {
    channel.pipeline().firstContext().close();
  }

  private void pulseIn(long millis, Runnable beat) {
    if (pulse != null) {
      pulse.cancel(false);
    }
    if (channel.isActive()) {
      pulse = in(millis, beat);
    }
  }

  private Future<?> in(long millis, Runnable then) {
    return channel.eventLoop().schedule(then, millis, TimeUnit.MILLISECONDS);
  }

  private static long millisSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
  }
}
