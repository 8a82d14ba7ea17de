package dev.sagax.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sagax.platform.boot.ServiceConfig;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.platform.log.KafkaAccess;
import dev.sagax.platform.rpc.PeerAddress;
import dev.sagax.platform.tls.TlsFiles;
import io.vertx.pgclient.PgConnectOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The chart configures the services by nothing but their environment; here they read it. */
class SettingsTest {
  static final List<String> VALUE_SETS = Chart.VALUE_SETS;
  private static final int NOT_THE_PORT = 1;

  /** Only in a test are faults made on purpose. */
  private static final Set<Setting> NEVER =
      EnumSet.of(Setting.FAULTS, Setting.FAULTS_LOG, Setting.FAULTS_FILE);

  /** What the chart decides by values with names of their own. */
  private static final Set<Setting> DECIDED =
      EnumSet.of(
          Setting.KAFKA_BOOTSTRAP,
          Setting.POSTGRES_URI,
          Setting.MIGRATIONS_RUN,
          Setting.REDIS_URI,
          Setting.GRPC_HOST,
          Setting.GRPC_PORT,
          Setting.LEDGER_ADDRESS,
          Setting.MATCH_ADDRESS,
          Setting.MARKETS_FILE,
          Setting.AUTH_KEY_FILE,
          Setting.AUTH_JWKS,
          Setting.AUTH_ISSUER,
          Setting.AUTH_AUDIENCE,
          Setting.TOPICS_PARTITIONS,
          Setting.TOPICS_REPLICATION,
          Setting.TOPICS_ALLOW_UNREPLICATED,
          Setting.INSTANCE_ID,
          Setting.METRICS_PORT,
          Setting.HEALTH_PORT,
          Setting.TLS_CERTIFICATE,
          Setting.TLS_KEY,
          Setting.TLS_CA,
          Setting.KAFKA_SECURITY_PROTOCOL,
          Setting.KAFKA_SASL_MECHANISM,
          Setting.KAFKA_USERNAME,
          Setting.KAFKA_PASSWORD,
          Setting.KAFKA_CA,
          Setting.KAFKA_CERTIFICATE,
          Setting.KAFKA_KEY,
          Setting.POSTGRES_OWNER_URI);

  @ParameterizedTest
  @FieldSource("VALUE_SETS")
  void everyVariableIsASetting(String valueSet) {
    Set<String> settings =
        Arrays.stream(Setting.values()).map(Setting::variable).collect(Collectors.toSet());
    Set<String> never = NEVER.stream().map(Setting::variable).collect(Collectors.toSet());

    assertThat(Chart.with(valueSet).pods())
        .filteredOn(pod -> pod.at("/containers/0").has("env"))
        .isNotEmpty()
        .allSatisfy(pod ->
            assertThat(Environment.of(pod.at("/containers/0"), "pod").keySet())
                .filteredOn(variable -> variable.startsWith("SAGAX_"))
                .isNotEmpty()
                .isSubsetOf(settings)
                .doesNotContainAnyElementsOf(never));
  }

  @ParameterizedTest
  @FieldSource("VALUE_SETS")
  void everyServiceStartsWithItsEnvironmentAlone(String valueSet) {
    for (String service : Manifests.SERVICES) {
      if (enabled(valueSet, service)) {
        ServiceConfig config = configOf(Chart.with(valueSet), service);

        assertThat(config.grpcHost()).isEqualTo("0.0.0.0");
        assertThat(config.grpcPort())
            .isEqualTo(Chart.defaults().at("/services/" + service + "/port").asInt());
        assertThat(config.metricsPort()).isEqualTo(9464);
        assertThat(PgConnectOptions.fromUri(config.postgresUri()).getPassword())
            .isEqualTo(Environment.PASSWORD);
      }
    }
  }

