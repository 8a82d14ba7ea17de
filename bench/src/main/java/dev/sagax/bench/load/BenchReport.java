package dev.sagax.bench.load;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * What a run showed.
 *
 * @param cpuMicrosPerOrder by kind of process, without the load driver
 * @param backlogGrowth orders under way at the end of the window less those at its start
 * @param conserved the verdict of the audit after the last order was settled
 */
record BenchReport(
    @JsonProperty("seconds") double seconds,
    @JsonProperty("accepted_per_second") double acceptedPerSecond,
    @JsonProperty("settled_per_second") double settledPerSecond,
    @JsonProperty("traded_share") double tradedShare,
    @JsonProperty("rejected") long rejected,
    @JsonProperty("failed") long failed,
    @JsonProperty("backlog_growth") long backlogGrowth,
    @JsonProperty("api_micros") Map<String, Long> apiMicros,
    @JsonProperty("end_to_end_micros") Map<String, Long> endToEndMicros,
    @JsonProperty("cpu_micros_per_order") Map<String, Long> cpuMicrosPerOrder,
    @JsonProperty("conserved") boolean conserved) {

  static Map<String, Long> percentiles(Histogram micros) {
    Map<String, Long> p = new TreeMap<>();
    p.put("p50", micros.getValueAtPercentile(50));
    p.put("p99", micros.getValueAtPercentile(99));
    p.put("p999", micros.getValueAtPercentile(99.9));
    p.put("max", micros.getMaxValue());
    return p;
  }

  long totalCpuMicrosPerOrder() {
    return cpuMicrosPerOrder.values().stream().mapToLong(Long::longValue).sum();
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
    accepted                %,10.0f orders/s
    settled                 %,10.0f orders/s   over %.1f s, backlog %+d, %d failed, %d rejected
    orders that traded      %9.0f %%
    API latency             p50 %s   p99 %s   p99.9 %s
    end-to-end latency      p50 %s   p99 %s   p99.9 %s
    CPU per settled order   %,10d us   %s (the load driver not counted)
    audit                   %s
    """
        .formatted(
            acceptedPerSecond,
            settledPerSecond,
            seconds,
            backlogGrowth,
            failed,
            rejected,
            tradedShare * 100,
            millis(apiMicros, "p50"),
            millis(apiMicros, "p99"),
            millis(apiMicros, "p999"),
            millis(endToEndMicros, "p50"),
            millis(endToEndMicros, "p99"),
            millis(endToEndMicros, "p999"),
            totalCpuMicrosPerOrder(),
            cpuMicrosPerOrder,
            conserved ? "every asset is conserved" : "MONEY IS NOT CONSERVED");
  }

  private static String millis(Map<String, Long> micros, String percentile) {
    return "%.1f ms".formatted(micros.get(percentile) / 1_000.0);
  }
}
