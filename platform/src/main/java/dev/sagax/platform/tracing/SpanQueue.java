package dev.sagax.platform.tracing;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The spans that wait for the collector. There is room for so many; who comes when it is full, and
 * what the collector does not take, is lost and counted. Nobody ever waits for the collector.
 */
final class SpanQueue {
  private static final Logger LOG = LoggerFactory.getLogger(SpanQueue.class);
  private static final long WARN_MILLIS = 60_000;

  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong nextWarning = new AtomicLong(Long.MIN_VALUE);
  private volatile int room = Integer.MAX_VALUE;

  /** Spans that no collector has got and none will get. */
  long lost() {
    return lost.get();
  }

  /** Guards the SDK's own queue, which drops in silence, against being full. */
  SpanProcessor before(SpanProcessor sdks, int size) {
    room = size;
    return new Entry(sdks);
  }

  /** Sees what leaves the queue and whether the collector took it. */
  SpanExporter before(SpanExporter sdks) {
    return new Exit(sdks);
  }

  private void lost(int spans, String why) {
    lost.addAndGet(spans);
    long now = System.nanoTime() / 1_000_000;
    long next = nextWarning.get();
    if (now >= next && nextWarning.compareAndSet(next, now + WARN_MILLIS)) {
      LOG.warn("Spans are lost: {}; {} of this process so far", why, lost.get());
    }
  }

  private final class Entry implements SpanProcessor {
    private final SpanProcessor next;

    Entry(SpanProcessor next) {
      this.next = next;
    }

    @Override
    public void onStart(Context parent, ReadWriteSpan span) {
      next.onStart(parent, span);
    }

    @Override
    public boolean isStartRequired() {
      return next.isStartRequired();
    }

    @Override
    public void onEnd(ReadableSpan span) {
      if (!span.getSpanContext().isSampled()) {
        return;
      }
      if (waiting.incrementAndGet() > room) {
        waiting.decrementAndGet();
        lost(1, "the queue is full");
      } else {
        next.onEnd(span);
      }
    }

    @Override
    public boolean isEndRequired() {
      return true;
    }

    @Override
    public CompletableResultCode shutdown() {
      return next.shutdown();
    }

    @Override
    public CompletableResultCode forceFlush() {
      return next.forceFlush();
    }
  }

  private final class Exit implements SpanExporter {
    private final SpanExporter next;

    Exit(SpanExporter next) {
      this.next = next;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      int count = spans.size();
      waiting.addAndGet(-count);
      CompletableResultCode result = next.export(spans);
      result.whenComplete(() -> {
        if (!result.isSuccess()) {
          lost(count, "the collector does not take them");
        }
      });
      return result;
    }

    @Override
    public CompletableResultCode flush() {
      return next.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
      return next.shutdown();
    }
  }
}
