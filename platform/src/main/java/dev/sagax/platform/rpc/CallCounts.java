package dev.sagax.platform.rpc;

import dev.sagax.platform.metrics.Metrics;
import io.vertx.grpc.common.GrpcStatus;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts the calls of an edge, whatever protocol they came by, under the names that public
 * dashboards know: those of go-grpc-middleware, with its spelling of types and codes. Methods that
 * there are not are one method. Safe on any thread.
 */
final class CallCounts {
  private static final String NOT_KNOWN = "unknown";
  private static final double[] SECONDS = {
    0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5, 0.75, 1, 2.5, 5, 10
  };

  /** What alerts look at is there from the start: a count that begins at 1 shows no increase. */
  private static final List<GrpcStatus> FROM_THE_START =
      List.of(
          GrpcStatus.OK,
          GrpcStatus.UNKNOWN,
          GrpcStatus.DEADLINE_EXCEEDED,
          GrpcStatus.INTERNAL,
          GrpcStatus.UNAVAILABLE,
          GrpcStatus.DATA_LOSS);

  /** How the messages of a method's calls go. */
  enum Type {
    UNARY("unary"),
    SERVER_STREAM("server_stream"),
    BIDI_STREAM("bidi_stream");

    private final String label;

    Type(String label) {
      this.label = label;
    }
  }

  private final Metrics metrics;
  private final Map<String, OfMethod> methods = new ConcurrentHashMap<>();
  private final OfMethod unknown;

  CallCounts(Metrics metrics) {
    this.metrics = metrics;
    this.unknown = new OfMethod(Type.UNARY, NOT_KNOWN, NOT_KNOWN);
  }

  /** Makes a method known, so that its calls are counted under its name. */
  void know(String fullMethodName, Type type) {
    int slash = fullMethodName.lastIndexOf('/');
    methods.computeIfAbsent(
        fullMethodName,
        name ->
            new OfMethod(
                type, fullMethodName.substring(0, slash), fullMethodName.substring(slash + 1)));
  }

  /** A call begins. */
  Running begin(String fullMethodName) {
    return methods.getOrDefault(fullMethodName, unknown).begin();
  }

  /** A call of nothing that there is was refused. */
  void refused(GrpcStatus status) {
    unknown.begin().end(status);
  }

  /** The counts of one method. */
  private final class OfMethod {
    private final String[] labels;
    private final Metrics.Count started;
    private final Metrics.Count received;
    private final Metrics.Count sent;
    private final Metrics.Spread seconds;
    private final Map<GrpcStatus, Metrics.Count> handled = new EnumMap<>(GrpcStatus.class);

    OfMethod(Type type, String service, String method) {
      labels =
          new String[] {"grpc_type", type.label, "grpc_service", service, "grpc_method", method};
      started = metrics.count("grpc_server_started_total", "Calls that began.", labels);
      received =
          metrics.count("grpc_server_msg_received_total", "Messages of the clients.", labels);
      sent = metrics.count("grpc_server_msg_sent_total", "Messages to the clients.", labels);
      seconds =
          metrics.spread(
              "grpc_server_handling_seconds",
              "How long calls took, from their headers to their status.",
              SECONDS,
              labels);
      FROM_THE_START.forEach(this::handled);
    }

    private synchronized Metrics.Count handled(GrpcStatus status) {
      return handled.computeIfAbsent(
          status,
          s ->
              metrics.count(
                  "grpc_server_handled_total",
                  "Calls that ended, however they did.",
                  with("grpc_code", codeOf(s))));
    }

    private String[] with(String name, String value) {
      String[] more = Arrays.copyOf(labels, labels.length + 2);
      more[labels.length] = name;
      more[labels.length + 1] = value;
      return more;
    }

    Running begin() {
      started.one();
      return new Running(this);
    }
  }

  /** A call under way. */
  static final class Running {
    private final OfMethod method;
    private final long began = System.nanoTime();

    private Running(OfMethod method) {
      this.method = method;
    }

    void received() {
      method.received.one();
    }

    void sent() {
      method.sent.one();
    }

    /** To be called once. */
    void end(GrpcStatus status) {
      method.handled(status).one();
      method.seconds.see((System.nanoTime() - began) / 1e9);
    }
  }

  /** "InvalidArgument" */
  static String codeOf(GrpcStatus status) {
    return SPELLED.get(status);
  }

  private static final Map<GrpcStatus, String> SPELLED = spelled();

  private static Map<GrpcStatus, String> spelled() {
    Map<GrpcStatus, String> spelled = new HashMap<>();
    for (GrpcStatus status : GrpcStatus.values()) {
      StringBuilder text = new StringBuilder();
      for (String word : status.name().split("_")) {
        text.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
      }
      spelled.put(status, text.toString());
    }
    spelled.put(GrpcStatus.OK, "OK");
    spelled.put(GrpcStatus.CANCELLED, "Canceled"); // with one l, as Go has it
    return Map.copyOf(spelled);
  }
}
