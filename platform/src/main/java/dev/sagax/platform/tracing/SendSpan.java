package dev.sagax.platform.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.util.Optional;

/** An instruction on its way into the log. */
public final class SendSpan {
  public static final SendSpan NONE = new SendSpan(null);

  private static final AttributeKey<Long> OFFSET = AttributeKey.longKey("messaging.kafka.offset");

  private final Span span;

  SendSpan(Span span) {
    this.span = span;
  }

  /** What the record carries; empty where nothing is traced. */
  public Optional<Traceparent> traceparent() {
    return span == null ? Optional.empty() : Optional.of(Tracing.traceparent(span));
  }

  /** The record is acknowledged. */
  public void appended(long offset) {
    if (span != null) {
      span.setAttribute(OFFSET, offset);
      span.end();
    }
  }

  public void failed(Exception failure) {
    if (span != null) {
      span.setStatus(StatusCode.ERROR, failure.getClass().getSimpleName());
      span.end();
    }
  }
}
