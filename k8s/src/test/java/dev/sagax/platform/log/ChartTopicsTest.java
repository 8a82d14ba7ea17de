package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sagax.asset.saga.TransferSaga;
import dev.sagax.k8s.Chart;
import dev.sagax.match.saga.MarketDataSaga;
import dev.sagax.match.saga.MatchSaga;
import dev.sagax.order.saga.OrderSaga;
import dev.sagax.settle.saga.SettleSaga;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The topics and rights that Strimzi is asked for, against what the services need. */
class ChartTopicsTest {

  @Test
  void everyTopicIsThereOnce() {
    assertThat(Chart.with("strimzi").ofKind("KafkaTopic"))
        .extracting(topic -> topic.at("/spec/topicName").asText())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Topic.values()).map(topic -> topic.topicName).toList());
    assertThat(Chart.with("strimzi").ofKind("KafkaTopic"))
        .allSatisfy(topic -> {
          assertThat(topic.at("/metadata/name")).isEqualTo(topic.at("/spec/topicName"));
          assertThat(topic.at("/metadata/labels/strimzi.io~1cluster").asText()).isEqualTo("trial");
          assertThat(topic.at("/metadata/annotations/helm.sh~1resource-policy").asText())
              .isEqualTo("keep");
        });
  }

  /** The rules are those that every service checks at its start. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void theServicesTrustEveryTopic(int replication) {
    List<JsonNode> topics =
        Chart.withMore(
                """
                kafka:
                  topics: {createdBy: strimzi, replication: %d, allowUnreplicated: true}
                  strimzi: {cluster: c}
                """
                    .formatted(replication))
            .ofKind("KafkaTopic");
    TopicRules rules = TopicRules.of(4, (short) replication);

    assertThat(topics)
        .allSatisfy(
            topic -> assertThat(rules.brokenBy(descriptionOf(topic), configOf(topic))).isEmpty());
    assertThat(
            TopicRules.of(5, (short) 3)
                .brokenBy(descriptionOf(topics.getFirst()), configOf(topics.getFirst())))
        .as("the rules are not always content")
        .isNotEmpty();
  }

  private static TopicDescription descriptionOf(JsonNode topic) {
    List<Node> replicas =
        IntStream.range(0, topic.at("/spec/replicas").asInt())
            .mapToObj(id -> new Node(id, "broker", 9092))
            .toList();
    List<TopicPartitionInfo> partitions =
        IntStream.range(0, topic.at("/spec/partitions").asInt())
            .mapToObj(p -> new TopicPartitionInfo(p, replicas.getFirst(), replicas, replicas))
            .toList();
    return new TopicDescription(topic.at("/spec/topicName").asText(), false, partitions);
  }

  private static Config configOf(JsonNode topic) {
    return new Config(
        topic.at("/spec/config").properties().stream()
            .map(entry -> new ConfigEntry(entry.getKey(), entry.getValue().asText()))
            .toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"order-svc", "match-svc", "settle-svc", "asset-svc"})
  void everyServiceMayDoWhatItsStepsDoAndWritesNoOtherTopic(String service) {
    JsonNode user =
        Chart.with("strimzi").ofKind("KafkaUser").stream()
            .filter(u -> u.at("/metadata/name").asText().equals("sagax-" + service))
            .findFirst()
            .orElseThrow();
    List<SagaDefinition> steps = stepsOf(service);

    assertThat(allowed(user, "group", "Read"))
        .containsExactlyElementsOf(
            new TreeSet<>(steps.stream().map(SagaDefinition::service).toList()));
    assertThat(allowed(user, "topic", "Read"))
        .containsExactlyElementsOf(
            new TreeSet<>(Arrays.stream(Topic.values()).map(t -> t.topicName).toList()));
    Stream<Topic> written =
        Stream.concat(
            steps.stream().flatMap(step -> step.outputs().stream()), appendedBy(service).stream());
    assertThat(allowed(user, "topic", "Write"))
        .containsExactlyElementsOf(new TreeSet<>(written.map(t -> t.topicName).toList()));
    assertThat(allowed(user, "topic", "DescribeConfigs")).hasSize(Topic.values().length);
  }

  private static Set<String> allowed(JsonNode user, String type, String operation) {
    Set<String> names = new TreeSet<>();
    StreamSupport.stream(user.at("/spec/authorization/acls").spliterator(), false)
        .filter(rule -> rule.at("/resource/type").asText().equals(type))
        .filter(rule ->
            StreamSupport.stream(rule.get("operations").spliterator(), false)
                .anyMatch(allowed -> allowed.asText().equals(operation)))
        .forEach(rule -> names.add(rule.at("/resource/name").asText()));
    return names;
  }

  private static List<SagaDefinition> stepsOf(String service) {
    return switch (service) {
      case "order-svc" -> List.of(OrderSaga.of(null, null, 4, 1));
      case "match-svc" ->
          List.of(
              MatchSaga.definition(null, null, null, null),
              MarketDataSaga.definition(null, null, null));
      case "settle-svc" -> List.of(SettleSaga.definition(null, null, 4));
      case "asset-svc" -> List.of(TransferSaga.definition(null, null, 4));
      default -> throw new AssertionError(service);
    };
  }

  /** What APIs append, and what a replay of a dead letter appends to its source. */
  private static Set<Topic> appendedBy(String service) {
    return Map.of(
            "order-svc", Set.of(Topic.ORDER_REQUESTED),
            "match-svc", Set.<Topic>of(),
            "settle-svc", Set.of(Topic.TRANSFER_REQUESTED),
            "asset-svc", Set.of(Topic.TRANSFER_REQUESTED))
        .get(service);
  }
}
