package dev.sagax.platform.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;
import java.util.function.Function;

/**
 * The metrics of one service, by the names that Prometheus reads, to the letter. A name may be used
 * again with other values of the same labels. Safe on any thread.
 */
public final class Metrics {
  /** What {@link #text} is. */
  static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  private static final PrometheusTextFormatWriter WRITER =
      PrometheusTextFormatWriter.builder().build();

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Map<String, Family<?>> families = new HashMap<>();

  /** A number that only grows. */
  @FunctionalInterface
  public interface Count {
    void add(long more);

    default void one() {
      add(1);
    }
  }

  /** Values of which it is counted how many were up to each of some bounds. */
  @FunctionalInterface
  public interface Spread {
    void see(double value);
  }

  /** A number that is asked for, with what its labels say. */
  private record Asked(DoubleSupplier value, String[] labelValues) {}

  /** All that has one name. */
  private record Family<T>(List<String> labels, T metric) {}

  /** Heap, garbage collections, threads, CPU time, open files: of the process, by usual names. */
  public Metrics ofTheProcess() {
    JvmMetrics.builder().register(registry);
    return this;
  }

  /**
   * A number that is asked for whenever the metrics are read, on any thread; it may not wait.
   *
   * @param name in Prometheus' spelling, with the unit last
   * @param help a sentence
   * @param labels names and values in turn
   */
  public Metrics gauge(String name, String help, DoubleSupplier value, String... labels) {
    asked(name, labels, family -> gauge(name, help, family))
        .add(new Asked(value, everySecond(labels, 1)));
    return this;
  }

  /**
   * As {@link #gauge}, of a number that never becomes smaller.
   *
   * @param name ends in _total
   */
  public Metrics counter(String name, String help, DoubleSupplier value, String... labels) {
    asked(name, labels, family -> counter(name, help, family))
        .add(new Asked(value, everySecond(labels, 1)));
    return this;
  }

  /**
   * A number that only grows, from 0.
   *
   * @param name ends in _total
   * @param labels names and values in turn
   */
  public Count count(String name, String help, String... labels) {
    Counter counter =
        family(
            name,
            labels,
            names -> Counter.builder().name(name).help(help).labelNames(names).register(registry));
    var series = counter.labelValues(everySecond(labels, 1));
    return series::inc;
  }

  /**
   * @param bounds the upper bounds, ascending
   * @param labels names and values in turn
   */
  public Spread spread(String name, String help, double[] bounds, String... labels) {
    Histogram histogram =
        family(
            name,
            labels,
            names ->
                Histogram.builder()
                    .name(name)
                    .help(help)
                    .labelNames(names)
                    .classicOnly()
                    .classicUpperBounds(bounds)
                    .register(registry));
    var series = histogram.labelValues(everySecond(labels, 1));
    return series::observe;
  }

  /**
   * What does not change, as labels.
   *
   * @param name ends in _info
   * @param labels names and values in turn
   */
  public Metrics info(String name, String help, String... labels) {
    Info info =
        family(
            name,
            labels,
            names -> Info.builder().name(name).help(help).labelNames(names).register(registry));
    info.addLabelValues(everySecond(labels, 1));
    return this;
  }

  private List<Asked> asked(
      String name, String[] labels, Function<Family<List<Asked>>, ?> register) {
    return family(
        name,
        labels,
        names -> {
          List<Asked> all = new CopyOnWriteArrayList<>();
          register.apply(new Family<>(List.of(names), all));
          return all;
        });
  }

  private GaugeWithCallback gauge(String name, String help, Family<List<Asked>> family) {
    return GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(family.labels().toArray(String[]::new))
        .callback(tell ->
            family
                .metric()
                .forEach(asked -> tell.call(asked.value().getAsDouble(), asked.labelValues())))
        .register(registry);
  }

  private CounterWithCallback counter(String name, String help, Family<List<Asked>> family) {
    return CounterWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(family.labels().toArray(String[]::new))
        .callback(tell ->
            family
                .metric()
                .forEach(asked -> tell.call(asked.value().getAsDouble(), asked.labelValues())))
        .register(registry);
  }

  @SuppressWarnings("unchecked") // a name is asked for by one kind; another kind is refused below
  private synchronized <T> T family(String name, String[] labels, Function<String[], T> make) {
    String[] names = everySecond(labels, 0);
    Family<?> known = families.get(name);
    if (known == null) {
      known = new Family<>(List.of(names), make.apply(names));
      families.put(name, known);
    }
    if (!known.labels().equals(List.of(names))) {
      throw new IllegalArgumentException(
          "%s has the labels %s, not %s.".formatted(name, known.labels(), List.of(names)));
    }
    return (T) known.metric();
  }

  private static String[] everySecond(String[] labels, int first) {
    String[] every = new String[labels.length / 2];
    for (int i = 0; i < every.length; i++) {
      every[i] = labels[2 * i + first];
    }
    return every;
  }

  /** All metrics in Prometheus' text format. Reads files of the system, so it may take a moment. */
  public String text() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      WRITER.write(out, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
