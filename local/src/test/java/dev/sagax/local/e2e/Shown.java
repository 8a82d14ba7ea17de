package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a document shows of an answer. {@code <name>} stands for a value that differs from run to
 * run: {@code <time>} for a time, {@code <n>} for a number, any other name for a text, which the
 * commands that follow may use. {@code ...} stands for more fields, more elements or more lines.
 */
sealed interface Shown {
  /** What the names in angle brackets stood for. */
  Map<String, String> check(String output);

  /** One for each JSON object. */
  List<Shown> split();

  static Shown of(String kind, String text, int line) {
    return kind.equals("json") ? new Objects(Objects.read(text, line)) : new Lines(text);
  }

  /** JSON objects, one after the other. Those of an answer that is not complete yet count too. */
  record Objects(List<JsonNode> expected) implements Shown {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MORE = "...";
    private static final Pattern MORE_FIELDS = Pattern.compile("\\.\\.\\.(?=\\s*})");
    private static final Pattern NAME = Pattern.compile("<([a-z ]+)>");
    private static final Pattern TIME =
        Pattern.compile("20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z");
    private static final Pattern NUMBER = Pattern.compile("\\d+(\\.\\d+)?");

    private static List<JsonNode> read(String text, int line) {
      String json = MORE_FIELDS.matcher(text).replaceAll("\"...\": 0");
      try (MappingIterator<JsonNode> nodes = JSON.readerFor(JsonNode.class).readValues(json)) {
        return nodes.readAll();
      } catch (IOException e) {
        throw new AssertionError("The block at line " + line + " is not JSON", e);
      }
    }

    /** All objects that are whole. */
    private static List<JsonNode> whole(String output) {
      List<JsonNode> found = new ArrayList<>();
      try (MappingIterator<JsonNode> nodes = JSON.readerFor(JsonNode.class).readValues(output)) {
        while (nodes.hasNext()) {
          found.add(nodes.next());
        }
      } catch (JsonProcessingException | RuntimeException cut) {
        return found;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return found;
    }

    @Override
    public List<Shown> split() {
      return expected.stream().<Shown>map(one -> new Objects(List.of(one))).toList();
    }

    @Override
    public Map<String, String> check(String output) {
      List<JsonNode> actual = whole(output);
      assertThat(actual).hasSameSizeAs(expected);
      Map<String, String> names = new HashMap<>();
      for (int i = 0; i < actual.size(); i++) {
        compare(expected.get(i), actual.get(i), "", names);
      }
      return names;
    }

    private static void compare(
        JsonNode shown, JsonNode is, String path, Map<String, String> names) {
      Matcher name = NAME.matcher(shown.asText());
      if (shown.isObject()) {
        compareObjects(shown, is, path, names);
      } else if (shown.isArray()) {
        compareArrays(shown, is, path, names);
      } else if (name.matches()) {
        assertThat(is.isValueNode()).as("%s is a value", path).isTrue();
        takeName(name.group(1), is.asText(), path, names);
      } else {
        assertThat(is).as(path).isEqualTo(shown);
      }
    }

    private static void compareObjects(
        JsonNode shown, JsonNode is, String path, Map<String, String> names) {
      List<String> fields = new ArrayList<>();
      shown.fieldNames().forEachRemaining(fields::add);
      boolean more = fields.remove(MORE);
      List<String> present = new ArrayList<>();
      is.fieldNames().forEachRemaining(present::add);
      if (more) {
        assertThat(present).as("fields of %s", path).containsAll(fields);
      } else {
        assertThat(present).as("fields of %s", path).containsExactlyInAnyOrderElementsOf(fields);
      }
      fields.forEach(field -> compare(shown.get(field), is.get(field), path + "/" + field, names));
    }

    private static void compareArrays(
        JsonNode shown, JsonNode is, String path, Map<String, String> names) {
      int elements = shown.size();
      boolean more = elements > 0 && shown.get(elements - 1).asText().equals(MORE);
      if (more) {
        elements--;
        assertThat(is.size()).as("elements of %s", path).isGreaterThan(elements);
      } else {
        assertThat(is.size()).as("elements of %s", path).isEqualTo(elements);
      }
      for (int i = 0; i < elements; i++) {
        compare(shown.get(i), is.get(i), path + "/" + i, names);
      }
    }

    private static void takeName(
        String name, String value, String path, Map<String, String> names) {
      switch (name) {
        case "time" -> assertThat(value).as(path).matches(TIME);
        case "n" -> assertThat(value).as(path).matches(NUMBER);
        default -> {
          assertThat(value).as(path).isNotEmpty();
          names.put(name, value);
        }
      }
    }
  }

  /** Lines of text. */
  record Lines(String expected) implements Shown {
    private static final Pattern PLACE =
        Pattern.compile("^\\.\\.\\.\\n|<[a-z ]+>", Pattern.MULTILINE);

    @Override
    public List<Shown> split() {
      return List.of(this);
    }

    @Override
    public Map<String, String> check(String output) {
      StringBuilder pattern = new StringBuilder();
      int end = 0;
      for (MatchResult place : PLACE.matcher(expected).results().toList()) {
        pattern.append(Pattern.quote(expected.substring(end, place.start())));
        pattern.append(place.group().startsWith("<") ? "[^\\n]+" : "(?:[^\\n]*\\n)*?");
        end = place.end();
      }
      pattern.append(Pattern.quote(expected.substring(end)));
      assertThat(output.replace("\r", "")).matches(Pattern.compile(pattern.toString()));
      return Map.of();
    }
  }
}
