package dev.sagax.platform.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.DoubleSupplier;

/** The metrics of one service. Safe on any thread. */
public final class Metrics {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /**
   * A number that is asked for whenever the metrics are read, on any thread.
   *
   * @param name in Prometheus' spelling, with the unit last
   * @param help a sentence
   * @param labels names and values in turn
   */
  public Metrics gauge(String name, String help, DoubleSupplier value, String... labels) {
    Gauge.builder(name, value::getAsDouble).description(help).tags(labels).register(registry);
    return this;
  }

  /** All metrics in Prometheus' text format. */
  public String text() {
    return registry.scrape();
  }
}
