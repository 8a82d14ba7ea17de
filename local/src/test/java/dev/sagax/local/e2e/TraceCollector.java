package dev.sagax.local.e2e;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A collector of the test's own: takes OTLP over HTTP, as real ones do, and keeps what it got. */
final class TraceCollector implements AutoCloseable {
  private static final long SECONDS = 20;
  private static final HexFormat HEX = HexFormat.of();

  private final Vertx vertx = Vertx.vertx();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private int port;

  /** A span and the service that made it. */
  record Seen(String service, Span span) {
    String traceId() {
      return HEX.formatHex(span.getTraceId().toByteArray());
    }

    String id() {
      return HEX.formatHex(span.getSpanId().toByteArray());
    }

    String parent() {
      return HEX.formatHex(span.getParentSpanId().toByteArray());
    }

    /** "order-svc consumer process match.requested" */
    String what() {
      String kind = span.getKind().name().replace("SPAN_KIND_", "").toLowerCase(Locale.ROOT);
      return service + " " + kind + " " + span.getName();
    }

    /** Its attributes as text; what is a list in brackets. */
    Map<String, String> facts() {
      Map<String, String> facts = new TreeMap<>();
      span.getAttributesList().forEach(fact -> facts.put(fact.getKey(), text(fact.getValue())));
      return facts;
    }
  }

  private static String text(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> value.getStringValue();
      case INT_VALUE -> Long.toString(value.getIntValue());
      case ARRAY_VALUE ->
          value.getArrayValue().getValuesList().stream()
              .map(TraceCollector::text)
              .toList()
              .toString();
      default -> value.toString();
    };
  }

  TraceCollector() {
    listen();
  }

  /** Takes the same port again, if it had one. */
  void listen() {
    server = await(vertx.createHttpServer().requestHandler(this::take).listen(port, "127.0.0.1"));
    port = server.actualPort();
  }

  /** Is away. */
  void leave() {
    await(server.close());
  }

  /** What services are told, so that their spans come here soon. */
  Map<String, String> properties() {
    return Map.of(
        "otel.exporter.otlp.endpoint", "http://127.0.0.1:" + port,
        "otel.bsp.schedule.delay", "100",
        "otel.exporter.otlp.timeout", "1000");
  }

  /** Starts something in this JVM that reads these properties as it starts. */
  <T> T tracing(Supplier<T> start) {
    properties().forEach(System::setProperty);
    try {
      return start.get();
    } finally {
      properties().keySet().forEach(System::clearProperty);
    }
  }

  private void take(HttpServerRequest http) {
    http.body().onSuccess(body -> answer(http, body)).onFailure(broken -> http.response().reset());
  }

  private void answer(HttpServerRequest http, Buffer body) {
    try {
      if (!http.path().equals("/v1/traces")) {
        throw new IllegalArgumentException("Nobody sends " + http.path());
      }
      keep(ExportTraceServiceRequest.parseFrom(body.getBytes()));
      http.response()
          .putHeader("content-type", "application/x-protobuf")
          .end(Buffer.buffer(ExportTraceServiceResponse.getDefaultInstance().toByteArray()));
    } catch (InvalidProtocolBufferException | IllegalArgumentException wrong) {
      http.response().setStatusCode(400).end(wrong.toString());
    }
  }

  private void keep(ExportTraceServiceRequest request) {
    for (ResourceSpans resource : request.getResourceSpansList()) {
      String service =
          resource.getResource().getAttributesList().stream()
              .filter(fact -> fact.getKey().equals("service.name"))
              .map(KeyValue::getValue)
              .map(AnyValue::getStringValue)
              .findFirst()
              .orElse("nobody");
      for (ScopeSpans scope : resource.getScopeSpansList()) {
        scope.getSpansList().forEach(span -> seen.add(new Seen(service, span)));
      }
    }
  }

  /** All spans so far. */
  List<Seen> all() {
    return List.copyOf(seen);
  }

  List<Seen> of(String traceId) {
    return seen.stream().filter(span -> span.traceId().equals(traceId)).toList();
  }

  private static <T> T await(io.vertx.core.Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    await(vertx.close());
  }
}
