package dev.sagax.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The environment of a container as its process finds it. */
final class Environment {
  static final String PASSWORD = "from-a-secret";
  private static final Pattern REFERENCE = Pattern.compile("\\$\\(([A-Za-z0-9_]+)\\)");

  private Environment() {}

  /**
   * Does what the kubelet does: a variable may refer to the ones before it, a key of a Secret is
   * {@link #PASSWORD}, and the pod has the name given.
   */
  static Map<String, String> of(JsonNode container, String podName) {
    Map<String, String> environment = new LinkedHashMap<>();
    for (JsonNode variable : container.get("env")) {
      environment.put(variable.get("name").asText(), valueOf(variable, podName, environment));
    }
    return environment;
  }

  private static String valueOf(JsonNode variable, String podName, Map<String, String> before) {
    if (variable.has("value")) {
      return REFERENCE
          .matcher(variable.get("value").textValue())
          .replaceAll(reference ->
              Matcher.quoteReplacement(before.getOrDefault(reference.group(1), reference.group())));
    }
    JsonNode from = variable.get("valueFrom");
    if (from.at("/fieldRef/fieldPath").asText().equals("metadata.name")) {
      return podName;
    }
    if (from.has("secretKeyRef")) {
      return PASSWORD;
    }
    throw new AssertionError("Where from? " + variable);
  }
}
