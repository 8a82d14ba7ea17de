package dev.sagax.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchReportTest {
  private int seconds = 60;
  private int rate = 1_000;
  private long sentInTime = 60_000;
  private long settled = 60_000;
  private long traded = 30_000;
  private int accounts = 1_000;
  private int markets = 4;
  private long failed;
  private long unsettled;
  private double backlogAtTheEnd = 350;
  private long p99Micros = 999_000;
  private int findings;

  @Test
  void aRunThatMeetsEveryLimitCounts() {
    BenchReport report = report();

    assertThat(report.counts()).isTrue();
    assertThat(report.worked()).isTrue();
    assertThat(report.verdict()).isEqualTo("This run counts.");
    assertThat(report.toText()).doesNotContain("NOT OK");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          seconds    | window 20 s < 60 s
          accounts   | accounts 999 < 1,000
          markets    | markets 3 < 4
          late       | sent on schedule 98.5 % < 99 %
          closed     | sent on schedule 0 % < 99 %
          slow       | settled 999.5 orders/s < 1,000 orders/s
          untraded   | orders that traded 49.98 % < 50 %
          backlog    | backlog at the end 351 orders > 350 orders
          latency    | end-to-end p99 1,000 ms >= 1,000 ms
          failed     | errors 1 > 0
          unsettled  | errors 2 > 0
          findings   | audit findings 3 > 0
          """)
  void aRunThatMissesOneLimitDoesNotCountAndSaysWhich(String missed, String finding) {
    switch (missed) {
      case "seconds" -> {
        seconds = 20;
        settled = 20_000;
      }
      case "accounts" -> accounts = 999;
      case "markets" -> markets = 3;
      case "late" -> sentInTime = 59_100;
      case "closed" -> rate = 0;
      case "slow" -> {
        settled = 59_970;
        backlogAtTheEnd = 100;
      }
      case "untraded" -> traded = 29_988;
      case "backlog" -> backlogAtTheEnd = 351;
      case "latency" -> p99Micros = 1_000_000;
      case "failed" -> failed = 1;
      case "unsettled" -> unsettled = 2;
      case "findings" -> findings = 3;
      default -> throw new IllegalArgumentException(missed);
    }

    BenchReport report = report();

    assertThat(report.counts()).isFalse();
    assertThat(report.verdict()).isEqualTo("This run does not count: " + finding + ".");
    assertThat(report.toText()).containsOnlyOnce("NOT OK").contains(finding);
  }

  @Test
  void aShortRunWorksThoughItDoesNotCount() {
    seconds = 5;

    assertThat(report().worked()).isTrue();
  }

  @Test
  void aRunWithErrorsDidNotWork() {
    unsettled = 1;

    assertThat(report().worked()).isFalse();
  }

  @Test
  void jsonHasTheVerdictItsCriteriaAndTheFigures() throws Exception {
    JsonNode json = new ObjectMapper().readTree(report().toJson());

    assertThat(json.get("counts").asBoolean()).isTrue();
    assertThat(json.get("criteria")).hasSize(10);
    assertThat(json.at("/criteria/0/ok").asBoolean()).isTrue();
    assertThat(json.get("settled_per_second").asDouble()).isEqualTo(1_000);
    assertThat(json.get("traded_share").asDouble()).isEqualTo(0.5);
    assertThat(json.at("/end_to_end_micros/p99").asLong()).isEqualTo(999_000);
    assertThat(json.at("/cpu_micros_per_order/services").asLong()).isEqualTo(300);
    assertThat(json.get("driver_cpu_micros_per_order").asLong()).isEqualTo(40);
    assertThat(json.get("failed").asLong()).isZero();
    assertThat(json.get("backlog_last").asDouble()).isEqualTo(350);
  }

  private BenchReport report() {
    return new BenchReport(
        seconds,
        rate,
        new OrderCounts(
            60_000, sentInTime, 60_000, settled, traded, accounts, markets, 0, failed, unsettled),
        new BacklogTrend(100, backlogAtTheEnd),
        Map.of("p50", 5_000L, "p99", 9_000L, "p999", 9_500L, "max", 9_600L),
        Map.of("p50", 20_000L, "p99", p99Micros, "p999", 1_100_000L, "max", 1_200_000L),
        Map.of("services", 300L, "kafka", 100L),
        40,
        findings);
  }
}
