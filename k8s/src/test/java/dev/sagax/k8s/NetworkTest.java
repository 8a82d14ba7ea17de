package dev.sagax.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may reach whom, asked of the policies as a network plug-in does. */
class NetworkTest {
  private static final String METRICS = "metrics";
  private static final String GRPC = "grpc";

  @Test
  void nothingIsLetInOrOutUnlessAPolicySaysSo() {
    JsonNode deny = Chart.with("minimal").named("NetworkPolicy", "sagax-default-deny");

    assertThat(deny.at("/spec/policyTypes"))
        .extracting(JsonNode::asText)
        .containsExactly("Ingress", "Egress");
    assertThat(deny.get("spec").has("ingress")).isFalse();
    assertThat(deny.get("spec").has("egress")).isFalse();
    Stream<JsonNode> pods =
        Stream.of("StatefulSet", "Deployment", "Job")
            .flatMap(kind -> Chart.with("minimal").ofKind(kind).stream())
            .map(workload -> workload.at("/spec/template/metadata/labels"));
    assertThat(pods)
        .hasSize(5)
        .allMatch(
            labels -> ManifestsTest.selects(deny.at("/spec/podSelector/matchLabels"), labels));
  }

  @Test
  void onlyThoseWhoCallALedgerReachIt() {
    Manifests manifests = Chart.with("production");

    assertThat(reaches(manifests, pod("order-svc"), "settle-svc", GRPC)).isTrue();
    assertThat(reaches(manifests, pod("asset-svc"), "settle-svc", GRPC)).isTrue();
    assertThat(reaches(manifests, pod("test"), "settle-svc", GRPC)).isTrue();
    assertThat(reaches(manifests, Map.of("app", "operator-shell"), "settle-svc", GRPC)).isTrue();
    assertThat(reaches(manifests, pod("match-svc"), "settle-svc", GRPC)).isFalse();
    assertThat(reaches(manifests, Map.of("app", "other"), "settle-svc", GRPC)).isFalse();
    assertThat(reaches(Chart.with("minimal"), Map.of("app", "other"), "settle-svc", GRPC))
        .isFalse();
  }

  @Test
  void clientsReachTheEdges() {
    assertThat(reaches(Chart.with("minimal"), Map.of("app", "other"), "order-svc", GRPC)).isTrue();
    assertThat(reaches(Chart.with("production"), Map.of("app", "other"), "order-svc", GRPC))
        .as("the namespace of the gateway only")
        .isFalse();
    assertThat(namespaces(Chart.with("production"), "order-svc", GRPC)).containsExactly("gateway");
    assertThat(namespaces(Chart.with("production"), "settle-svc", GRPC)).isEmpty();
  }

  @Test
  void onlyPrometheusReadsMetrics() {
    for (String service : Manifests.SERVICES) {
      assertThat(namespaces(Chart.with("production"), service, METRICS))
          .containsExactly("monitoring");
      assertThat(sources(Chart.with("minimal"), service, METRICS)).isEmpty();
    }
  }

  /** A pod may go wherever its settings send it. */
  @Test
  void everyAddressOfTheSettingsIsReachable() {
    for (String valueSet : List.of("minimal", "production", "autoscaling", "one-service")) {
      Manifests manifests = Chart.with(valueSet);
      for (JsonNode workload : manifests.workloads()) {
        String service = workload.at("/metadata/labels/app.kubernetes.io~1component").asText();
        Map<String, String> environment = SettingsTest.environmentOf(manifests, service);
        JsonNode policy = manifests.named("NetworkPolicy", "sagax-" + service);
        List<Integer> open =
            policy.at("/spec/egress").findValues("port").stream().map(JsonNode::asInt).toList();
        Map<String, Integer> used = portsOf(environment);

        assertThat(used)
            .containsKeys("SAGAX_KAFKA_BOOTSTRAP", "SAGAX_REDIS_URI", "SAGAX_POSTGRES_URI");
        assertThat(open).as("%s of %s", service, valueSet).containsAll(used.values()).contains(53);
      }
    }
  }

  private static boolean isSetting(String name) {
    return name.startsWith("SAGAX_") || name.startsWith("OTEL_");
  }

  @Test
  void spansLeaveOnlyForTheCollector() {
    for (String service : Manifests.SERVICES) {
      assertThat(collectorOf(Chart.with("production"), service)).containsExactly("observability");
      assertThat(collectorOf(Chart.with("minimal"), service)).isEmpty();
    }
  }

  /** The namespaces to which a service may leave by the collector's port. */
  private static List<String> collectorOf(Manifests manifests, String service) {
    JsonNode egress = manifests.named("NetworkPolicy", "sagax-" + service).at("/spec/egress");
    return Stream.iterate(0, n -> n < egress.size(), n -> n + 1)
        .map(egress::get)
        .filter(rule -> rule.at("/ports/0/port").asInt() == 4318)
        .map(rule ->
            rule.at("/to/0/namespaceSelector/matchLabels/kubernetes.io~1metadata.name").asText())
        .toList();
  }

  private static Map<String, Integer> portsOf(Map<String, String> environment) {
    Map<String, Integer> ports = new TreeMap<>();
    environment.forEach((name, value) -> {
      var port =
          java.util.regex.Pattern.compile("[A-Za-z]:([1-9][0-9]{1,4})(?=[,/]|$)").matcher(value);
      while (isSetting(name) && port.find()) {
        ports.put(name + (ports.containsKey(name) ? "+" : ""), Integer.parseInt(port.group(1)));
      }
    });
    return ports;
  }

