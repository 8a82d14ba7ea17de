package dev.sagax.platform.rpc;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path of {@code google.api.http}: segments that are literal ({@code orders}) or name a field
 * ({@code {order_id}}), the last one with a verb ({@code orders:cancel}) or without.
 */
final class JsonPath {
  private static final Pattern FIELD = Pattern.compile("\\{([a-z][a-z0-9_.]*)\\}");

  private final List<Segment> segments = new ArrayList<>();

  /** One of literal and field is set. */
  private record Segment(String literal, String field) {}

  /**
   * @throws IllegalArgumentException if the template has what is not known here
   */
  JsonPath(String template) {
    for (String part : template.substring(1).split("/", -1)) {
      Matcher field = FIELD.matcher(part);
      if (field.matches()) {
        segments.add(new Segment(null, field.group(1)));
      } else if (part.isEmpty() || part.contains("{") || part.contains("*")) {
        throw new IllegalArgumentException("Expected segments or {field}s, but got " + template);
      } else {
        segments.add(new Segment(part, null));
      }
    }
  }

  /**
   * The values of the fields in a path; empty if it is another path.
   *
   * @param parts of the path, between its slashes
   * @throws FailureException MALFORMED_MESSAGE if the path is not percent-encoded as it should be
   */
  Optional<Map<String, String>> match(String[] parts) {
    if (parts.length != segments.size()) {
      return Optional.empty();
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < parts.length; i++) {
      Segment segment = segments.get(i);
      if (segment.literal() != null) {
        if (!segment.literal().equals(parts[i])) {
          return Optional.empty();
        }
      } else if (parts[i].isEmpty()) {
        return Optional.empty();
      } else {
        values.put(segment.field(), decode(parts[i]));
      }
    }
    return Optional.of(values);
  }

  private static String decode(String part) {
    try {
      return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new FailureException(Failures.malformed("The path is not percent-encoded rightly."));
    }
  }
}
