package dev.sagax.platform.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Makes the spans of one service and sends them to a collector, as the variables {@code OTEL_*} say
 * that OpenTelemetry defines. Off unless they name a collector; then nothing is made and nothing is
 * sent. Safe on any thread.
 */
public final class Tracing {
  /** No spans. */
  public static final Tracing OFF = new Tracing(null, null, new SpanIds(), new SpanQueue());

  private static final String ENDPOINT = "otel.exporter.otlp.endpoint";
  private static final String TRACES_ENDPOINT = "otel.exporter.otlp.traces.endpoint";
  private static final String EXPORTER = "otel.traces.exporter";
  private static final String DISABLED = "otel.sdk.disabled";
  private static final String SERVICE = "service.name";
  private static final String QUEUE_SIZE = "otel.bsp.max.queue.size";
  private static final int USUAL_QUEUE_SIZE = 2_048;
  private static final long LAST_SPANS_SECONDS = 3;

  /** They are unset here, for they say again what {@link SpanQueue} says, past our log. */
  private static final List<Logger> TALKATIVE =
      List.of(
          Logger.getLogger("io.opentelemetry.exporter"),
          Logger.getLogger("io.opentelemetry.sdk.trace.export"));

  private static final AttributeKey<String> RPC_SYSTEM = AttributeKey.stringKey("rpc.system");
  private static final AttributeKey<String> RPC_SERVICE = AttributeKey.stringKey("rpc.service");
  private static final AttributeKey<String> RPC_METHOD = AttributeKey.stringKey("rpc.method");
  private static final AttributeKey<String> REQUEST_ID = AttributeKey.stringKey("sagax.request_id");
  private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
  private static final AttributeKey<String> OPERATION =
      AttributeKey.stringKey("messaging.operation.type");
  private static final AttributeKey<String> DESTINATION =
      AttributeKey.stringKey("messaging.destination.name");
  private static final AttributeKey<String> PARTITION =
      AttributeKey.stringKey("messaging.destination.partition.id");

  private final OpenTelemetrySdk sdk;
  private final Tracer tracer;
  private final SpanIds ids;
  private final SpanQueue queue;

  private Tracing(OpenTelemetrySdk sdk, Tracer tracer, SpanIds ids, SpanQueue queue) {
    this.sdk = sdk;
    this.tracer = tracer;
    this.ids = ids;
    this.queue = queue;
  }

  /**
   * As the environment, or system properties of the same names in lower case with dots, want it.
   *
   * @param service what the spans name as their service, unless {@code OTEL_SERVICE_NAME} does
   * @param instance which of its replicas this is; "" if it has no name
   * @throws RuntimeException with a sentence if a variable cannot be
   */
  public static Tracing ofEnvironment(String service, String version, String instance) {
    return isWanted(Tracing::variable) ? start(service, version, instance) : OFF;
  }

  /**
   * @param settings gives the value of a property, null for none
   */
  static boolean isWanted(UnaryOperator<String> settings) {
    String exporter = settings.apply(EXPORTER);
    boolean disabled = "true".equalsIgnoreCase(settings.apply(DISABLED));
    boolean named =
        isSet(settings.apply(ENDPOINT))
            || isSet(settings.apply(TRACES_ENDPOINT))
            || isSet(exporter);
    return named && !disabled && !"none".equalsIgnoreCase(exporter);
  }

  private static boolean isSet(String value) {
    return value != null && !value.isBlank();
  }

  private static String variable(String property) {
    String value = System.getProperty(property);
    return value != null
        ? value
        : System.getenv(property.toUpperCase(Locale.ROOT).replace('.', '_'));
  }

  private static Tracing start(String service, String version, String instance) {
    TALKATIVE.forEach(logger -> logger.setLevel(Level.OFF));
    SpanIds ids = new SpanIds();
    SpanQueue queue = new SpanQueue();
    OpenTelemetrySdk sdk =
        AutoConfiguredOpenTelemetrySdk.builder()
            .addPropertiesSupplier(Tracing::defaults)
            .addResourceCustomizer((resource, config) ->
                config.getString("otel.service.name") == null
                    ? resource.merge(resource(service, version, instance))
                    : resource(service, version, instance).merge(resource))
            .addTracerProviderCustomizer((builder, config) -> builder.setIdGenerator(ids))
            .addSpanExporterCustomizer((exporter, config) -> queue.before(exporter))
            .addSpanProcessorCustomizer((processor, config) ->
                queue.before(processor, config.getInt(QUEUE_SIZE, USUAL_QUEUE_SIZE)))
            .disableShutdownHook()
            .build()
            .getOpenTelemetrySdk();
    return new Tracing(sdk, sdk.getTracer("dev.sagax", version), ids, queue);
  }

  /**
   * Keeps every trace and hands every span to this.
   *
   * @param service what the spans name as their service
   */
  public static Tracing into(SpanProcessor processor, String service) {
    SpanIds ids = new SpanIds();
    OpenTelemetrySdk sdk =
        OpenTelemetrySdk.builder()
            .setTracerProvider(
                SdkTracerProvider.builder()
                    .setResource(resource(service, "", ""))
                    .setIdGenerator(ids)
                    .addSpanProcessor(processor)
                    .build())
            .build();
    return new Tracing(sdk, sdk.getTracer("dev.sagax"), ids, new SpanQueue());
  }

