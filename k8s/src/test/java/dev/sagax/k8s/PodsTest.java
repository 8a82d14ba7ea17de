package dev.sagax.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class PodsTest {
  static final List<String> VALUE_SETS = Chart.VALUE_SETS;

  /** The longest that ServiceMain takes to stop. */
  private static final int STOP_SECONDS = 15;

  @ParameterizedTest
  @FieldSource("VALUE_SETS")
  void noPodMayDoMoreThanItMust(String valueSet) {
    assertThat(Chart.with(valueSet).pods())
        .isNotEmpty()
        .allSatisfy(pod -> {
          assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
          assertThat(pod.at("/securityContext/runAsUser").asInt()).isPositive();
          assertThat(pod.at("/securityContext/seccompProfile/type").asText())
              .isEqualTo("RuntimeDefault");
          assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();
          assertThat(pod.path("enableServiceLinks").asBoolean(true)).isFalse();
          assertThat(pod.get("containers"))
              .isNotEmpty()
              .allSatisfy(container -> {
                JsonNode security = container.get("securityContext");
                assertThat(security.get("readOnlyRootFilesystem").asBoolean()).isTrue();
                assertThat(security.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
                assertThat(security.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
                assertThat(container.at("/resources/requests/cpu").asText()).isNotEmpty();
                assertThat(container.at("/resources/requests/memory").asText()).isNotEmpty();
                assertThat(container.at("/resources/limits/memory").asText()).isNotEmpty();
              });
        });
  }

  /** A JVM writes there, and Netty unpacks its libraries. */
  @ParameterizedTest
  @FieldSource("VALUE_SETS")
  void everyJvmHasATmp(String valueSet) {
    assertThat(Chart.with(valueSet).pods())
        .filteredOn(pod -> pod.at("/containers/0").has("env"))
        .isNotEmpty()
        .allSatisfy(pod -> {
          assertThat(pod.at("/containers/0/volumeMounts").findValuesAsText("mountPath"))
              .contains("/tmp");
          assertThat(pod.get("volumes").findValues("emptyDir")).hasSize(1);
        });
  }

  @ParameterizedTest
  @FieldSource("VALUE_SETS")
  void aPodThatStopsIsOutOfReachBeforeItStopsAndHasTheTimeForIt(String valueSet) {
    assertThat(Chart.with(valueSet).workloads())
        .allSatisfy(workload -> {
          JsonNode pod = workload.at("/spec/template/spec");
          int pause = pod.at("/containers/0/lifecycle/preStop/sleep/seconds").asInt();
          assertThat(pause).isPositive();
          assertThat(pod.get("terminationGracePeriodSeconds").asInt())
              .isGreaterThan(pause + STOP_SECONDS);
        });
  }

  @ParameterizedTest
  @FieldSource("VALUE_SETS")
  void theReplicasOfAServiceAreSpreadAndGoOneAtATime(String valueSet) {
    Manifests manifests = Chart.with(valueSet);

    assertThat(manifests.workloads())
        .allSatisfy(workload -> {
          JsonNode template = workload.at("/spec/template");
          assertThat(template.at("/spec/topologySpreadConstraints").findValuesAsText("topologyKey"))
              .containsExactly("topology.kubernetes.io/zone", "kubernetes.io/hostname");
          assertThat(template.at("/spec/topologySpreadConstraints"))
              .allSatisfy(spread ->
                  assertThat(spread.at("/labelSelector/matchLabels"))
                      .isEqualTo(workload.at("/spec/selector/matchLabels")));
        });
    assertThat(manifests.ofKind("PodDisruptionBudget"))
        .allSatisfy(budget -> assertThat(budget.at("/spec/maxUnavailable").asInt()).isOne());
  }

  /**
   * A step that a full heap ends at once is taken over; one that is killed by the node comes late.
   */
  @Test
  void theHeapLeavesRoomForTheRestOfTheJvm() {
    JsonNode defaults = Chart.defaults();

    assertThat(defaults.at("/pods/javaOptions").asText())
        .contains("-XX:MaxRAMPercentage=60", "-XX:+ExitOnOutOfMemoryError");
    for (String service : Manifests.SERVICES) {
      String limit = defaults.at("/services/" + service + "/resources/limits/memory").asText();
      assertThat(Quantity.getAmountInBytes(new Quantity(limit)).longValue() * 60 / 100)
          .as("heap of %s, which has 256 MiB on one machine", service)
          .isGreaterThan(256L << 20);
    }
  }

  @Test
  void theImagesAreNamedByServiceAndVersion() {
    assertThat(image("minimal", "settle-svc"))
        .isEqualTo("registry.example.com/sagax/settle-svc:0.1.0-SNAPSHOT");
    assertThat(image("production", "order-svc"))
        .isEqualTo("registry.example.com/sagax/order-svc:0.1.0");
    assertThat(
            Chart.with("production")
                .workload("order-svc")
                .at("/spec/template/spec/imagePullSecrets/0/name")
                .asText())
        .isEqualTo("registry-login");
  }

  private static String image(String valueSet, String service) {
    return Chart.with(valueSet)
        .workload(service)
        .at("/spec/template/spec/containers/0/image")
        .asText();
  }

  /** A roll must not wait for a replica that waits for the one that rolls. */
  @Test
  void replicasStartTogetherAndAreRolledOneByOne() {
    Manifests manifests = Chart.with("production");

    assertThat(manifests.ofKind("StatefulSet"))
        .hasSize(3)
        .allSatisfy(set -> {
          assertThat(set.at("/spec/podManagementPolicy").asText()).isEqualTo("Parallel");
          assertThat(set.at("/spec/updateStrategy/type").asText()).isEqualTo("RollingUpdate");
        });
    assertThat(manifests.ofKind("Deployment"))
        .hasSize(1)
        .allSatisfy(deployment -> {
          assertThat(deployment.at("/spec/strategy/rollingUpdate/maxUnavailable").asText())
              .isEqualTo("0");
        });
  }

  @Test
  void otherMarketsRollThePods() {
    String annotation = "/spec/template/metadata/annotations/sagax.dev~1markets";
    JsonNode before = Chart.with("minimal").workload("match-svc").at(annotation);
    JsonNode after =
        Chart.withMore("markets: {text: 'assets: []'}").workload("match-svc").at(annotation);

    assertThat(before.asText()).hasSize(64).isNotEqualTo(after.asText());
  }
}
