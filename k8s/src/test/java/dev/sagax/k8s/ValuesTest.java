package dev.sagax.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
  static final List<String> VALUE_SETS = Chart.VALUE_SETS;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{imgae: {tag: x}}",
        "{image: {repo: x}}",
        "{kafka: {bootstrapServers: 'a:1'}}",
        "{kafka: {topics: {partition: 4}}}",
        "{kafka: {topics: {job: {image: x}}}}",
        "{kafka: {strimzi: {clutser: x}}}",
        "{redis: {hots: x}}",
        "{redis: {password: x}}",
        "{postgres: {user: x}}",
        "{postgres: {password: x}}",
        "{auth: {exsitingSecret: x}}",
        "{markets: {file: x}}",
        "{settings: {max.open.order: '5'}}",
        "{settings: {faults: settle.before-script=kill}}",
        "{settings: {postgres.uri: x}}",
        "{peers: {settle: 'a:1'}}",
        "{metrics: {prot: 1}}",
        "{pods: {labels: {}}}",
        "{pods: {tolerations: [{kee: x}]}}",
        "{probes: {startSecond: 10}}",
        "{services: {oder-svc: {enabled: true}}}",
        "{services: {order-svc: {replica: 3}}}",
        "{services: {order-svc: {resources: {limit: {}}}}}",
        "{services: {order-svc: {resources: {limits: {mem: 1Gi}}}}}",
        "{services: {order-svc: {hpa: {enable: true}}}}",
        "{services: {order-svc: {keda: {maxReplica: 3}}}}",
        "{services: {order-svc: {service: {kind: NodePort}}}}",
        "{networkPolicy: {client: []}}",
        "{networkPolicy: {clients: [{podSelectors: {}}]}}",
        "{networkPolicy: {clients: [{}]}}",
        "{networkPolicy: {destinations: {kafak: []}}}",
        "{monitoring: {serviceMonitors: {}}}",
        "{monitoring: {rules: {enable: true}}}",
        "{test: {imgae: x}}"
      })
  void aKeyThatIsNotKnownIsRefused(String values) {
    assertThatThrownBy(() -> Chart.withMore(values))
        .hasMessageMatching("(?s).*([Aa]dditional properties|minProperties|at least 1 prop).*");
  }

  /** Else a new object could be added that takes any key. */
  @Test
  void everyObjectOfTheSchemaNamesItsKeys() {
    JsonNode schema = Chart.parse(Chart.read(Chart.directory().resolve("values.schema.json")));
    Set<String> open = new TreeSet<>();

    walk(
        schema,
        "",
        (path, node) -> {
          boolean object = node.path("type").asText().equals("object");
          if (object && !node.path("additionalProperties").equals(Chart.parse("false"))) {
            open.add(path.substring(path.lastIndexOf('/') + 1));
          }
        });

    assertThat(open)
        .as("maps of labels and the like, whose keys are the user's")
        .containsExactlyInAnyOrder(
            "annotations", "global", "labels", "matchLabels", "nodeSelector");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{kafka: {bootstrap: kafka}} | /kafka/bootstrap",
        "{kafka: {topics: {partitions: 0}}} | /kafka/topics/partitions",
        "{kafka: {topics: {createdBy: magic}}} | /kafka/topics/createdBy",
        "{redis: {port: 70000}} | /redis/port",
        "{postgres: {port: '5432'}} | /postgres/port",
        "{redis: {host: 'redis://redis'}} | /redis/host",
        "{services: {order-svc: {port: 0}}} | /services/order-svc/port",
        "{services: {order-svc: {replicas: 0}}} | /services/order-svc/replicas",
        "{settings: {max.open.orders: 5}} | /settings/max.open.orders",
        "{settings: {max.open.orders: many}} | /settings/max.open.orders",
        "{settings: {ratelimit.redis.uri: 'redis://:hunter2@counts:1'}} | /settings/ratelimit.redis.uri",
        "{pods: {user: 0}} | /pods/user",
        "{pods: {spreadOverNodes: Never}} | /pods/spreadOverNodes",
        "{auth: {jwks: /keys.json}} | /auth/jwks"
      })
  void aValueOfTheWrongShapeIsRefused(String values, String where) {
    assertThatThrownBy(() -> Chart.withMore(values)).hasMessageContaining(where.strip());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "image: {repository: ''} | image.repository is needed",
        "kafka: {bootstrap: ''} | kafka.bootstrap is needed",
        "redis: {host: ''} | redis.host is needed",
        "redis: {existingSecret: ''} | redis.existingSecret is needed",
        "postgres: {host: ''} | postgres.host is needed",
        "postgres: {existingSecret: ''} | postgres.existingSecret is needed",
        "auth: {existingSecret: ''} | auth.existingSecret is needed",
        "auth: {jwks: 'https://id/keys'} | auth.issuer is needed",
        "kafka: {topics: {createdBy: strimzi}} | kafka.strimzi.cluster is needed",
        "services: {settle-svc: {enabled: false}} | peers.ledger is needed",
        "services: {match-svc: {enabled: false}} | peers.match is needed",
        "services: {order-svc: {hpa: {enabled: true}, keda: {enabled: true}}} | either hpa or keda",
        "services: {match-svc: {keda: {enabled: true, maxReplicas: 5}}} | there are 4 partitions to share"
      })
  void whatIsMissingOrCannotBeIsNamed(String values, String message) {
    assertThatThrownBy(() -> Chart.withMore(values)).hasMessageContaining(message.strip());
  }

  @Test
  void withoutAnyValuesTheFirstMissingOneIsNamed() {
    assertThatThrownBy(() -> Chart.withValues("{}")).hasMessageContaining("is needed");
  }

  @Test
  void noDefaultIsAPassword() {
    List<String> given = new ArrayList<>();
    walk(
        Chart.defaults(),
        "",
        (path, node) -> {
          boolean secret = path.matches("(?i).*(password|passwd|secret|token|credential)[^/]*");
          boolean nameOfAKey = path.endsWith("Key");
          if (secret && !nameOfAKey && node.isValueNode() && !node.asText().isEmpty()) {
            given.add(path);
          }
        });

    assertThat(given).isEmpty();
  }

  @ParameterizedTest
  @FieldSource("VALUE_SETS")
  void noManifestHoldsASecret(String valueSet) {
    Manifests manifests = Chart.with(valueSet);

    assertThat(manifests.ofKind("Secret")).isEmpty();
    assertThat(manifests.pods())
        .flatExtracting(pod -> pod.findValues("env"))
        .flatExtracting(env -> Manifests.stream(env).toList())
        .filteredOn(variable -> variable.get("name").asText().matches(".*(PASSWORD|USER)"))
        .allSatisfy(variable ->
            assertThat(variable.at("/valueFrom/secretKeyRef/name").asText()).isNotEmpty());
    assertThat(manifests.all().toString())
        .as("a URI with a password")
        .doesNotContainPattern("://[^\"@/]*:(?!\\$\\()[^\"@/]+@");
  }

  private static void walk(JsonNode node, String path, BiConsumer<String, JsonNode> visit) {
    visit.accept(path, node);
    if (node instanceof ObjectNode object) {
      object.properties().forEach(p -> walk(p.getValue(), path + "/" + p.getKey(), visit));
    } else {
      node.forEach(inner -> walk(inner, path, visit));
    }
  }
}