  /**
   * On one machine these defaults are right; in a pod they would be its own loopback and directory.
   */
  @ParameterizedTest
  @FieldSource("VALUE_SETS")
  void noServiceIsLeftWithADefaultThatHoldsForOneMachineOnly(String valueSet) {
    Set<Setting> ofOneMachine =
        Arrays.stream(Setting.values())
            .filter(setting ->
                setting.defaultValue().contains("127.0.0.1")
                    || setting.defaultValue().matches(".*\\.(pem|yaml)"))
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(Setting.class)));
    assertThat(ofOneMachine).contains(Setting.POSTGRES_URI, Setting.MARKETS_FILE);

    for (String service : Manifests.SERVICES) {
      if (enabled(valueSet, service)) {
        Set<Setting> needed = EnumSet.copyOf(ofOneMachine);
        if (!service.equals("order-svc")) {
          needed.remove(Setting.MATCH_ADDRESS); // nobody else asks match-svc
        }
        if (service.equals("match-svc") || service.equals("settle-svc")) {
          needed.remove(Setting.LEDGER_ADDRESS);
        }
        assertThat(environmentOf(Chart.with(valueSet), service).keySet())
            .as(service)
            .containsAll(needed.stream().map(Setting::variable).toList());
      }
    }
  }

  @Test
  void theServicesFindEachReplicaOfTheirPeers() {
    ServiceConfig order = configOf(Chart.with("production"), "order-svc");
    ServiceConfig asset = configOf(Chart.with("autoscaling"), "asset-svc");

    assertThat(order.ledgerAddresses())
        .containsExactly(
            replica("settle-svc", 0, 9103),
            replica("settle-svc", 1, 9103),
            replica("settle-svc", 2, 9103));
    assertThat(order.matchAddresses())
        .containsExactly(
            replica("match-svc", 0, 9102),
            replica("match-svc", 1, 9102),
            replica("match-svc", 2, 9102));
    assertThat(asset.ledgerAddresses())
        .as("those that are always there")
        .containsExactly(
            replica("settle-svc", 0, 9103),
            replica("settle-svc", 1, 9103),
            replica("settle-svc", 2, 9103));
    assertThat(configOf(Chart.with("one-service"), "order-svc").ledgerAddresses())
        .containsExactly(
            new PeerAddress("a.settle.example.com", 9203),
            new PeerAddress("b.settle.example.com", 9203));
    assertThat(
            configOf(Chart.withMore("services: {settle-svc: {stable: false}}"), "order-svc")
                .ledgerAddresses())
        .containsExactly(new PeerAddress("sagax-settle-svc.exchange.svc.cluster.local", 9103));
  }

  private static PeerAddress replica(String service, int number, int port) {
    return new PeerAddress(
        "sagax-%s-%d.sagax-%s-pods.exchange.svc.cluster.local".formatted(service, number, service),
        port);
  }

  @Test
  void aStableReplicaHasItsPodsNameInTheGroupAndAnotherHasNone() {
    assertThat(configOf(Chart.with("production"), "order-svc").instanceId())
        .isEqualTo("sagax-order-svc-0");
    assertThat(Chart.with("production").workload("order-svc").get("kind").asText())
        .isEqualTo("StatefulSet");
    assertThat(configOf(Chart.with("production"), "asset-svc").instanceId()).isEmpty();
    assertThat(Chart.with("production").workload("asset-svc").get("kind").asText())
        .isEqualTo("Deployment");
  }

  @Test
  void whatTheValuesSayReachesTheService() {
    ServiceConfig config = configOf(Chart.with("production"), "settle-svc");

    assertThat(config.maxOpenOrders()).isEqualTo(500);
    assertThat(config.edge().origins()).containsExactly("https://trade.example.com");
    assertThat(config.edge().reflection()).isFalse();
    assertThat(config.ratelimitRedisUri()).isEqualTo("redis://counts.data:6390");
    assertThat(config.jwks()).isEqualTo("https://id.example.com/keys");
    assertThat(config.issuer()).isEqualTo("https://id.example.com/");
    assertThat(config.audience()).isEqualTo("sagax");
    assertThat(config.partitions()).isEqualTo(12);
    assertThat(config.redisUri()).isEqualTo("redis://sagax:from-a-secret@redis.data:6380");
    assertThat(config.postgresUri())
        .isEqualTo("postgresql://from-a-secret:from-a-secret@postgres.data:5432/exchange");
    assertThat(configOf(Chart.with("strimzi"), "settle-svc").redisUri())
        .isEqualTo("redis://redis:6379");
    assertThat(configOf(Chart.with("strimzi"), "settle-svc").replication()).isEqualTo((short) 1);
  }

  @Test
  void tracesAreMadeWhereACollectorIsNamed() {
    for (String service : Manifests.SERVICES) {
      assertThat(environmentOf(Chart.with("production"), service))
          .containsEntry("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel-collector.observability:4318")
          .containsEntry("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
          .containsEntry("OTEL_TRACES_SAMPLER_ARG", "0.05");
      assertThat(environmentOf(Chart.with("minimal"), service).keySet())
          .noneMatch(name -> name.startsWith("OTEL_"));
    }
  }

  @Test
  void everyLockReachesTheServiceThatItIsFor() {
    Manifests secured = Chart.with("secured");
    ServiceConfig settle = configOf(secured, "settle-svc");
    ServiceConfig order = configOf(secured, "order-svc");

    assertThat(settle.security().tls())
        .contains(
            new TlsFiles(
                Path.of("/etc/sagax/tls/tls.crt"),
                Path.of("/etc/sagax/tls/tls.key"),
                Path.of("/etc/sagax/tls/ca.crt")));
    assertThat(settle.security().healthPort()).isEqualTo(9480);
    assertThat(settle.security().kafka())
        .isEqualTo(
            new KafkaAccess(
                "SASL_SSL",
                "SCRAM-SHA-512",
                Environment.PASSWORD,
                Environment.PASSWORD,
                "/etc/sagax/kafka/ca.crt",
                "/etc/sagax/kafka-certificate/tls.crt",
                "/etc/sagax/kafka-certificate/tls.key"));
    assertThat(settle.postgresUri())
        .endsWith("/sagax?sslmode=verify-full&sslrootcert=/etc/sagax/postgres/ca.crt");
    assertThat(settle.security().ownerUri()).isEqualTo(settle.postgresUri());
    assertThat(settle.redisUri())
        .isEqualTo("rediss://ledger:from-a-secret@redis:6379?cacert=/etc/sagax/redis/ca.crt");
    assertThat(settle.ratelimitRedisUri())
        .isEqualTo("rediss://limits:from-a-secret@redis:6379?cacert=/etc/sagax/redis/ca.crt");
    assertThat(order.redisUri()).isEqualTo(settle.ratelimitRedisUri());
    assertThat(environmentOf(secured, "order-svc")).doesNotContainKey("REDIS_PASSWORD");
    for (String service : Manifests.SERVICES) {
      JsonNode pod = secured.workload(service).at("/spec/template/spec");
      assertThat(pod.get("volumes").findValuesAsText("secretName"))
          .contains("tls-" + service, "kafka-" + service, "redis-ca", "postgres-ca");
      assertThat(pod.at("/containers/0/env").findParents("secretKeyRef"))
          .extracting(from -> from.at("/secretKeyRef/name").asText())
          .contains("postgres-" + service, "sagax-" + service, "postgres-owner");
      assertThat(pod.at("/containers/0/readinessProbe/grpc/port").asInt()).isEqualTo(9480);
    }
  }

  /** Whoever adds a setting decides here whether a user of the chart may set it. */
  @Test
  void theValuesTakeEverySettingThatTheChartDoesNotDecide() {
    JsonNode schema = Chart.parse(Chart.read(Chart.directory().resolve("values.schema.json")));
    Set<String> open =
        Arrays.stream(Setting.values())
            .filter(setting -> !DECIDED.contains(setting) && !NEVER.contains(setting))
            .map(Setting::key)
            .collect(Collectors.toSet());

    assertThat(schema.at("/properties/settings/properties").properties())
        .extracting(Map.Entry::getKey)
        .containsExactlyInAnyOrderElementsOf(open);
  }

  /** Mounted where the settings say, or the service would make a key of its own. */
  @ParameterizedTest
  @FieldSource("VALUE_SETS")
  void theFilesAreWhereTheSettingsSay(String valueSet) {
    assertThat(Chart.with(valueSet).workloads())
        .allSatisfy(workload -> {
          JsonNode pod = workload.at("/spec/template/spec");
          JsonNode container = pod.at("/containers/0");
          Map<String, String> environment = Environment.of(container, "pod");
          JsonNode values = Chart.merged(Chart.defaults(), Chart.valuesOf(valueSet));

          Path markets = Path.of(environment.get(Setting.MARKETS_FILE.variable()));
          JsonNode configMap = volumeAt(pod, markets.getParent()).get("configMap");
          String given = values.at("/markets/existingConfigMap").asText();
          assertThat(configMap.get("name").asText())
              .isEqualTo(given.isEmpty() ? "sagax-markets" : given);
          if (given.isEmpty()) {
            assertThat(
                    Chart.with(valueSet)
                        .named("ConfigMap", configMap.get("name").asText())
                        .get("data")
                        .has(markets.getFileName().toString()))
                .isTrue();
          }

          Path key = Path.of(environment.get(Setting.AUTH_KEY_FILE.variable()));
          JsonNode secret = volumeAt(pod, key.getParent()).get("secret");
          assertThat(secret.get("secretName").asText()).isEqualTo("sagax-key");
          assertThat(secret.at("/items/0/path").asText()).isEqualTo(key.getFileName().toString());
          assertThat(secret.at("/items/0/key").asText())
              .isEqualTo(values.at("/auth/keyKey").asText());
        });
  }

  private static JsonNode volumeAt(JsonNode pod, Path directory) {
    String name =
        Manifests.stream(pod.at("/containers/0/volumeMounts"))
            .filter(mount -> mount.get("mountPath").asText().equals(directory.toString()))
            .map(mount -> mount.get("name").asText())
            .findFirst()
            .orElseThrow();
    return Manifests.stream(pod.get("volumes"))
        .filter(volume -> volume.get("name").asText().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static boolean enabled(String valueSet, String service) {
    return Chart.merged(Chart.defaults(), Chart.valuesOf(valueSet))
        .at("/services/" + service + "/enabled")
        .asBoolean();
  }

  static Map<String, String> environmentOf(Manifests manifests, String service) {
    JsonNode workload = manifests.workload(service);
    return Environment.of(
        workload.at("/spec/template/spec/containers/0"), Manifests.nameOf(workload) + "-0");
  }

  static ServiceConfig configOf(Manifests manifests, String service) {
    return ServiceConfig.load(NOT_THE_PORT, environmentOf(manifests, service), null);
  }
}
