package dev.sagax.platform.rpc;

import io.netty.channel.Channel;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** Closes the connections that are too many, those that are lost, and those that only make work. */
final class ConnectionGuard {
  private static final int MAX_RESETS_IN_30_SECONDS = 10_000;
  private static final int WINDOW_BYTES = 4 * 1024 * 1024;
  private static final long PING_WINDOW_MILLIS = 10_000;

  /** HTTP/2's ENHANCE_YOUR_CALM. */
  private static final long CALM = 11;

  private final EdgeSettings.Bounds bounds;
  private final AtomicInteger open = new AtomicInteger();

  ConnectionGuard(EdgeSettings.Bounds bounds) {
    this.bounds = bounds;
  }

  HttpServerOptions options() {
    return new HttpServerOptions()
        .setInitialSettings(
            new Http2Settings().setMaxConcurrentStreams(bounds.callsPerConnection()))
        .setHttp2ConnectionWindowSize(WINDOW_BYTES)
        // A client resets a call whose deadline passed; in an overload that is no attack.
        .setHttp2RstFloodMaxRstFramePerWindow(MAX_RESETS_IN_30_SECONDS)
        .setIdleTimeout(bounds.idleSeconds())
        .setIdleTimeoutUnit(TimeUnit.SECONDS);
  }

  /** A socket is there, and has said nothing yet. */
  void accepted(Channel channel) {
    channel.closeFuture().addListener(closed -> open.decrementAndGet());
    new ConnectionWatch(channel, bounds).accepted();
    if (open.incrementAndGet() > bounds.connections()) {
      channel.close();
    }
  }

  /** It speaks HTTP. */
  void opened(HttpConnection connection) {
    ConnectionWatch watch = ConnectionWatch.of(connection);
    if (watch.hasPings()) {
      watch.ask(connection);
      countPings(connection, watch);
    }
  }

  /** It asks for something. */
  void requested(HttpConnection connection) {
    ConnectionWatch.of(connection).requested();
  }

  private void countPings(HttpConnection connection, ConnectionWatch watch) {
    LongSupplier millis = () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    PingCount pings = new PingCount(bounds.pings(), PING_WINDOW_MILLIS, millis);
    connection.pingHandler(ping -> {
      if (pings.isOneTooMany()) {
        connection.goAway(CALM);
        connection.close();
        watch.dropSoon();
      }
    });
  }
}
