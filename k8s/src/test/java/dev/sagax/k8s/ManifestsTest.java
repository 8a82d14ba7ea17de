package dev.sagax.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ManifestsTest {
  static List<String> valueSets() {
    return Chart.VALUE_SETS;
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void lintHasNothingToSay(String valueSet) {
    var result = Chart.lint(Chart.valuesOf(valueSet));

    assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
  }

  @Test
  void lintHasNothingToSayAboutTheDefaultsAlone() {
    var result = Chart.lint(Chart.parse("{}"));

    assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void everyFieldAndKindIsInTheModels(String valueSet) {
    assertThat(Chart.with(valueSet).all())
        .isNotEmpty()
        .allSatisfy(object -> assertThat(KnownFields.fault(object)).isEmpty());
  }

  /** One run for all: a process of Node costs more than what it checks. */
  @Test
  void everyFieldAndKindIsInTheSchemasAndNoneIsMissing() {
    List<JsonNode> all =
        Chart.VALUE_SETS.stream().flatMap(set -> Chart.with(set).all().stream()).toList();

    assertThat(Schemas.faults(all)).isEmpty();
  }

  @Test
  void theValueSetsCoverEveryKind() {
    Set<String> kinds = new TreeSet<>();
    Chart.VALUE_SETS.forEach(
        set -> Chart.with(set).all().forEach(object -> kinds.add(object.get("kind").asText())));

    assertThat(kinds)
        .containsExactly(
            "ConfigMap",
            "Deployment",
            "HorizontalPodAutoscaler",
            "Job",
            "KafkaTopic",
            "KafkaUser",
            "NetworkPolicy",
            "Pod",
            "PodDisruptionBudget",
            "PrometheusRule",
            "ScaledObject",
            "Service",
            "ServiceAccount",
            "ServiceMonitor",
            "StatefulSet");
  }

  @Test
  void theFirstCheckerFindsAnUnknownFieldAtAnyDepthAndAnUnknownKind() {
    assertThat(planted("minimal", "StatefulSet", "/spec", "replica")).isPresent();
    assertThat(
            planted(
                "minimal",
                "StatefulSet",
                "/spec/template/spec/containers/0/readinessProbe/grpc",
                "servce"))
        .isPresent();
    assertThat(planted("minimal", "Service", "/spec/ports/0", "portt")).isPresent();
    assertThat(planted("minimal", "NetworkPolicy", "/spec/egress/0/ports/0", "prt")).isPresent();
    assertThat(planted("production", "ServiceMonitor", "/spec/endpoints/0", "prt")).isPresent();
    assertThat(planted("production", "PrometheusRule", "/spec/groups/0/rules/0", "exp"))
        .isPresent();
    assertThat(planted("strimzi", "KafkaTopic", "/spec", "partition")).isPresent();
    assertThat(planted("strimzi", "KafkaUser", "/spec/authorization", "acl")).isPresent();
    assertThat(KnownFields.fault(Chart.parse("{apiVersion: apps/v2, kind: StatefulSet}")))
        .isPresent();
  }

  private static java.util.Optional<String> planted(
      String valueSet, String kind, String path, String field) {
    JsonNode object = Chart.with(valueSet).ofKind(kind).getFirst().deepCopy();
    assertThat(KnownFields.fault(object)).isEmpty();
    ((ObjectNode) object.at(path)).put(field, "x");
    return KnownFields.fault(object);
  }

  @Test
  void theSecondCheckerFindsWhatIsUnknownMissingOrOfAnotherType() {
    List<JsonNode> bad = new ArrayList<>();
    bad.add(broken("minimal", "StatefulSet", "/spec", spec -> spec.remove("selector")));
    bad.add(broken("minimal", "StatefulSet", "/spec", spec -> spec.put("replicas", "two")));
    bad.add(
        broken(
            "minimal", "StatefulSet", "/spec/template/spec/containers/0", c -> c.put("port", 1)));
    bad.add(broken("minimal", "Job", "/spec", spec -> spec.remove("template")));
    bad.add(
        broken(
            "autoscaling", "HorizontalPodAutoscaler", "/spec", spec -> spec.remove("maxReplicas")));
    bad.add(broken("autoscaling", "ScaledObject", "/spec/scaleTargetRef", to -> to.remove("name")));
    bad.add(broken("autoscaling", "ScaledObject", "/spec", spec -> spec.put("minReplicas", 1)));
    bad.add(
        broken(
            "production", "ServiceMonitor", "/spec/endpoints/0", e -> e.put("interval", "often")));
    bad.add(
        broken("production", "PrometheusRule", "/spec/groups/0", group -> group.remove("name")));
    bad.add(broken("strimzi", "KafkaTopic", "/spec", spec -> spec.put("partition", 1)));
    bad.add(Chart.parse("{apiVersion: apps/v1, kind: Statefulset, metadata: {name: x}}"));

    List<String> faults = Schemas.faults(bad);

    assertThat(faults).hasSize(bad.size());
    assertThat(String.join("\n", faults))
        .contains(
            "must have required property selector",
            "replicas must be integer",
            "/spec/template/spec/containers/0/port: there is no such field",
            "must have required property template",
            "must have required property maxReplicas",
            "scaleTargetRef must have required property name",
            "/spec/minReplicas: there is no such field",
            "interval must match pattern",
            "groups/0 must have required property name",
            "/spec/partition: there is no such field",
            "there is no kind Statefulset in apps/v1");
  }

  private static JsonNode broken(
      String valueSet, String kind, String path, java.util.function.Consumer<ObjectNode> damage) {
    JsonNode object = Chart.with(valueSet).ofKind(kind).getFirst().deepCopy();
    damage.accept((ObjectNode) object.at(path));
    return object;
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void whatOneObjectSaysOfAnotherIsThere(String valueSet) {
    Manifests manifests = Chart.with(valueSet);

    assertThat(manifests.ofKind("StatefulSet"))
        .allSatisfy(set -> manifests.named("Service", set.at("/spec/serviceName").asText()));
    Stream.concat(
            manifests.ofKind("HorizontalPodAutoscaler").stream(),
            manifests.ofKind("ScaledObject").stream())
        .map(scaler -> scaler.at("/spec/scaleTargetRef"))
        .forEach(
            target -> manifests.named(target.get("kind").asText(), target.get("name").asText()));
    assertThat(manifests.ofKind("PodDisruptionBudget")).hasSameSizeAs(manifests.workloads());
    Stream.concat(
            manifests.ofKind("Service").stream().map(service -> service.at("/spec/selector")),
            manifests.ofKind("PodDisruptionBudget").stream()
                .map(budget -> budget.at("/spec/selector/matchLabels")))
        .forEach(selector ->
            assertThat(manifests.workloads())
                .as("what %s selects", selector)
                .filteredOn(set -> selects(selector, set.at("/spec/template/metadata/labels")))
                .hasSize(1));
    assertThat(manifests.workloads())
        .allSatisfy(set ->
            assertThat(
                    selects(
                        set.at("/spec/selector/matchLabels"),
                        set.at("/spec/template/metadata/labels")))
                .isTrue());
  }

  static boolean selects(JsonNode selector, JsonNode labels) {
    return selector.properties().stream()
        .allMatch(label -> label.getValue().equals(labels.get(label.getKey())));
  }

  @Test
  void aScaledWorkloadLeavesTheNumberToItsScaler() {
    Manifests manifests = Chart.with("autoscaling");

    assertThat(manifests.workloads())
        .hasSize(4)
        .allSatisfy(set -> assertThat(set.at("/spec/replicas").isMissingNode()).isTrue());
    assertThat(Chart.with("minimal").workloads())
        .hasSize(4)
        .allSatisfy(set -> assertThat(set.at("/spec/replicas").asInt()).isEqualTo(2));
  }

  @Test
  void nothingOfAServiceIsLeftWhenItIsSwitchedOff() {
    Manifests manifests = Chart.with("one-service");

    assertThat(manifests.workloads()).hasSize(1);
    assertThat(manifests.all())
        .noneMatch(object -> Manifests.nameOf(object).matches(".*(match|settle|asset)-svc.*"));
  }

  @Test
  void twoReleasesShareNothing() {
    Manifests one = Chart.ofRelease("one");
    Manifests two = Chart.ofRelease("two");

    assertThat(one.all()).extracting(ManifestsTest::id).doesNotHaveDuplicates();
    assertThat(one.all())
        .extracting(ManifestsTest::id)
        .doesNotContainAnyElementsOf(two.all().stream().map(ManifestsTest::id).toList());
    assertThat(one.ofKind("Service"))
        .allSatisfy(service ->
            assertThat(two.workloads())
                .noneMatch(set ->
                    selects(
                        service.at("/spec/selector"), set.at("/spec/template/metadata/labels"))));
  }

  private static String id(JsonNode object) {
    return object.get("kind").asText() + " " + Manifests.nameOf(object);
  }
}
