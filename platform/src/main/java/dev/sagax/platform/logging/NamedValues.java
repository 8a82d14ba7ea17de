package dev.sagax.platform.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.logstash.logback.composite.AbstractJsonProvider;
import org.slf4j.event.KeyValuePair;

/**
 * Writes what a log line names as fields of its object: its key-values, and the arguments that its
 * message puts behind a name, as in {@code "Partition is stopped partition={}"}; also what is set
 * for the thread (MDC), such as the ids of a trace. All names are in snake_case: {@code order_id},
 * {@code request_id}. What a message calls the service is a part of one, here {@code step}.
 */
public final class NamedValues extends AbstractJsonProvider<ILoggingEvent> {
  private static final Pattern PLACEHOLDER =
      Pattern.compile("(?:(?<name>[A-Za-z][A-Za-z0-9._]*)=)?\\{}");
  private static final Pattern HUMP = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|\\.");
  private static final Map<String, String> RENAMED = Map.of("service", "step");

  /** Written by others. */
  private static final Set<String> TAKEN =
      Set.of("time", "level", "message", "logger", "thread", "instance", "stack_trace");

  @Override
  public void writeTo(JsonGenerator json, ILoggingEvent event) throws IOException {
    Map<String, Object> values = new LinkedHashMap<>();
    event.getMDCPropertyMap().forEach((name, value) -> put(values, name, value));
    addArguments(event, values);
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair pair : event.getKeyValuePairs()) {
        put(values, pair.key, pair.value);
      }
    }
    for (Map.Entry<String, Object> value : values.entrySet()) {
      write(json, value.getKey(), value.getValue());
    }
  }

  private static void addArguments(ILoggingEvent event, Map<String, Object> values) {
    Object[] arguments = event.getArgumentArray();
    if (arguments == null || event.getMessage() == null) {
      return;
    }
    Matcher placeholder = PLACEHOLDER.matcher(event.getMessage());
    for (int i = 0; i < arguments.length && placeholder.find(); i++) {
      if (placeholder.group("name") != null) {
        put(values, placeholder.group("name"), arguments[i]);
      }
    }
  }

  private static void put(Map<String, Object> values, String name, Object value) {
    String spelled = HUMP.matcher(name).replaceAll("_").toLowerCase(Locale.ROOT);
    String used = RENAMED.getOrDefault(spelled, spelled);
    if (value != null && !TAKEN.contains(used)) {
      values.put(used, value);
    }
  }

  private static void write(JsonGenerator json, String name, Object value) throws IOException {
    switch (value) {
      case Integer number -> json.writeNumberField(name, number);
      case Long number -> json.writeNumberField(name, number);
      case Boolean truth -> json.writeBooleanField(name, truth);
      default -> json.writeStringField(name, value.toString());
    }
  }
}
