package dev.sagax.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alerts by themselves, as promtool reads them, and what the chart makes of them. */
class AlertsTest {
  private static final Path RULES = Chart.directory().resolve("files/rules.yaml");
  private static final Path CASES = Chart.project().resolve("k8s/src/test/promtool");

  @TempDir Path folder;

  @Test
  void promtoolAcceptsTheRules() throws Exception {
    assertThat(Promtool.accepts(Chart.project(), "check", "rules", RULES.toString()))
        .contains("%d rules found".formatted(rules().size()));
  }

  @Test
  void promtoolAcceptsWhatTheChartMakesOfThem() throws Exception {
    JsonNode installed = Chart.with("production").ofKind("PrometheusRule").getFirst().get("spec");
    Path file = Files.writeString(folder.resolve("rules.yaml"), installed.toString());

    assertThat(Promtool.accepts(folder, "check", "rules", file.toString()))
        .contains("%d rules found".formatted(rules().size()));
    assertThat(installed.toString()).doesNotContain("RELEASE_");
  }

  @Test
  void everyAlertFiresWhenItShouldAndOnlyThen() throws Exception {
    assertThat(Promtool.accepts(CASES, "test", "rules", "rules-test.yaml")).contains("SUCCESS");
  }

  /** Without promtool too: an alert that nobody tests is found. */
  @Test
  void everyAlertHasACaseThatFiresAndOneThatDoesNot() {
    Map<String, Set<Boolean>> tested = new TreeMap<>();
    for (JsonNode test : Chart.parse(Chart.read(CASES.resolve("rules-test.yaml"))).get("tests")) {
      for (JsonNode one : test.get("alert_rule_test")) {
        tested
            .computeIfAbsent(one.get("alertname").asText(), name -> new TreeSet<>())
            .add(!one.get("exp_alerts").isEmpty());
      }
    }

    assertThat(tested.keySet())
        .isEqualTo(
            rules().stream()
                .map(rule -> rule.get("alert").asText())
                .collect(Collectors.toCollection(TreeSet::new)));
    assertThat(tested).allSatisfy((alert, fires) -> assertThat(fires).hasSize(2));
  }

  @Test
  void everyAlertSaysWhatToDoAndHowMuchItMatters() {
    assertThat(rules())
        .hasSizeGreaterThan(20)
        .allSatisfy(rule -> {
          assertThat(rule.at("/annotations/summary").asText()).endsWith(".");
          assertThat(rule.at("/annotations/description").asText()).endsWith(".");
          assertThat(rule.at("/labels/severity").asText()).isIn("critical", "warning");
          assertThat(rule.get("expr").asText()).contains("namespace=\"RELEASE_NAMESPACE\"");
          assertThat(rule.at("/annotations/runbook_url").asText())
              .isEqualTo(
                  "docs/operations.md#" + rule.get("alert").asText().toLowerCase(Locale.ROOT));
        });
  }

  /** Every metric that an alert reads is of one release; promtool does not look at that. */
  @Test
  void everySelectorIsOfOneRelease() {
    assertThat(rules())
        .allSatisfy(rule -> {
          String expression = rule.get("expr").asText();
          long metrics =
              Pattern.compile("\\b(sagax|grpc_server|jvm|process|up)[a-z_]*\\{")
                  .matcher(expression)
                  .results()
                  .count();
          assertThat(expression.split("namespace=\"RELEASE_NAMESPACE\"", -1))
              .hasSize((int) metrics + 1);
        });
  }

  /** As rules, since promtool reads no dashboards; Grafana's variables have some value. */
  @Test
  void promtoolReadsWhatEveryPanelAsks() throws Exception {
    ObjectMapper json = new ObjectMapper();
    ObjectNode file = json.createObjectNode();
    ObjectNode group = file.putArray("groups").addObject().put("name", "panels");
    ArrayNode rules = group.putArray("rules");
    for (Path dashboard : Chart.files(Chart.directory().resolve("files/dashboards"))) {
      for (String expression : json.readTree(Chart.read(dashboard)).findValuesAsText("expr")) {
        String asked =
            expression
                .replace("$__rate_interval", "5m")
                .replace("$__range", "1h")
                .replace("$namespace", "exchange");
        rules.addObject().put("record", "panel:" + rules.size()).put("expr", asked);
      }
    }
    Files.writeString(folder.resolve("panels.yaml"), file.toString());

    assertThat(Promtool.accepts(folder, "check", "rules", "panels.yaml"))
        .contains(rules.size() + " rules found");
    assertThat(file.toString()).doesNotContain("$");
  }

  private static List<JsonNode> rules() {
    return Manifests.stream(Chart.parse(Chart.read(RULES)).get("groups"))
        .flatMap(group -> Manifests.stream(group.get("rules")))
        .toList();
  }
}
