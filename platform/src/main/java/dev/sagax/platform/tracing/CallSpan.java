package dev.sagax.platform.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.vertx.core.Context;
import java.util.List;
import java.util.Set;

/** A call that somebody makes of this service. */
public final class CallSpan {
  public static final CallSpan NONE = new CallSpan(null, null);

  private static final AttributeKey<Long> STATUS = AttributeKey.longKey("rpc.grpc.status_code");

  /** What says that the server failed, not that the client asked for what cannot be. */
  private static final Set<Integer> SERVERS_FAULT = Set.of(2, 4, 12, 13, 14, 15);

  private final Tracing tracing;
  private final Span span;

  CallSpan(Tracing tracing, Span span) {
    this.tracing = tracing;
    this.span = span;
  }

  /** What is done in this context is done for the call. */
  public CallSpan in(Context context) {
    if (span != null && Underway.isOfOneCall(context)) {
      Underway.set(context, tracing, List.of(span));
    }
    return this;
  }

  /**
   * The call is over.
   *
   * @param status the code of its gRPC status
   */
  public void end(int status) {
    if (span == null) {
      return;
    }
    span.setAttribute(STATUS, (long) status);
    if (SERVERS_FAULT.contains(status)) {
      span.setStatus(StatusCode.ERROR);
    }
    span.end();
  }
}