  @Test
  void whoMayCallALedgerMayAlsoLeaveForIt() {
    JsonNode egress =
        Chart.with("minimal").named("NetworkPolicy", "sagax-order-svc").at("/spec/egress");

    assertThat(egress)
        .filteredOn(rule -> rule.has("to"))
        .extracting(rule ->
            rule.at("/to/0/podSelector/matchLabels/app.kubernetes.io~1component").asText()
                + rule.at("/ports/0/port").asText())
        .containsExactly("settle-svc9103", "match-svc9102");
  }

  @Test
  void theHookReachesTheBrokersAndTheTestReachesTheServices() {
    Manifests manifests = Chart.with("production");

    assertThat(
            manifests.named("NetworkPolicy", "sagax-topics").at("/spec/egress").findValues("port"))
        .extracting(JsonNode::asInt)
        .containsExactly(53, 53, 9092, 9094);
    assertThat(manifests.named("NetworkPolicy", "sagax-test").at("/spec/egress").findValues("port"))
        .extracting(JsonNode::asInt)
        .containsExactlyInAnyOrder(53, 53, 9101, 9102, 9103, 9104);
    for (String service : Manifests.SERVICES) {
      assertThat(reaches(manifests, pod("test"), service, GRPC)).isTrue();
    }
  }

  /** Its probes know no TLS, so they ask another port, which clients are not shown. */
  @Test
  void theTestReachesTheHealthPortWhereThereIsTls() {
    Manifests manifests = Chart.with("secured");
    Stream<String> addresses =
        Manifests.stream(manifests.named("Pod", "sagax-test").at("/spec/containers"))
            .map(container -> container.at("/args/0").asText().replace("-addr=", ""));

    assertThat(addresses)
        .hasSize(4)
        .allSatisfy(address -> {
          String[] parts = address.split(":");
          assertThat(portsOf(manifests.named("Service", parts[0])))
              .contains(Integer.parseInt(parts[1]));
          assertThat(
                  manifests
                      .named("NetworkPolicy", "sagax-test")
                      .at("/spec/egress")
                      .findValues("port"))
              .extracting(JsonNode::asInt)
              .contains(Integer.parseInt(parts[1]));
        });
    for (String service : Manifests.SERVICES) {
      assertThat(reaches(manifests, pod("test"), service, "health")).isTrue();
      assertThat(portsOf(manifests.named("Service", "sagax-" + service))).doesNotContain(9480);
    }
  }

  private static List<Integer> portsOf(JsonNode service) {
    return Manifests.stream(service.at("/spec/ports")).map(p -> p.get("port").asInt()).toList();
  }

  /** Helm applies all else after the hooks, and a release may have had neither before. */
  @Test
  void whatAHookNeedsIsThereBeforeIt() {
    Manifests manifests =
        Chart.withMore("postgres: {migrations: {runBy: job, existingSecret: owner}}");

    for (String hook : List.of("topics", "migrations")) {
      JsonNode annotations =
          manifests.named("NetworkPolicy", "sagax-" + hook).at("/metadata/annotations");
      assertThat(annotations.path("shown.helm.sh/hook").asText())
          .isEqualTo("pre-install,pre-upgrade");
      assertThat(annotations.path("shown.helm.sh/hook-weight").asText()).isEqualTo("-5");
      assertThat(annotations.path("shown.helm.sh/hook-delete-policy").asText())
          .as("it is there as long as its job")
          .isEqualTo("before-hook-creation");
    }
    assertThat(manifests.ofKind("Job"))
        .isNotEmpty()
        .allSatisfy(job ->
            assertThat(job.at("/metadata/annotations").has("shown.helm.sh/hook-weight")).isFalse());
  }

  @Test
  void withoutPoliciesThereIsNone() {
    assertThat(Chart.with("strimzi").ofKind("NetworkPolicy")).isEmpty();
  }

  private static Map<String, String> pod(String component) {
    return Map.of(
        "app.kubernetes.io/name", "sagax",
        "app.kubernetes.io/instance", "sagax",
        "app.kubernetes.io/component", component);
  }

  private static boolean reaches(
      Manifests manifests, Map<String, String> caller, String service, String port) {
    Predicate<JsonNode> selected =
        selector ->
            selector.path("matchLabels").properties().stream()
                .allMatch(label -> label.getValue().asText().equals(caller.get(label.getKey())));
    return sources(manifests, service, port).stream()
        .anyMatch(peer -> peer.has("podSelector") && selected.test(peer.get("podSelector")));
  }

  private static List<String> namespaces(Manifests manifests, String service, String port) {
    return sources(manifests, service, port).stream()
        .filter(peer -> peer.has("namespaceSelector"))
        .map(
            peer -> peer.at("/namespaceSelector/matchLabels/kubernetes.io~1metadata.name").asText())
        .toList();
  }

  private static List<JsonNode> sources(Manifests manifests, String service, String port) {
    JsonNode policy = manifests.named("NetworkPolicy", "sagax-" + service);
    return Manifests.stream(policy.at("/spec/ingress"))
        .filter(rule -> rule.get("ports").findValuesAsText("port").contains(port))
        .flatMap(rule -> Manifests.stream(rule.get("from")))
        .toList();
  }
}
