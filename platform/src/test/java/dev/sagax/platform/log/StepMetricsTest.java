package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.log.StepMetrics.Phase;
import dev.sagax.platform.metrics.Metrics;
import java.net.ConnectException;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepMetricsTest {
  private final Metrics metrics = new Metrics();
  private final StepMetrics step =
      new StepMetrics(
          metrics,
          new SagaDefinition(
              "match-svc",
              "matching",
              List.of(Topic.MATCH_REQUESTED),
              List.of(Topic.SETTLE_REQUESTED),
              partition -> null),
          2);

  private void has(String... lines) {
    assertThat(metrics.text().lines()).contains(lines);
  }

  @Test
  void nothingIsBehindBeforeAnythingIsKnown() {
    has(
        "sagax_step_lag_records{partition=\"1\",service=\"match-svc\",topic=\"match.requested\"} 0.0",
        "sagax_step_lag_seconds{partition=\"1\",service=\"match-svc\",topic=\"match.requested\"} 0.0",
        "sagax_outbox_unpublished_records{partition=\"1\",service=\"match-svc\"} 0.0",
        "sagax_outbox_oldest_seconds{partition=\"1\",service=\"match-svc\"} 0.0",
        "sagax_dead_letters_put_aside_total{service=\"match-svc\"} 0.0",
        "sagax_step_failures_total{cause=\"other\",phase=\"commit\",service=\"match-svc\"} 0.0");
  }

  @Test
  void lagIsToldInRecordsAndByTheAgeOfTheNextOne() {
    step.lag(0, Topic.MATCH_REQUESTED, 7, System.currentTimeMillis() - 5_000);

    has(
        "sagax_step_lag_records{partition=\"0\",service=\"match-svc\",topic=\"match.requested\"} 7.0");
    assertThat(metrics.text())
        .containsPattern("sagax_step_lag_seconds\\{partition=\"0\".*} ([5-9]|[1-9]\\d)\\.");
  }

  @Test
  void outboxIsToldUntilItIsPublished() {
    step.toPublish(1, 12);
    has("sagax_outbox_unpublished_records{partition=\"1\",service=\"match-svc\"} 12.0");
    assertThat(metrics.text().lines())
        .doesNotContain("sagax_outbox_oldest_seconds{partition=\"1\",service=\"match-svc\"} 0.0");

    step.published(1);

    has(
        "sagax_outbox_unpublished_records{partition=\"1\",service=\"match-svc\"} 0.0",
        "sagax_outbox_oldest_seconds{partition=\"1\",service=\"match-svc\"} 0.0");
  }

  @Test
  void failuresAreToldByWhatWasDoneAndWhy() {
    step.failed(Phase.COMMIT, new ConnectException("away"));
    step.failed(Phase.COMMIT, new IllegalStateException("a bug"));
    step.failed(Phase.HANDLE, new PartitionStoppedException("a person", null));

    has(
        "sagax_step_failures_total{cause=\"infrastructure\",phase=\"commit\",service=\"match-svc\"} 1.0",
        "sagax_step_failures_total{cause=\"other\",phase=\"commit\",service=\"match-svc\"} 1.0",
        "sagax_step_failures_total{cause=\"stopped\",phase=\"handle\",service=\"match-svc\"} 1.0");
  }

  /** Else a partition that moved would count at two replicas. */
  @Test
  void partitionThatIsGivenUpLeavesNothingBehind() {
    step.lag(0, Topic.MATCH_REQUESTED, 7, 1);
    step.toPublish(0, 3);

    step.leave(0);

    has(
        "sagax_step_lag_records{partition=\"0\",service=\"match-svc\",topic=\"match.requested\"} 0.0",
        "sagax_outbox_unpublished_records{partition=\"0\",service=\"match-svc\"} 0.0");
  }
}
