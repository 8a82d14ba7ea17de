package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.local.ServiceProcess;
import dev.sagax.local.infra.Infrastructure;
import dev.sagax.platform.schema.Migrator;
import dev.sagax.platform.schema.ServiceSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A rolling upgrade: processes of the release before and of this build share the topics, the
 * partitions and the stores.
 */
@EnabledIfSystemProperty(
    named = "sagax.previous",
    matches = ".+",
    disabledReason = "Needs a built checkout of the release before: -Dsagax.previous=DIRECTORY")
class PreviousReleaseTest {
  private static final int SOME = 40;
  private static final Duration CLIENTS_COME_BACK = Duration.ofMinutes(2);
  private static final List<String> SERVICES =
      List.of("settle-svc", "match-svc", "asset-svc", "order-svc");

  @TempDir private Path data;

  /**
   * Under load each partition goes from one build to the other and back: what one has written, to
   * the topics or to the stores, the other goes on with.
   */
  @Test
  void bothBuildsServeTheSameExchangeAndTakeOverFromEachOther() throws IOException {
    Path checkout = Path.of(System.getProperty("sagax.previous"));
    String classPath = Files.readString(checkout.resolve("bench/target/classpath")).strip();
    migrateFirst();
    try (TestProcesses exchange = new TestProcesses(data, classPath)) {
      try (Trickle trickle = new Trickle(exchange, TestMarkets.coarse(0))) {
        trickle.flows(SOME);
        for (String service : SERVICES) {
          for (int replica = 0; replica < 2; replica++) {
            ServiceProcess one = exchange.processes().instance(service, replica);
            one.stop();
            exchange.owner(service, TestMarkets.partition(TestMarkets.coarse(0)));
            trickle.flows(SOME);
            one.start(Map.of());
          }
        }
        trickle.flows(SOME);
        trickle.stop();
        // A client may still wait before it tries a process again that was away.
        Eventually.passes(CLIENTS_COME_BACK, trickle::assertEveryOrderCounts);
      }
      Eventually.passes(CLIENTS_COME_BACK, exchange::assertConserved);
      assertThat(exchange.processes().instances())
          .allSatisfy(
              process -> assertThat(Files.readString(process.log())).doesNotContain(" ERROR "));
    }
  }

  /** As a roll-out does. */
  private void migrateFirst() {
    try (Infrastructure servers = Infrastructure.start(data, line -> {})) {
      Migrator migrator = new Migrator(servers.postgresUri());
      ServiceLoader.load(ServiceSchema.class).forEach(migrator::migrate);
    }
  }
}
