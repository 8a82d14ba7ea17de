package dev.sagax.platform.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.util.List;
import java.util.Optional;

/**
 * One call of another service, in the trace of everyone for whom it is made. The peer's span is in
 * the first one's trace; the others' spans link there.
 */
public final class AskingSpans {
  static final AskingSpans NONE = new AskingSpans(List.of());

  private final List<Span> spans;

  AskingSpans(List<Span> spans) {
    this.spans = spans;
  }

  /** What the call carries; empty where nothing is traced. */
  public Optional<Traceparent> traceparent() {
    return spans.isEmpty() ? Optional.empty() : Optional.of(Tracing.traceparent(spans.getFirst()));
  }

  /**
   * The call is over.
   *
   * @param failure null if it was answered
   */
  public void end(Throwable failure) {
    for (Span span : spans) {
      if (failure != null) {
        span.setStatus(StatusCode.ERROR, failure.getClass().getSimpleName());
      }
      span.end();
    }
  }
}
