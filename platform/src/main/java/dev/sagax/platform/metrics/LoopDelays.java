package dev.sagax.platform.metrics;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Context;
import io.vertx.core.internal.ContextInternal;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures for how long event loops did nothing of what was due, because something held them: a
 * tick is due on each every 100 ms, and what it is late is the delay. Contexts that share a loop
 * are measured once. Safe on any thread.
 */
public final class LoopDelays {
  private static final long TICK_MILLIS = 100;

  /** What a timer is late anyway, and nobody feels. */
  private static final long NOT_WORTH_COUNTING_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** The longest delay is told for one to two windows. */
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Map<EventLoop, Ticks> loops = new HashMap<>();
  private final AtomicLong blockedNanos = new AtomicLong();
  private long windowBegan = System.nanoTime();
  private long longestBefore;
  private long longestNow;

  /** The ticks of one loop. */
  private final class Ticks implements Runnable {
    private final ScheduledFuture<?> schedule;
    private int watched = 1;
    private long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);

    Ticks(EventLoop loop) {
      schedule = loop.scheduleWithFixedDelay(this, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void run() {
      long now = System.nanoTime();
      if (now - due > NOT_WORTH_COUNTING_NANOS) {
        delayed(now - due);
      }
      due = now + TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);
    }
  }

  /** Tells what is measured. */
  public LoopDelays in(Metrics metrics) {
    metrics
        .counter(
            "sagax_event_loop_blocked_seconds_total",
            "By how much ticks of the event loops were late, all of more than 20 ms together.",
            () -> blockedNanos.get() / 1e9)
        .gauge(
            "sagax_event_loop_longest_delay_seconds",
            "The longest that a tick of an event loop was late within the last one to two minutes.",
            this::longestSeconds);
    return this;
  }

  /**
   * Measures the event loop of a context, too.
   *
   * @return ends it
   */
  public synchronized Runnable watch(Context context) {
    EventLoop loop = ((ContextInternal) context).nettyEventLoop();
    Ticks known = loops.get(loop);
    if (known == null) {
      loops.put(loop, new Ticks(loop));
    } else {
      known.watched++;
    }
    return () -> unwatch(loop);
  }

  private synchronized void unwatch(EventLoop loop) {
    Ticks ticks = loops.get(loop);
    if (--ticks.watched == 0) {
      loops.remove(loop);
      ticks.schedule.cancel(false);
    }
  }

  private void delayed(long nanos) {
    blockedNanos.addAndGet(nanos);
    synchronized (this) {
      turn();
      longestNow = Math.max(longestNow, nanos);
    }
  }

  private synchronized double longestSeconds() {
    turn();
    return Math.max(longestBefore, longestNow) / 1e9;
  }

  private void turn() {
    long now = System.nanoTime();
    if (now - windowBegan > WINDOW_NANOS) {
      longestBefore = now - windowBegan > 2 * WINDOW_NANOS ? 0 : longestNow;
      longestNow = 0;
      windowBegan = now;
    }
  }
}