  /** Metrics are scraped and logs are collected elsewhere. */
  private static Map<String, String> defaults() {
    return Map.of(
        EXPORTER,
        "otlp",
        "otel.metrics.exporter",
        "none",
        "otel.logs.exporter",
        "none",
        "otel.exporter.otlp.protocol",
        "http/protobuf",
        QUEUE_SIZE,
        Integer.toString(USUAL_QUEUE_SIZE));
  }

  private static Resource resource(String service, String version, String instance) {
    Map<String, String> facts = new HashMap<>();
    facts.put(SERVICE, service);
    facts.put("service.namespace", "sagax");
    facts.put("service.version", version);
    if (!instance.isEmpty()) {
      facts.put("service.instance.id", instance);
    }
    var attributes = Attributes.builder();
    facts.forEach(attributes::put);
    return Resource.create(attributes.build());
  }

  public boolean isOn() {
    return tracer != null;
  }

  /** Spans that were lost, because the collector did not take them or not soon enough. */
  public long lost() {
    return queue.lost();
  }

  /** Sends what waits, for some seconds at most. Blocking: not for event loops. */
  public Void close() {
    if (isOn()) {
      sdk.shutdown().join(LAST_SPANS_SECONDS, TimeUnit.SECONDS);
    }
    return null;
  }

  // ---- calls

  /**
   * Begins a call that somebody makes of this service.
   *
   * @param method its full name
   * @param protocol "grpc", or "http" for JSON
   * @param traceparent the header of the call, null if it has none
   */
  public CallSpan call(String method, String protocol, String requestId, String traceparent) {
    if (!isOn()) {
      return CallSpan.NONE;
    }
    SpanBuilder span = rpc(method, SpanKind.SERVER, protocol).setAttribute(REQUEST_ID, requestId);
    Traceparent.parse(traceparent)
        .ifPresentOrElse(parent -> span.setParent(remote(parent)), span::setNoParent);
    return new CallSpan(this, span.startSpan());
  }

  AskingSpans ask(String method, List<Span> askers) {
    List<Span> asking = new ArrayList<>(askers.size());
    for (Span asker : askers) {
      SpanBuilder span = rpc(method, SpanKind.CLIENT, "grpc").setParent(Context.root().with(asker));
      if (!asking.isEmpty()) {
        span.addLink(asking.getFirst().getSpanContext());
      }
      asking.add(span.startSpan());
    }
    return new AskingSpans(asking);
  }

  private SpanBuilder rpc(String method, SpanKind kind, String protocol) {
    int slash = method.lastIndexOf('/');
    return tracer
        .spanBuilder(method)
        .setSpanKind(kind)
        .setAttribute(RPC_SYSTEM, protocol)
        .setAttribute(RPC_SERVICE, method.substring(0, Math.max(slash, 0)))
        .setAttribute(RPC_METHOD, method.substring(slash + 1));
  }

  // ---- records

  /** Begins to append a record for what is underway here, or on its own account. */
  public SendSpan send(String topic, int partition) {
    if (!isOn()) {
      return SendSpan.NONE;
    }
    SpanBuilder span =
        message("send", topic, partition, SpanKind.PRODUCER).setAttribute(OPERATION, "send");
    Optional<Span> here = Underway.span();
    here.ifPresentOrElse(parent -> span.setParent(Context.root().with(parent)), span::setNoParent);
    return new SendSpan(span.startSpan());
  }

  /**
   * Begins the step of a service over one record.
   *
   * @param parent what the record carries
   * @param step the name of the step, for instance "order-svc"
   * @param position of the record in its topic-partition
   */
  public Span step(Traceparent parent, String step, String topic, int partition, long position) {
    SpanBuilder span =
        message("process", topic, partition, SpanKind.CONSUMER)
            .setAttribute(OPERATION, "process")
            .setParent(remote(parent));
    ids.choose(SpanIds.ofStep(parent, step, topic, partition, position));
    return span.startSpan();
  }

  private SpanBuilder message(String what, String topic, int partition, SpanKind kind) {
    return tracer
        .spanBuilder(what + " " + topic)
        .setSpanKind(kind)
        .setAttribute(SYSTEM, "kafka")
        .setAttribute(DESTINATION, topic)
        .setAttribute(PARTITION, Integer.toString(partition));
  }

  /** Says something about the business of a span. */
  public static void tell(Span span, Fact fact, String value) {
    span.setAttribute(fact.key, value);
  }

  /** From now on a step works for these records, when it asks other services. */
  public void worksFor(List<Span> spans, io.vertx.core.Context step) {
    Underway.set(step, this, spans);
  }

  private static Context remote(Traceparent parent) {
    TraceFlags flags = parent.sampled() ? TraceFlags.getSampled() : TraceFlags.getDefault();
    return Context.root()
        .with(
            Span.wrap(
                SpanContext.createFromRemoteParent(
                    parent.traceId(), parent.spanId(), flags, TraceState.getDefault())));
  }

  /** What the next hop has to know of a span. */
  public static Traceparent traceparent(Span span) {
    SpanContext context = span.getSpanContext();
    return new Traceparent(context.getTraceId(), context.getSpanId(), context.isSampled());
  }
}
