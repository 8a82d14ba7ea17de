package dev.sagax.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MonitoringTest {
  @Test
  void theStateThatAnAlertNamesIsOneOfTheLedger() {
    String expression =
        rules(Chart.with("production")).stream()
            .map(rule -> rule.get("expr").asText())
            .filter(text -> text.contains("sagax_ledger_state"))
            .findFirst()
            .orElseThrow();

    assertThat(expression).contains("state=\"" + dev.sagax.settle.LedgerMode.REPLAYING + "\"");
  }

  /** Prometheus looks at each pod once, by the port that has metrics. */
  @Test
  void prometheusFindsThePodsOfEveryServiceOnce() {
    Manifests manifests = Chart.with("production");
    JsonNode monitor = manifests.named("ServiceMonitor", "sagax");

    List<JsonNode> scraped =
        manifests.ofKind("Service").stream()
            .filter(service ->
                ManifestsTest.selects(
                    monitor.at("/spec/selector/matchLabels"), service.at("/metadata/labels")))
            .toList();

    assertThat(scraped)
        .extracting(Manifests::nameOf)
        .containsExactlyInAnyOrder(
            "sagax-order-svc-pods",
            "sagax-match-svc-pods",
            "sagax-settle-svc-pods",
            "sagax-asset-svc-pods");
    assertThat(scraped)
        .allSatisfy(service ->
            assertThat(service.at("/spec/ports").findValuesAsText("name"))
                .contains(monitor.at("/spec/endpoints/0/port").asText()));
    assertThat(monitor.at("/spec/endpoints/0/path").asText()).isEqualTo("/metrics");
    assertThat(jobsOf(manifests))
        .containsExactlyInAnyOrderElementsOf(scraped.stream().map(Manifests::nameOf).toList());
    assertThat(monitor.at("/spec/endpoints/0/honorLabels").asBoolean())
        .as("else the label \"service\" of sagax_partition_stopped is renamed")
        .isTrue();
  }

  private static List<String> jobsOf(Manifests manifests) {
    return rules(manifests).stream()
        .map(rule -> rule.get("expr").asText())
        .flatMap(text -> Pattern.compile("job=\"([^\"]+)\"").matcher(text).results())
        .map(match -> match.group(1))
        .toList();
  }

  @Test
  void alertsAreOnlyAboutWhatRuns() {
    assertThat(rules(Chart.with("one-service")))
        .extracting(rule -> rule.get("alert").asText())
        .contains("SagaxPartitionStopped", "SagaxCallsUncounted", "SagaxOrderStuck")
        .doesNotContain("SagaxLedgerBreach", "SagaxLedgerNotAudited")
        .containsOnlyOnce("SagaxServiceDown");
    assertThat(
            rules(
                Chart.withMore(
                    "{monitoring: {rules: {enabled: true}}, settings: {audit.seconds: '0'}}")))
        .extracting(rule -> rule.get("alert").asText())
        .contains("SagaxLedgerBreach")
        .doesNotContain("SagaxLedgerNotAudited");
  }

  private static List<JsonNode> rules(Manifests manifests) {
    return Manifests.stream(manifests.ofKind("PrometheusRule").getFirst().at("/spec/groups"))
        .flatMap(group -> Manifests.stream(group.get("rules")))
        .toList();
  }

  @Test
  void everyDashboardIsAConfigMapThatGrafanaFinds() throws IOException {
    List<JsonNode> installed =
        Chart.with("production").ofKind("ConfigMap").stream()
            .filter(map -> map.at("/metadata/labels/grafana_dashboard").asText().equals("1"))
            .toList();
    List<Path> files = Chart.files(Chart.directory().resolve("files/dashboards"));

    assertThat(installed).hasSameSizeAs(files).hasSize(4);
    for (JsonNode map : installed) {
      assertThat(map.at("/metadata/annotations/grafana_folder").asText()).isEqualTo("Sagax");
      String file = map.get("data").fieldNames().next();
      String json = map.get("data").get(file).asText();
      JsonNode dashboard = new ObjectMapper().readTree(json);
      assertThat(dashboard)
          .isEqualTo(
              new ObjectMapper()
                  .readTree(Chart.read(Chart.directory().resolve("files/dashboards/" + file))));
      assertThat(dashboard.get("uid").asText() + ".json").isEqualTo(file);
      assertThat(dashboard.findValuesAsText("expr")).hasSizeGreaterThan(10);
    }
    assertThat(Chart.with("minimal").ofKind("ConfigMap"))
        .noneMatch(map -> map.at("/metadata/labels").has("grafana_dashboard"));
  }

  /** Panels lie beside each other, not upon each other. */
  @Test
  void panelsHaveNumbersAndPlacesOfTheirOwn() throws IOException {
    for (Path file : Chart.files(Chart.directory().resolve("files/dashboards"))) {
      List<JsonNode> panels =
          Manifests.stream(new ObjectMapper().readTree(Chart.read(file)).get("panels")).toList();
      assertThat(panels).extracting(panel -> panel.get("id").asInt()).doesNotHaveDuplicates();
      assertThat(panels)
          .extracting(panel -> panel.at("/gridPos/x").asInt() + "," + panel.at("/gridPos/y"))
          .doesNotHaveDuplicates();
      assertThat(panels)
          .allSatisfy(panel ->
              assertThat(panel.at("/gridPos/x").asInt() + panel.at("/gridPos/w").asInt())
                  .isLessThanOrEqualTo(24));
    }
  }
}
