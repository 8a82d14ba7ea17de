package dev.sagax.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What {@code docs/operations.md} says of the cluster is what the chart makes. */
class OperationsPageTest {
  private static final String PAGE = Chart.read(Chart.project().resolve("docs/operations.md"));
  private static final Pattern COMMAND = Pattern.compile("(?m)^ *((?:kubectl|helm) .*)$");
  private static final Pattern RESOURCE =
      Pattern.compile("\\b(statefulset|deployment|service|configmap|job)/([a-z0-9-]+)");

  @Test
  void everyAlertHasItsSection() {
    List<String> headings =
        PAGE.lines()
            .filter(line -> line.startsWith("### "))
            .map(line -> line.substring(4).strip())
            .toList();

    Set<String> alerts = new TreeSet<>();
    for (JsonNode rules : Chart.with("production").ofKind("PrometheusRule")) {
      rules.findValuesAsText("alert").forEach(alerts::add);
    }
    assertThat(alerts).hasSizeGreaterThan(5);
    assertThat(headings).containsAll(alerts).doesNotHaveDuplicates();
  }

  @Test
  void everyResourceThatACommandNamesIsOfTheChart() {
    Set<String> made =
        Chart.with("minimal").all().stream()
            .map(object ->
                object.path("kind").asText().toLowerCase(Locale.ROOT)
                    + "/"
                    + Manifests.nameOf(object))
            .collect(Collectors.toCollection(TreeSet::new));
    List<String> commands =
        COMMAND.matcher(PAGE).results().map(command -> command.group(1)).toList();
    assertThat(commands).hasSizeGreaterThan(10);

    Set<String> named = new TreeSet<>();
    commands.forEach(command -> {
      assertThat(command).containsAnyOf("-n exchange", "--namespace exchange");
      RESOURCE.matcher(command).results().forEach(found -> named.add(found.group()));
    });

    assertThat(named).hasSizeGreaterThan(4);
    assertThat(made).containsAll(named);
  }

  @Test
  void everyValueThatACommandSetsIsOneOfTheChart() {
    Pattern set = Pattern.compile("--set ([A-Za-z.]+)=");

    set.matcher(PAGE)
        .results()
        .map(found -> "/" + found.group(1).replace('.', '/'))
        .forEach(path -> assertThat(Chart.defaults().at(path).isMissingNode()).as(path).isFalse());
  }
}
