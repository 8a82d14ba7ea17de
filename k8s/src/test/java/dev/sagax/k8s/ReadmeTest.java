package dev.sagax.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ReadmeTest {
  private static final String README = Chart.read(Chart.project().resolve("k8s/README.md"));

  @Test
  void theTableListsEveryValueAndNoOther() {
    Set<String> values = new TreeSet<>();
    collect(Chart.defaults(), "", values);
    Set<String> listed =
        README
            .lines()
            .filter(line -> line.startsWith("| `"))
            .flatMap(line -> Pattern.compile("`([^`]+)`").matcher(line.split("\\|")[1]).results())
            .map(match -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(listed).isEqualTo(values);
  }

  private static void collect(JsonNode values, String prefix, Set<String> into) {
    values
        .properties()
        .forEach(value -> {
          String path =
              (prefix + value.getKey()).replaceFirst("^services\\.[a-z]+-svc", "services.SERVICE");
          boolean amounts = path.matches("services\\..*\\.(requests|limits)");
          if (value.getValue().isObject() && !value.getValue().isEmpty() && !amounts) {
            collect(value.getValue(), path + ".", into);
          } else {
            into.add(path);
          }
        });
  }

  @Test
  void theValuesOfTheInstallationRender() {
    String values =
        README
            .lines()
            .dropWhile(line -> !line.equals("```yaml"))
            .skip(1)
            .takeWhile(line -> !line.equals("```"))
            .collect(Collectors.joining("\n"));

    assertThat(Chart.withValues(values).workloads()).hasSize(Manifests.SERVICES.size());
  }

  @Test
  void everyAlertIsNamed() {
    Manifests.stream(
            Chart.with("production").ofKind("PrometheusRule").getFirst().at("/spec/groups"))
        .flatMap(group -> Manifests.stream(group.get("rules")))
        .forEach(rule -> assertThat(README).contains(rule.get("alert").asText()));
  }
}
