package dev.sagax.platform.log;

import dev.sagax.platform.metrics.Metrics;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;

/**
 * What a part of the saga measures about its steps. A partition that another replica owns shows 0,
 * so that the sum over all replicas counts each partition once. Safe on any thread.
 */
public final class StepMetrics {
  private static final double[] RECORDS = {1, 2, 5, 10, 20, 50, 100, 200, 300, 400, 500};
  private static final double[] SECONDS = {
    0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30
  };

  /** What a step was doing when it failed. */
  enum Phase {
    LOAD("load"),
    HANDLE("handle"),
    COMMIT("commit"),
    PUBLISH("publish");

    private final String label;

    Phase(String label) {
      this.label = label;
    }
  }

  /** Why it failed. */
  enum Cause {
    INFRASTRUCTURE("infrastructure"),
    STOPPED("stopped"),
    OTHER("other");

    private final String label;

    Cause(String label) {
      this.label = label;
    }

    static Cause of(Throwable failure) {
      if (failure instanceof PartitionStoppedException) {
        return STOPPED;
      }
      return Faults.isInfrastructure(failure) ? INFRASTRUCTURE : OTHER;
    }
  }

  private record Place(int partition, Topic topic) {}

  /**
   * @param sinceMillis when the next record was written that is not applied; 0 if there is none
   */
  private record Lag(long records, long sinceMillis) {}

  /** Committed and not acknowledged. */
  private record Unpublished(int records, long sinceNanos) {}

  private final Metrics metrics;
  private final String service;
  private final int partitions;
  private final Map<Place, Lag> lags = new ConcurrentHashMap<>();
  private final Map<Integer, Unpublished> unpublished = new ConcurrentHashMap<>();
  private final Map<Topic, Metrics.Count> applied = new EnumMap<>(Topic.class);
  private final Map<Topic, Metrics.Count> ignored = new EnumMap<>(Topic.class);
  private final Map<Phase, Map<Cause, Metrics.Count>> failures = new EnumMap<>(Phase.class);
  private final Metrics.Spread batches;
  private final Metrics.Spread seconds;
  private final Metrics.Count deadLetters;

  /**
   * @param partitions of every topic
   */
  public StepMetrics(Metrics metrics, SagaDefinition saga, int partitions) {
    this.metrics = metrics;
    this.service = saga.service();
    this.partitions = partitions;
    for (Topic topic : saga.inputs()) {
      applied.put(
          topic,
          count(
              "sagax_step_records_total", "Records that were applied.", "topic", topic.topicName));
      ignored.put(
          topic,
          count(
              "sagax_step_ignored_records_total",
              "Records that were read and not accepted: repeats, and what follows a gap.",
              "topic",
              topic.topicName));
    }
    for (Phase phase : Phase.values()) {
      Map<Cause, Metrics.Count> causes = new EnumMap<>(Cause.class);
      for (Cause cause : Cause.values()) {
        causes.put(
            cause,
            count(
                "sagax_step_failures_total",
                "Batches that failed by what was being done, and so how often a step started over; commit: its transaction was aborted.",
                "phase",
                phase.label,
                "cause",
                cause.label));
      }
      failures.put(phase, causes);
    }
    batches =
        metrics.spread(
            "sagax_step_batch_records",
            "How many records were applied in one transaction.",
            RECORDS,
            labels());
    seconds =
        metrics.spread(
            "sagax_step_batch_seconds",
            "How long a batch took, until what follows from it was acknowledged.",
            SECONDS,
            labels());
    deadLetters =
        count("sagax_dead_letters_put_aside_total", "Records that were put aside as dead letters.");
    for (int partition = 0; partition < partitions; partition++) {
      showLags(saga, partition);
      showUnpublished(partition);
    }
  }

  /** Shows nothing to anybody. */
  static StepMetrics unseen(SagaDefinition saga) {
    return new StepMetrics(new Metrics(), saga, 0);
  }

