package dev.sagax.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sagax.local.LocalExchange;
import dev.sagax.platform.boot.MigrateMain;
import dev.sagax.platform.boot.ServiceConfig;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.platform.boot.TopicsMain;
import dev.sagax.platform.boot.Version;
import dev.sagax.platform.money.Markets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The chart and `./sagax up` run the same exchange. */
class LocalRunTest {
  @TempDir private static Path folder;

  @Test
  void thePortsAreThose() {
    JsonNode services = Chart.defaults().get("services");

    assertThat(
            new LocalExchange.Ports(
                services.at("/order-svc/port").asInt(),
                services.at("/match-svc/port").asInt(),
                services.at("/settle-svc/port").asInt(),
                services.at("/asset-svc/port").asInt()))
        .isEqualTo(LocalExchange.Ports.DEFAULT);
    assertThat(services.size()).isEqualTo(Manifests.SERVICES.size());
  }

  @Test
  void thePartitionsAreThoseAndTheReplicasAreThoseOfAServiceAlone() {
    JsonNode topics = Chart.defaults().at("/kafka/topics");

    assertThat(topics.get("partitions").asInt()).isEqualTo(LocalExchange.PARTITIONS);
    assertThat(topics.get("replication").asText())
        .isEqualTo(Setting.TOPICS_REPLICATION.defaultValue());
    assertThat(topics.get("allowUnreplicated").asText())
        .isEqualTo(Setting.TOPICS_ALLOW_UNREPLICATED.defaultValue());
  }

  @Test
  void theMarketsAreThose() throws Exception {
    Path local = folder.resolve("local.yaml");
    LocalExchange.copyBuiltInMarkets(local);
    Path chart = folder.resolve("chart.yaml");
    Files.writeString(chart, marketsOf(Chart.with("minimal")));

    assertThat(Chart.directory().resolve("files/markets.yaml")).hasSameTextualContentAs(local);
    assertThat(Files.readString(chart).strip()).isEqualTo(Files.readString(local).strip());
    Markets markets = Markets.load(chart, LocalExchange.PARTITIONS);
    assertThat(markets.markets()).isNotEmpty();
  }

  @Test
  void ownMarketsAreRead() throws Exception {
    Path file = folder.resolve("own.yaml");
    Files.writeString(file, marketsOf(Chart.with("strimzi")));

    assertThat(Markets.load(file, 6).market("BTC-EUR")).isPresent();
  }

  private static String marketsOf(Manifests manifests) {
    return manifests.named("ConfigMap", "sagax-markets").at("/data/markets.yaml").asText();
  }

  /** `./sagax up --processes` names its processes order-svc-0, order-svc-1, ... */
  @Test
  void aPodHasItsPlaceInTheGroupByItsNameAsAProcessOfThisMachineHas() {
    ServiceConfig config = SettingsTest.configOf(Chart.with("minimal"), "order-svc");

    assertThat(config.instanceId()).endsWith("order-svc-0");
    assertThat(config.partitions()).isEqualTo(LocalExchange.PARTITIONS);
  }

  @Test
  void theChartIsOfThisVersion() throws Exception {
    JsonNode chart = Chart.parse(Chart.read(Chart.directory().resolve("Chart.yaml")));

    assertThat(new Version().getVersion()[0])
        .isEqualTo("Sagax " + chart.get("appVersion").asText());
  }

  @Test
  void theHookRunsAMainClassThatIsThereBeforeAnythingElse() {
    JsonNode job = Chart.with("minimal").named("Job", "sagax-topics");

    assertThat(job.at("/spec/template/spec/containers/0/command"))
        .extracting(JsonNode::asText)
        .endsWith(TopicsMain.class.getName());
    assertThat(job.at("/metadata/annotations/shown.helm.sh~1hook").asText())
        .isEqualTo("pre-install,pre-upgrade");
    ServiceConfig config =
        ServiceConfig.load(
            0, Environment.of(job.at("/spec/template/spec/containers/0"), "pod"), null);
    assertThat(config.kafkaBootstrap()).isEqualTo("kafka.data:9092");
    assertThat(config.partitions()).isEqualTo(LocalExchange.PARTITIONS);
    assertThat(Chart.with("strimzi").ofKind("Job")).isEmpty();
    assertThat(Chart.with("one-service").ofKind("Job")).isEmpty();
  }

  /** One a service, since only its image has its migrations. */
  @Test
  void theOwnerMigratesInHooksAndTheServicesOnlyAskForTheirTables() {
    Manifests manifests = Chart.with("production");

    for (String service : Manifests.SERVICES) {
      JsonNode job = manifests.named("Job", "sagax-" + service + "-migrations");
      JsonNode container = job.at("/spec/template/spec/containers/0");
      assertThat(container.get("image").asText()).contains("/" + service + ":");
      assertThat(container.get("command"))
          .extracting(JsonNode::asText)
          .endsWith(MigrateMain.class.getName());
      assertThat(container.findValuesAsText("name")).contains("postgres-owner");
      assertThat(job.at("/metadata/annotations/shown.helm.sh~1hook").asText())
          .isEqualTo("pre-install,pre-upgrade");
      assertThat(ServiceConfig.load(0, Environment.of(container, "pod"), null).postgresUri())
          .endsWith("@postgres.data:5432/exchange");
      assertThat(SettingsTest.configOf(manifests, service).migrationsRun()).isFalse();
      assertThat(SettingsTest.configOf(Chart.with("minimal"), service).migrationsRun()).isTrue();
    }
    assertThat(
            manifests
                .named("NetworkPolicy", "sagax-migrations")
                .at("/spec/egress")
                .findValues("port"))
        .extracting(JsonNode::asInt)
        .contains(5432);
  }
}
