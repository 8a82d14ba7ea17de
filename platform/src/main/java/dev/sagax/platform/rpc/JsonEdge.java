package dev.sagax.platform.rpc;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Message;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The unary methods of an edge by JSON over HTTP. */
final class JsonEdge {
  /** No path is as long: two ids of 64 characters, percent-encoded, and their words. */
  private static final int MAX_PATH = 1_024;

  private final OpenCalls calls;
  private final List<JsonRoute<?, ?>> routes = new ArrayList<>();

  JsonEdge(OpenCalls calls) {
    this.calls = calls;
  }

  <Q extends Message, R extends Message> void serve(
      MethodDescriptor descriptor, JsonRoute.JsonMethod<Q, R> method) {
    routes.addAll(JsonRoute.of(descriptor, method));
  }

  void handle(HttpServerRequest http) {
    String path = http.path();
    if (path == null || !path.startsWith("/") || path.length() > MAX_PATH) {
      refuse(http, Failures.unknownPath(String.valueOf(path)));
      return;
    }
    String[] parts = path.substring(1).split("/", -1);
    try {
      boolean known = false;
      for (JsonRoute<?, ?> route : routes) {
        Optional<Map<String, String>> inPath = route.match(parts);
        known |= inPath.isPresent();
        if (inPath.isPresent() && route.verb().equals(http.method().name())) {
          new JsonCall<>(calls, route, inPath.get(), http).start();
          return;
        }
      }
      refuse(http, known ? Failures.wrongVerb(http.method().name()) : Failures.unknownPath(path));
    } catch (FailureException malformedPath) {
      refuse(http, malformedPath.failure());
    }
  }

  private void refuse(HttpServerRequest http, Failure failure) {
    calls.counts().refused(failure.status());
    JsonCall.refuse(http, failure);
  }
}