  private Metrics.Count count(String name, String help, String... labels) {
    return metrics.count(name, help, labels(labels));
  }

  private String[] labels(String... more) {
    String[] labels = new String[more.length + 2];
    labels[0] = "service";
    labels[1] = service;
    System.arraycopy(more, 0, labels, 2, more.length);
    return labels;
  }

  private void showLags(SagaDefinition saga, int partition) {
    for (Topic topic : saga.inputs()) {
      Place place = new Place(partition, topic);
      String[] labels = labels("partition", Integer.toString(partition), "topic", topic.topicName);
      metrics
          .gauge(
              "sagax_step_lag_records",
              "Records of a partition of this process that are in the log and not applied.",
              () -> lag(place).records(),
              labels)
          .gauge(
              "sagax_step_lag_seconds",
              "How old the next record is that is not applied; 0 if all are.",
              () -> ageSeconds(lag(place).sinceMillis()),
              labels);
    }
  }

  private Lag lag(Place place) {
    return lags.getOrDefault(place, new Lag(0, 0));
  }

  private static double ageSeconds(long sinceMillis) {
    return sinceMillis == 0 ? 0 : Math.max(0, System.currentTimeMillis() - sinceMillis) / 1e3;
  }

  private void showUnpublished(int partition) {
    String[] labels = labels("partition", Integer.toString(partition));
    metrics
        .gauge(
            "sagax_outbox_unpublished_records",
            "Records that are committed and not acknowledged by the broker.",
            () -> unpublished.getOrDefault(partition, new Unpublished(0, 0)).records(),
            labels)
        .gauge(
            "sagax_outbox_oldest_seconds",
            "For how long this process has had records to publish that are not acknowledged; 0 if it has none.",
            () -> unpublishedSeconds(partition),
            labels);
  }

  private double unpublishedSeconds(int partition) {
    Unpublished now = unpublished.get(partition);
    return now == null ? 0 : (System.nanoTime() - now.sinceNanos()) / 1e9;
  }

  /** Shows which partitions this process owns, and how they are. */
  void showPartitions(IntPredicate owned, IntPredicate running, IntPredicate stopped) {
    for (int p = 0; p < partitions; p++) {
      int partition = p;
      String[] labels = labels("partition", Integer.toString(partition));
      metrics
          .gauge(
              "sagax_partition_owned",
              "1 while this process owns the partition.",
              () -> owned.test(partition) ? 1 : 0,
              labels)
          .gauge(
              "sagax_partition_running",
              "1 while this process owns the partition and applies what comes.",
              () -> running.test(partition) ? 1 : 0,
              labels)
          .gauge(
              "sagax_partition_stopped",
              "1 while a partition of this process is stopped and waits for a person.",
              () -> stopped.test(partition) ? 1 : 0,
              labels);
    }
  }

  void applied(List<LogRecord> records) {
    records.forEach(record -> applied.get(record.topic()).one());
    batches.see(records.size());
  }

  void took(long nanos) {
    seconds.see(nanos / 1e9);
  }

  void ignored(Topic topic) {
    ignored.get(topic).one();
  }

  void putAside(int records) {
    deadLetters.add(records);
  }

  void failed(Phase phase, Throwable failure) {
    failures.get(phase).get(Cause.of(failure)).one();
  }

  void toPublish(int partition, int records) {
    if (records > 0) {
      unpublished.put(partition, new Unpublished(records, System.nanoTime()));
    }
  }

  /** Nothing is left to be published, or it is not ours any more. */
  void published(int partition) {
    unpublished.remove(partition);
  }

  void lag(int partition, Topic topic, long records, long sinceMillis) {
    lags.put(new Place(partition, topic), new Lag(records, sinceMillis));
  }

  /** The partition is not ours any more. */
  void leave(int partition) {
    lags.keySet().removeIf(place -> place.partition() == partition);
    published(partition);
  }
}
