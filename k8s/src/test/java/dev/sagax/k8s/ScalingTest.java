package dev.sagax.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sagax.asset.saga.TransferSaga;
import dev.sagax.match.saga.MarketDataSaga;
import dev.sagax.match.saga.MatchSaga;
import dev.sagax.settle.store.PgJournal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScalingTest {
  @ParameterizedTest
  @ValueSource(strings = {"order-svc", "match-svc", "settle-svc", "asset-svc"})
  void lagIsThatOfTheGroupsOfTheServicesSteps(String service) {
    Manifests manifests =
        Chart.withMore("services: {%s: {keda: {enabled: true, lag: 700}}}".formatted(service));
    JsonNode scaled = manifests.named("ScaledObject", "sagax-" + service);

    assertThat(scaled.at("/spec/triggers"))
        .extracting(trigger -> trigger.at("/metadata/consumerGroup").asText())
        .containsExactlyElementsOf(groupsOf(service));
    assertThat(scaled.at("/spec/triggers"))
        .allSatisfy(trigger -> {
          assertThat(trigger.get("type").asText()).isEqualTo("kafka");
          assertThat(trigger.at("/metadata/bootstrapServers").asText())
              .isEqualTo("kafka.data:9092");
          assertThat(trigger.at("/metadata/lagThreshold").textValue()).isEqualTo("700");
        });
    assertThat(scaled.at("/spec/minReplicaCount").asInt()).isEqualTo(2);
  }

  static List<String> groupsOf(String service) {
    return switch (service) {
      case "match-svc" -> List.of(MatchSaga.SERVICE, MarketDataSaga.SERVICE);
      case "settle-svc" -> List.of(PgJournal.STEP_SERVICE);
      case "asset-svc" -> List.of(TransferSaga.SERVICE);
      default -> List.of(service); // OrderSaga has no name for it
    };
  }

  @Test
  void anEdgeFollowsItsCpu() {
    JsonNode scaler = Chart.with("autoscaling").named("HorizontalPodAutoscaler", "sagax-order-svc");

    assertThat(scaler.at("/spec/minReplicas").asInt()).isEqualTo(3);
    assertThat(scaler.at("/spec/maxReplicas").asInt()).isEqualTo(10);
    assertThat(scaler.at("/spec/metrics/0/resource/target/averageUtilization").asInt())
        .isEqualTo(70);
    assertThat(scaler.at("/spec/scaleTargetRef/kind").asText()).isEqualTo("StatefulSet");
    assertThat(
            Chart.with("autoscaling")
                .named("HorizontalPodAutoscaler", "sagax-asset-svc")
                .at("/spec/scaleTargetRef/kind")
                .asText())
        .isEqualTo("Deployment");
  }
}
