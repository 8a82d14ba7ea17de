package dev.sagax.bench.load;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sagax.bench.load.Criterion.Rule;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/**
 * What a run showed, and whether it counts.
 *
 * @param seconds the length of the window
 * @param askedPerSecond the rate of the schedule; 0 for a closed loop
 * @param apiMicros percentiles, from when an order was due to the answer
 * @param endToEndMicros percentiles, from when an order was due to its settlement
 * @param cpuMicrosPerOrder by kind of process of the exchange, for each order settled in the window
 * @param driverCpuMicrosPerOrder likewise of the load driver, which is no part of the exchange
 * @param auditFindings how many things were found wrong: by the ledger itself meanwhile, and by the
 *     full audit after the last order was settled
 */
@JsonPropertyOrder({"counts", "criteria"})
record BenchReport(
    @JsonProperty("seconds") int seconds,
    @JsonProperty("asked_per_second") int askedPerSecond,
    @JsonUnwrapped OrderCounts orders,
    @JsonUnwrapped BacklogTrend backlog,
    @JsonProperty("api_micros") Map<String, Long> apiMicros,
    @JsonProperty("end_to_end_micros") Map<String, Long> endToEndMicros,
    @JsonProperty("cpu_micros_per_order") Map<String, Long> cpuMicrosPerOrder,
    @JsonProperty("driver_cpu_micros_per_order") long driverCpuMicrosPerOrder,
    @JsonProperty("audit_findings") int auditFindings) {

  static Map<String, Long> percentiles(Histogram micros) {
    Map<String, Long> p = new TreeMap<>();
    p.put("p50", micros.getValueAtPercentile(50));
    p.put("p99", micros.getValueAtPercentile(99));
    p.put("p999", micros.getValueAtPercentile(99.9));
    p.put("max", micros.getMaxValue());
    return p;
  }

  @JsonProperty("accepted_per_second")
  double acceptedPerSecond() {
    return (double) orders.accepted() / seconds;
  }

  @JsonProperty("settled_per_second")
  double settledPerSecond() {
    return (double) orders.settled() / seconds;
  }

  /** Of the orders placed in the window. */
  @JsonProperty("traded_share")
  double tradedShare() {
    return (double) orders.traded() / Math.max(1, orders.placed());
  }

  @JsonProperty("cpu_micros_per_order_total")
  long totalCpuMicrosPerOrder() {
    return cpuMicrosPerOrder.values().stream().mapToLong(Long::longValue).sum();
  }

  /** No call failed, every order was settled or rejected, and the audit is clean. */
  @JsonProperty("worked")
  boolean worked() {
    return errors() == 0 && auditFindings == 0;
  }

  private long errors() {
    return orders.failed() + orders.unsettled();
  }

  /** Share of the orders due in the window that were sent in it; 0 in a loop without schedule. */
  private double sentInTimePercent() {
    return askedPerSecond == 0 ? 0 : 100.0 * orders.sentInTime() / Math.max(1, orders.placed());
  }

  /** All must be met for the run to count. */
  @JsonProperty("criteria")
  List<Criterion> criteria() {
    return List.of(
        new Criterion("window", seconds, Rule.AT_LEAST, 60, "s"),
        new Criterion("accounts", orders.accounts(), Rule.AT_LEAST, 1_000, ""),
        new Criterion("markets", orders.markets(), Rule.AT_LEAST, 4, ""),
        new Criterion("sent on schedule", sentInTimePercent(), Rule.AT_LEAST, 99, "%"),
        new Criterion("settled", settledPerSecond(), Rule.AT_LEAST, 1_000, "orders/s"),
        new Criterion("orders that traded", 100 * tradedShare(), Rule.AT_LEAST, 50, "%"),
        new Criterion(
            "backlog at the end",
            backlog.last(),
            Rule.AT_MOST,
            backlog.allowed(settledPerSecond()),
            "orders"),
        new Criterion(
            "end-to-end p99", endToEndMicros.get("p99") / 1_000.0, Rule.BELOW, 1_000, "ms"),
        new Criterion("errors", errors(), Rule.AT_MOST, 0, ""),
        new Criterion("audit findings", auditFindings, Rule.AT_MOST, 0, ""));
  }

  @JsonProperty("counts")
  boolean counts() {
    return criteria().stream().allMatch(Criterion::ok);
  }

  /** In a sentence. */
  String verdict() {
    return counts()
        ? "This run counts."
        : criteria().stream()
            .filter(criterion -> !criterion.ok())
            .map(criterion -> criterion.name() + " " + criterion.finding())
            .collect(Collectors.joining("; ", "This run does not count: ", "."));
  }

  String toJson() {
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  String toText() {
    return """
    asked                   %s
    accepted                %,10.0f orders/s
    settled                 %,10.0f orders/s   over %d s, %d failed, %d rejected
    API latency             p50 %s   p99 %s   p99.9 %s
    end-to-end latency      p50 %s   p99 %s   p99.9 %s
    CPU per settled order   %,10d us   %s
    the driver's            %,10d us   (not in the figure above)

    %s

    %s\
    """
        .formatted(
            askedPerSecond == 0
                ? "as fast as it answers (closed loop)"
                : "%,10d orders/s".formatted(askedPerSecond),
            acceptedPerSecond(),
            settledPerSecond(),
            seconds,
            orders.failed(),
            orders.rejected(),
            millis(apiMicros, "p50"),
            millis(apiMicros, "p99"),
            millis(apiMicros, "p999"),
            millis(endToEndMicros, "p50"),
            millis(endToEndMicros, "p99"),
            millis(endToEndMicros, "p999"),
            totalCpuMicrosPerOrder(),
            cpuMicrosPerOrder,
            driverCpuMicrosPerOrder,
            criteria().stream().map(BenchReport::line).collect(Collectors.joining("\n")),
            verdict());
  }

  private static String line(Criterion criterion) {
    return "%-24s%-40s%s"
        .formatted(criterion.name(), criterion.finding(), criterion.ok() ? "ok" : "NOT OK");
  }

  private static String millis(Map<String, Long> micros, String percentile) {
    return "%.1f ms".formatted(micros.get(percentile) / 1_000.0);
  }
}
