package dev.sagax.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The chart, rendered by Helm itself. Helm leaves hooks and notes out of what it renders, so a copy
 * of the chart is rendered in which a hook is a manifest like any other and the notes are in a
 * ConfigMap.
 */
public final class Chart {
  public static final List<String> VALUE_SETS =
      List.of("minimal", "production", "strimzi", "autoscaling", "one-service", "secured");

  static final String RELEASE = "sagax";
  static final String NAMESPACE = "exchange";
  private static final String NOTES = "shown-notes";
  private static final String OLDEST_KUBERNETES = "1.30.0";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, Manifests> RENDERED = new ConcurrentHashMap<>();

  private Chart() {}

  /** The root of the source tree. */
  public static Path project() {
    Path root = Path.of("").toAbsolutePath();
    while (Files.notExists(root.resolve("mvnw"))) {
      root = root.getParent();
    }
    return root;
  }

  static Path directory() {
    return project().resolve("k8s/sagax");
  }

  /** The chart with one of the {@link #VALUE_SETS}. */
  public static Manifests with(String valueSet) {
    return RENDERED.computeIfAbsent(valueSet, set -> render(RELEASE, valuesOf(set)));
  }

  /** The chart with the minimal values and some more. */
  public static Manifests withMore(String yaml) {
    return render(RELEASE, merged(valuesOf("minimal"), parse(yaml)));
  }

  static Manifests withValues(String yaml) {
    return render(RELEASE, parse(yaml));
  }

  static Manifests ofRelease(String release) {
    return render(release, valuesOf("minimal"));
  }

  /** Lints the chart as it is, or with other defaults. */
  static LintResult lint(JsonNode values) {
    Path copy = copy("linted");
    write(copy.resolve("values.yaml"), print(merged(defaults(), values)));
    return new Helm(copy).lint().strict().call();
  }

  /** values.yaml */
  public static JsonNode defaults() {
    return parse(read(directory().resolve("values.yaml")));
  }

  static JsonNode valuesOf(String valueSet) {
    return parse(read(project().resolve("k8s/src/test/resources/values/" + valueSet + ".yaml")));
  }

  private static synchronized Manifests render(String release, JsonNode values) {
    try {
      Path file = Files.createTempFile(workshop(), "values", ".yaml");
      write(file, print(values));
      String text =
          new Helm(Shown.COPY)
              .template()
              .withName(release)
              .withNamespace(NAMESPACE)
              .withKubeVersion(OLDEST_KUBERNETES)
              .withValuesFile(file)
              .call();
      Files.delete(file);
      return Manifests.parse(text, NOTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lazily made. */
  private static final class Shown {
    static final Path COPY = make();

    private static Path make() {
      Path copy = copy("shown");
      for (Path template : files(copy.resolve("templates"))) {
        write(template, read(template).replace("helm.sh/hook", "shown.helm.sh/hook"));
      }
      write(
          copy.resolve("templates/shown-notes.yaml"),
          """
          apiVersion: v1
          kind: ConfigMap
          metadata:
            name: %s
          data:
            text: {{ include "sagax.notes" . | quote }}
          """
              .formatted(NOTES));
      return copy;
    }
  }

  private static Path copy(String name) {
    try {
      Path copy = Files.createTempDirectory(workshop(), name).resolve("sagax");
      for (Path file : files(directory())) {
        Path target = copy.resolve(directory().relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Goes with the next clean build. */
  private static Path workshop() throws IOException {
    return Files.createDirectories(project().resolve("k8s/target/charts"));
  }

  static List<Path> files(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Not by Jackson alone, which takes an alias for a text. */
  static JsonNode parse(String yaml) {
    return JSON.valueToTree(new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml));
  }

  /** As Helm does it: objects are merged, all else is replaced. */
  static JsonNode merged(JsonNode base, JsonNode over) {
    if (!base.isObject() || !over.isObject()) {
      return over;
    }
    ObjectNode merged = base.deepCopy();
    over.properties()
        .forEach(property ->
            merged.set(
                property.getKey(),
                merged.has(property.getKey())
                    ? merged(merged.get(property.getKey()), property.getValue())
                    : property.getValue()));
    return merged;
  }

  private static String print(JsonNode values) {
    return values.toString(); // JSON is YAML
  }

  /** The text of a file. */
  public static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
