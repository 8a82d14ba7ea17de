package dev.sagax.platform.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Spans on their way to a collector that is slow, or away. */
class SpanQueueTest {
  private static final int ROOM = 64;
  private static final int BATCH = 16;

  private final SpanQueue queue = new SpanQueue();

  /** Takes nothing before it is opened; then everything, or nothing. */
  private static final class Collector implements SpanExporter {
    final CountDownLatch open = new CountDownLatch(1);
    final CountDownLatch asked = new CountDownLatch(1);
    final AtomicInteger taken = new AtomicInteger();
    private final boolean takes;

    Collector(boolean takes) {
      this.takes = takes;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      asked.countDown();
      try {
        open.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (!takes) {
        return CompletableResultCode.ofFailure();
      }
      taken.addAndGet(spans.size());
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  private SdkTracerProvider spansTo(SpanExporter collector) {
    return SdkTracerProvider.builder()
        .addSpanProcessor(
            queue.before(
                BatchSpanProcessor.builder(queue.before(collector))
                    .setMaxQueueSize(ROOM)
                    .setMaxExportBatchSize(BATCH)
                    .build(),
                ROOM))
        .build();
  }

  private static void end(SdkTracerProvider tracing, int spans) {
    for (int n = 0; n < spans; n++) {
      Span span = tracing.get("test").spanBuilder("span").startSpan();
      span.end();
    }
  }

  @Test
  @Timeout(30)
  void nobodyWaitsForACollectorAndEverySpanIsTakenOrCounted() throws InterruptedException {
    Collector stuck = new Collector(true);
    SdkTracerProvider tracing = spansTo(stuck);

    end(tracing, BATCH);
    assertThat(stuck.asked.await(20, TimeUnit.SECONDS)).isTrue();
    end(tracing, 1_000);

    assertThat(queue.lost()).isEqualTo(1_000 - ROOM);
    stuck.open.countDown();
    tracing.shutdown().join(20, TimeUnit.SECONDS);
    assertThat(stuck.taken.get() + queue.lost()).isEqualTo(BATCH + 1_000);
  }

  @Test
  @Timeout(30)
  void whatTheCollectorRefusesIsCounted() {
    Collector refusing = new Collector(false);
    refusing.open.countDown();
    SdkTracerProvider tracing = spansTo(refusing);

    end(tracing, 40);
    tracing.shutdown().join(20, TimeUnit.SECONDS);

    assertThat(queue.lost()).isEqualTo(40);
    assertThat(refusing.taken).hasValue(0);
  }
}
