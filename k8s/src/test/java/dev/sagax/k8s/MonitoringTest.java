package dev.sagax.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MonitoringTest {
  private static final Pattern METRIC = Pattern.compile("\\bsagax_[a-z_]+");
  private static final Pattern METRIC_IN_THE_CODE = Pattern.compile("\"(sagax_[a-z_]+)\"");

  @Test
  void noAlertNamesAMetricThatNoServiceHas() {
    Set<String> named = new TreeSet<>();
    rules(Chart.with("production"))
        .forEach(rule -> {
          List<String> metrics =
              METRIC.matcher(rule.get("expr").asText()).results().map(MatchResult::group).toList();
          assertThat(metrics.isEmpty())
              .as("Prometheus itself has up: %s", rule.get("expr"))
              .isEqualTo(rule.get("expr").asText().startsWith("absent(up{"));
          named.addAll(metrics);
        });

    assertThat(metricsOfTheCode()).hasSizeGreaterThan(5).containsAll(named);
    assertThat(named).hasSize(5);
  }

  /** Every metric is registered by its name as a literal. */
  private static Set<String> metricsOfTheCode() {
    return List.of("platform", "order-svc", "match-svc", "settle-svc", "asset-svc").stream()
        .flatMap(module -> Chart.files(source(module)).stream())
        .flatMap(file -> METRIC_IN_THE_CODE.matcher(Chart.read(file)).results())
        .map(match -> match.group(1))
        .collect(Collectors.toSet());
  }

  private static Path source(String module) {
    return Chart.project().resolve(module + "/src/main/java");
  }

  @Test
  void theStateThatAnAlertNamesIsOneOfTheLedger() {
    String expression =
        rules(Chart.with("production")).stream()
            .map(rule -> rule.get("expr").asText())
            .filter(text -> text.contains("state="))
            .findFirst()
            .orElseThrow();

    assertThat(expression).contains("state=\"" + dev.sagax.settle.LedgerMode.REPLAYING + "\"");
  }

  @Test
  void everyAlertSaysWhatToDoAndHowMuchItMatters() {
    assertThat(rules(Chart.with("production")))
        .hasSize(9)
        .allSatisfy(rule -> {
          assertThat(rule.at("/annotations/summary").asText()).endsWith(".");
          assertThat(rule.at("/annotations/description").asText()).endsWith(".");
          assertThat(rule.at("/labels/severity").asText()).isIn("critical", "warning");
          assertThat(rule.get("expr").asText()).contains("namespace=\"exchange\"");
        });
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
        .containsExactly("SagaxPartitionStopped", "SagaxCallsUncounted", "SagaxServiceDown");
    assertThat(
            rules(
                Chart.withMore(
                    "{monitoring: {rules: {enabled: true}}, settings: {audit.seconds: '0'}}")))
        .extracting(rule -> rule.get("alert").asText())
        .contains("SagaxLedgerBreach")
        .doesNotContain("SagaxLedgerNotAudited");
  }

  @Test
  void aCertificateThatEndsSoonIsSaid() {
    JsonNode rule =
        rules(Chart.with("secured")).stream()
            .filter(each -> each.get("alert").asText().equals("SagaxCertificateEnds"))
            .findFirst()
            .orElseThrow();

    assertThat(METRIC.matcher(rule.get("expr").asText()).results().map(MatchResult::group))
        .isNotEmpty()
        .allSatisfy(metric -> assertThat(metricsOfTheCode()).contains(metric));
    assertThat(rule.at("/annotations/summary").asText()).endsWith(".");
    assertThat(rule.at("/annotations/description").asText()).endsWith(".");
  }

  private static List<JsonNode> rules(Manifests manifests) {
    return Manifests.stream(
            manifests.ofKind("PrometheusRule").getFirst().at("/spec/groups/0/rules"))
        .toList();
  }
}
