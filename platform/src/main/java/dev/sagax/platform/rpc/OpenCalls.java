package dev.sagax.platform.rpc;

import dev.sagax.platform.metrics.Metrics;
import dev.sagax.platform.tracing.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The calls under way on one edge, how many there may be, and whether it still takes new ones. */
final class OpenCalls {
  private final Vertx vertx;
  private final AtomicInteger unary = new AtomicInteger();
  private final AtomicInteger streams = new AtomicInteger();
  private final AtomicInteger unaryOpenToAll = new AtomicInteger();
  private final AtomicInteger openToAll = new AtomicInteger();
  private final Set<Runnable> streamEnds = ConcurrentHashMap.newKeySet();
  private final Promise<Void> drained = Promise.promise();
  private final EdgeSettings.Bounds bounds;
  private final CallCounts counts;
  private volatile boolean draining;
  private volatile Tracing tracing = Tracing.OFF;

  OpenCalls(Vertx vertx, EdgeSettings.Bounds bounds) {
    this(vertx, bounds, new Metrics());
  }

  /**
   * @param metrics where they are counted
   */
  OpenCalls(Vertx vertx, EdgeSettings.Bounds bounds, Metrics metrics) {
    this.vertx = vertx;
    this.bounds = bounds;
    this.counts = new CallCounts(metrics);
  }

  CallCounts counts() {
    return counts;
  }

  /** How long a client may take to send a request that has begun. */
  long requestMillis() {
    return bounds.requestMillis();
  }

  Vertx vertx() {
    return vertx;
  }

  void trace(Tracing tracing) {
    this.tracing = tracing;
  }

  Tracing tracing() {
    return tracing;
  }

  boolean isDraining() {
    return draining;
  }

  /**
   * Whether there are more than there may be, with the one that was just opened. Those that need no
   * token, for health, are counted apart: a busy process must not be taken for a dead one.
   */
  boolean tooManyUnary(Authority authority) {
    return (authority == Authority.OPEN ? unaryOpenToAll : unary).get() > bounds.calls();
  }

  /** Whether there are more than there may be, with the one that was just opened. */
  boolean tooManyStreams() {
    return streams.get() > bounds.streams();
  }

  /**
   * The same of the streams that need no token, health and reflection: so nobody without one takes
   * the places of those who have one.
   */
  boolean tooManyOpenToAll() {
    return openToAll.get() > bounds.streams();
  }

  void unaryOpened(Authority authority) {
    (authority == Authority.OPEN ? unaryOpenToAll : unary).incrementAndGet();
  }

  void unaryClosed(Authority authority) {
    if (authority == Authority.OPEN) {
      unaryOpenToAll.decrementAndGet();
    } else if (unary.decrementAndGet() == 0 && draining) {
      drained.tryComplete();
    }
  }

  /**
   * @param end ends the stream; called on any thread
   */
  void streamOpened(Authority authority, Runnable end) {
    counterOf(authority).incrementAndGet();
    streamEnds.add(end);
  }

  void streamClosed(Authority authority, Runnable end) {
    counterOf(authority).decrementAndGet();
    streamEnds.remove(end);
  }

  private AtomicInteger counterOf(Authority authority) {
    return authority == Authority.OPEN ? openToAll : streams;
  }

  /** Takes no more calls, ends the streams, and waits a while for the unary calls under way. */
  Future<Void> drain(long patienceMillis) {
    draining = true;
    streamEnds.forEach(Runnable::run);
    if (unary.get() == 0) {
      drained.tryComplete();
    }
    return drained.future().timeout(patienceMillis, TimeUnit.MILLISECONDS).otherwiseEmpty();
  }
}
