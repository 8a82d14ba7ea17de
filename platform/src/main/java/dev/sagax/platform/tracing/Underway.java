package dev.sagax.platform.tracing;

import io.opentelemetry.api.trace.Span;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.spi.context.storage.ContextLocal;
import java.util.List;
import java.util.Optional;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * What a Vert.x context is doing, for whom it asks other services and what it says in the log: a
 * call, or a batch of a step. A call has a context of its own, a step does one batch at a time.
 */
public final class Underway {
  /** Registered before there is any Vert.x, by {@link UnderwayRegistration}. */
  static final ContextLocal<Underway> LOCAL =
      ContextLocal.registerLocal(Underway.class, same -> same);

  private final Tracing tracing;
  private final List<Span> spans;

  private Underway(Tracing tracing, List<Span> spans) {
    this.tracing = tracing;
    this.spans = spans;
  }

  /**
   * From now on the context works for these spans; for nobody if there are none.
   *
   * @param context of a call or a step alone
   */
  static void set(Context context, Tracing tracing, List<Span> spans) {
    if (spans.isEmpty()) {
      context.removeLocal(LOCAL);
    } else {
      context.putLocal(LOCAL, new Underway(tracing, spans));
    }
  }

  /** A call is traced only in a context that no other call shares. */
  static boolean isOfOneCall(Context context) {
    return context instanceof ContextInternal internal && internal.isDuplicate();
  }

  private static Underway here() {
    Context context = Vertx.currentContext();
    return context == null ? null : context.getLocal(LOCAL);
  }

  /** The span that what is caused here belongs to. */
  static Optional<Span> span() {
    Underway here = here();
    return here == null ? Optional.empty() : Optional.of(here.spans.getFirst());
  }

  /** The ids of what is done here, as the log shows them; empty where nothing is traced. */
  public static Optional<Traceparent> ids() {
    return span().map(Tracing::traceparent);
  }

  /** Adds the ids of what is done here to a line of the log. */
  public static LoggingEventBuilder addTo(LoggingEventBuilder line) {
    return addTo(line, ids());
  }

  /** Adds the ids of a trace to a line of the log: {@code trace_id} and {@code span_id}. */
  public static LoggingEventBuilder addTo(LoggingEventBuilder line, Optional<Traceparent> ids) {
    ids.ifPresent(known ->
        line.addKeyValue("trace_id", known.traceId()).addKeyValue("span_id", known.spanId()));
    return line;
  }

  /**
   * Begins a call of another service, for all that are underway here.
   *
   * @param method its full name, as in {@code sagax.ledger.v1.LedgerService/Hold}
   */
  public static AskingSpans asks(String method) {
    Underway here = here();
    return here == null ? AskingSpans.NONE : here.tracing.ask(method, here.spans);
  }
}
