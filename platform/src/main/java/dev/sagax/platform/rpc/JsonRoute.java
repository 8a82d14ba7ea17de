package dev.sagax.platform.rpc;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A way to call a unary method by JSON over HTTP.
 *
 * @param verb GET or POST
 * @param hasBody whether the request is the body, with what path and query name; otherwise it is
 *     these alone
 */
record JsonRoute<Q extends Message, R extends Message>(
    String verb, JsonPath path, boolean hasBody, JsonMethod<Q, R> method) {

  /**
   * A method and what it needs to be called.
   *
   * @param prototype an empty request
   */
  record JsonMethod<Q extends Message, R extends Message>(
      String name, Q prototype, Authority authority, UnaryMethod<Q, R> body) {}

  /**
   * The ways of a method: those of its option {@code (google.api.http)}, and POST to {@code
   * /package.Service/Method}, which every method has.
   *
   * @throws IllegalArgumentException if the option says what is not known here
   */
  static <Q extends Message, R extends Message> List<JsonRoute<Q, R>> of(
      MethodDescriptor descriptor, JsonMethod<Q, R> method) {
    List<JsonRoute<Q, R>> routes = new ArrayList<>();
    routes.add(new JsonRoute<>("POST", new JsonPath("/" + method.name()), true, method));
    if (descriptor.getOptions().hasExtension(AnnotationsProto.http)) {
      HttpRule rule = descriptor.getOptions().getExtension(AnnotationsProto.http);
      routes.add(of(rule, method));
      rule.getAdditionalBindingsList().forEach(more -> routes.add(of(more, method)));
    }
    return routes;
  }

  private static <Q extends Message, R extends Message> JsonRoute<Q, R> of(
      HttpRule rule, JsonMethod<Q, R> method) {
    boolean hasBody = rule.getBody().equals("*");
    if (!hasBody && !rule.getBody().isEmpty()) {
      throw new IllegalArgumentException(
          "The body of %s must be \"*\" or not stated.".formatted(method.name()));
    }
    return switch (rule.getPatternCase()) {
      case GET -> new JsonRoute<>("GET", new JsonPath(rule.getGet()), hasBody, method);
      case POST -> new JsonRoute<>("POST", new JsonPath(rule.getPost()), hasBody, method);
      case PUT, DELETE, PATCH, CUSTOM, PATTERN_NOT_SET ->
          throw new IllegalArgumentException(
              "Expected GET or POST for %s, but got %s."
                  .formatted(method.name(), rule.getPatternCase()));
    };
  }

  Optional<Map<String, String>> match(String[] requested) {
    return path.match(requested);
  }
}
