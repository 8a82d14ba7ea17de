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
    try {
      boolean known = false;
      for (JsonRoute<?, ?> route : routes) {
        Optional<Map<String, String>> inPath = route.match(http.path());
        known |= inPath.isPresent();
        if (inPath.isPresent() && route.verb().equals(http.method().name())) {
          new JsonCall<>(calls, route, inPath.get(), http).start();
          return;
        }
      }
      JsonCall.refuse(
          http,
          known ? Failures.wrongVerb(http.method().name()) : Failures.unknownPath(http.path()));
    } catch (FailureException malformedPath) {
      JsonCall.refuse(http, malformedPath.failure());
    }
  }
}
