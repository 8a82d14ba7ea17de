package dev.sagax.platform.log;

import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.rpc.Health;
import dev.sagax.platform.tracing.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service's membership in its consumer group: one Kafka consumer on a thread of its own, and one
 * {@link SagaStep} for every partition that the group gives it. Partition p of all input topics
 * comes together, because the topics have equal counts and are assigned by range.
 */
public final class SagaConsumer implements StepFeed {
  private static final Logger LOG = LoggerFactory.getLogger(SagaConsumer.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int PAUSE_ABOVE = 4_000;
  private static final int RESUME_BELOW = 1_000;
  private static final String DEPENDENCY = "consumer";
  private static final long COMMIT_EVERY_MILLIS = 1_000;
  private static final long FAULT_PAUSE_MILLIS = 500;
  private static final long STOP_MILLIS = 6_000;

  private final Vertx vertx;
  private final SagaDefinition saga;
  private final PgConnectOptions postgres;
  private final KafkaSettings kafka;
  private final SagaProducer producer;
  private final OutputLog outputLog;
  private final Health health;
  private final int partitions;
  private final int deadLettersPerMinute;
  private final FaultInjector faults;
  private final Tracing tracing;
  private final StepMetrics metrics;
  private final Map<Integer, OwnedPartition> owned = new ConcurrentHashMap<>();

  /** Whose word about a partition counts. */
  private final Map<Integer, AtomicReference<StepHealth>> speakers = new ConcurrentHashMap<>();

  private final Queue<Runnable> orders = new ConcurrentLinkedQueue<>();
  private final Promise<Void> closed = Promise.promise();
  private volatile KafkaConsumer<byte[], byte[]> consumer;
  private volatile boolean closing;
  private boolean fenced;
  private Map<TopicPartition, OffsetAndMetadata> committed = Map.of();
  private long lastCommitMillis;

  /**
   * A partition that the group gave us; touched by the reading thread only, but for the step
   * itself.
   */
  private static final class OwnedPartition {
    final SagaStep step;
    volatile Future<String> deployment;
    volatile boolean paused;
    final Map<Topic, Unapplied> unapplied = new EnumMap<>(Topic.class);
    int generation = -1;

    OwnedPartition(SagaStep step) {
      this.step = step;
    }

    Unapplied unapplied(Topic topic) {
      return unapplied.computeIfAbsent(topic, t -> new Unapplied());
    }

    /** From where on a topic is not applied, null if that is not known. */
    Long nextOffset(Topic topic, long readTo) {
      return generation >= 0 && step.isDone(generation)
          ? Long.valueOf(readTo)
          : step.nextOffset(topic);
    }
  }

  public SagaConsumer(
      Vertx vertx,
      SagaDefinition saga,
      KafkaSettings kafka,
      PgConnectOptions postgres,
      SagaProducer producer,
      Health health) {
    this(
        vertx,
        saga,
        kafka,
        postgres,
        producer,
        health,
        Integer.MAX_VALUE,
        DeadLetterLimit.DEFAULT_PER_MINUTE,
        FaultInjector.idle(),
        Tracing.OFF,
        StepMetrics.unseen(saga));
  }

  /**
   * @param partitions how many this process knows of. The topics may have grown since it was
   *     started; it does not know the markets of the new ones, and leaves them alone
   * @param deadLettersPerMinute how many records of a partition may be put aside within a minute
   *     before the partition stops
   */
  public SagaConsumer(
      Vertx vertx,
      SagaDefinition saga,
      KafkaSettings kafka,
      PgConnectOptions postgres,
      SagaProducer producer,
      Health health,
      int partitions,
      int deadLettersPerMinute,
      FaultInjector faults,
      Tracing tracing,
      StepMetrics metrics) {
    this.tracing = tracing;
    this.metrics = metrics;
    this.vertx = vertx;
    this.saga = saga;
    this.kafka = kafka;
    this.postgres = postgres;
    this.producer = producer;
    this.health = health;
    this.partitions = partitions;
    this.deadLettersPerMinute = deadLettersPerMinute;
    this.faults = faults;
    this.outputLog = new OutputLog(kafka, saga.service());
    metrics.showPartitions(owned::containsKey, this::isRunning, this::isStopped);
    Thread.ofPlatform().daemon().name(saga.service() + "-consumer").start(this::run);
  }

  // ---- the reading thread ----

  private void run() {
    try {
      KafkaSettings.whenResolvable(
              () -> kafka.groupConsumer(saga.service(), saga.service()), () -> closing)
          .ifPresent(this::read);
    } catch (RuntimeException | Error bug) {
      LOG.error("Reading has ended service={}", saga.service(), bug);
      health.report(DEPENDENCY, false, bug.toString());
    } finally {
      closed.complete();
    }
  }

  private void read(KafkaConsumer<byte[], byte[]> made) {
    consumer = made;
    consumer.subscribe(saga.inputs().stream().map(t -> t.topicName).toList(), new Ownership());
    while (!closing && !fenced) {
      readOn();
    }
    stopSteps(Set.copyOf(owned.keySet()));
    consumer.close();
  }

  private void readOn() {
    try {
      carryOutOrders();
      balanceFlow();
      if (handOver(consumer.poll(POLL))) {
        KafkaSettings.pause(KafkaSettings.READ_PAUSE_MILLIS);
      }
      tellWhatIsReadToTheEnd();
      commitForLagMonitoring();
      health.report(DEPENDENCY, true, "");
    } catch (WakeupException asked) {
      LOG.trace("Woken up to carry out an order");
    } catch (OffsetOutOfRangeException e) {
      outOfRange(e);
    } catch (FencedInstanceIdException e) {
      giveWay();
    } catch (KafkaException e) {
      LOG.warn("The broker did not answer, reading goes on when it does: {}", e.toString());
      health.report(DEPENDENCY, false, e.toString());
      KafkaSettings.pause(FAULT_PAUSE_MILLIS);
    } catch (RuntimeException | Error bug) {
      LOG.error("Reading failed and is tried again service={}", saga.service(), bug);
      health.report(DEPENDENCY, false, bug.toString());
      KafkaSettings.pause(FAULT_PAUSE_MILLIS);
    }
  }

  /**
   * Joining again would fence the other process in turn, and so on for ever. So this one gives up
   * its partitions and says why it is not ready; its API goes on.
   */
  private void giveWay() {
    fenced = true;
    String why =
        "Another process has joined as instance.id %s, so this one reads nothing any more. Give each process an id of its own and restart this one."
            .formatted(kafka.instanceId());
    LOG.error("{} service={}", why, saga.service());
    health.report(DEPENDENCY, false, why);
  }

  private void carryOutOrders() {
    for (Runnable order = orders.poll(); order != null; order = orders.poll()) {
      order.run();
    }
  }

  private void balanceFlow() {
    owned.forEach((partition, mine) -> {
      int buffered = mine.step.buffered();
      if (!mine.paused && buffered > PAUSE_ABOVE) {
        mine.paused = true;
        consumer.pause(assigned(partition));
      } else if (mine.paused && mine.generation >= 0 && buffered < RESUME_BELOW) {
        mine.paused = false;
        consumer.resume(assigned(partition));
      }
    });
  }

  /** Whether there was anything. */
  private boolean handOver(ConsumerRecords<byte[], byte[]> polled) {
    Map<Integer, List<LogRecord>> byPartition = new HashMap<>();
    for (TopicPartition source : polled.partitions()) {
      List<LogRecord> records =
          byPartition.computeIfAbsent(source.partition(), p -> new ArrayList<>());
      Topic topic = Topic.ofName(source.topic()).orElseThrow();
      polled.records(source).forEach(record -> records.add(toLogRecord(topic, record)));
    }
    byPartition.forEach((partition, records) -> {
      OwnedPartition mine = owned.get(partition);
      if (mine != null && mine.generation >= 0) {
        records.forEach(
            record -> mine.unapplied(record.topic()).read(record.offset(), record.timeMillis()));
        mine.step.offer(mine.generation, records);
      }
    });
    return !polled.isEmpty();
  }

  /** To steps that have failed: what would fail again may not have been read yet. */
  private void tellWhatIsReadToTheEnd() {
    owned.forEach((partition, mine) -> {
      if (mine.generation >= 0 && mine.step.isDoubted() && isReadToTheEnd(partition)) {
        mine.step.readToTheEnd(mine.generation);
      }
    });
  }

  private boolean isReadToTheEnd(int partition) {
    return assigned(partition).stream()
        .allMatch(source -> consumer.currentLag(source).orElse(-1) == 0);
  }

  private static LogRecord toLogRecord(Topic topic, ConsumerRecord<byte[], byte[]> record) {
    List<LogHeader> headers = new ArrayList<>();
    record.headers().forEach(header -> headers.add(new LogHeader(header.key(), header.value())));
    return new LogRecord(
        topic,
        record.partition(),
        topic.numbered() ? RecordSeq.of(record.headers()) : record.offset(),
        record.offset(),
        record.timestamp(),
        record.key(),
        record.value(),
        headers);
  }

  /**
   * The group's offsets decide nothing; they let standard tools show the lag. It is what is not yet
   * applied, read or not.
   */
  private void commitForLagMonitoring() {
    long now = System.currentTimeMillis();
    if (now - lastCommitMillis < COMMIT_EVERY_MILLIS) {
      return;
    }
    lastCommitMillis = now;
    owned.forEach((partition, mine) -> measureLag(partition, mine, now));
    Map<TopicPartition, OffsetAndMetadata> applied = new HashMap<>();
    owned.forEach((partition, mine) -> addApplied(partition, mine, applied));
    if (!applied.isEmpty() && !applied.equals(committed)) {
      committed = applied;
      consumer.commitAsync(applied, (offsets, failure) -> forgetIf(failure != null));
    }
  }

  private void forgetIf(boolean failed) {
    if (failed) {
      committed = Map.of(); // and so commit again
    }
  }

  /** Once all that was read is done, so are repeats at the end, which move no position. */
  private void addApplied(
      int partition, OwnedPartition mine, Map<TopicPartition, OffsetAndMetadata> applied) {
    boolean done = mine.generation >= 0 && mine.step.isDone(mine.generation);
    for (TopicPartition source : assigned(partition)) {
      Long next =
          done
              ? Long.valueOf(consumer.position(source))
              : mine.step.nextOffset(Topic.ofName(source.topic()).orElseThrow());
      if (next != null) {
        applied.put(source, new OffsetAndMetadata(next));
      }
    }
  }

  /** By what the last answer of the broker said of the log's end; it is not asked for this. */
  private void measureLag(int partition, OwnedPartition mine, long now) {
    if (mine.generation < 0) {
      return; // it is not known yet where the step stands
    }
    for (TopicPartition source : assigned(partition)) {
      OptionalLong unread = consumer.currentLag(source);
      if (unread.isPresent()) {
        Topic topic = Topic.ofName(source.topic()).orElseThrow();
        long readTo = consumer.position(source);
        Long next = mine.nextOffset(topic, readTo);
        Unapplied unapplied = mine.unapplied(topic);
        long from = next == null ? unapplied.firstOffset(readTo) : next;
        long records = Math.max(0, readTo + unread.getAsLong() - from);
        unapplied.appliedTo(from);
        metrics.lag(partition, topic, records, unapplied.sinceMillis(records, now));
      }
    }
  }

  private void outOfRange(OffsetOutOfRangeException e) {
    try {
      e.offsetOutOfRangePartitions().forEach(this::startOverOrRefuse);
    } catch (KafkaException notNow) {
      LOG.warn("The broker did not answer, the position is looked at again: {}", notNow.toString());
    }
    KafkaSettings.pause(FAULT_PAUSE_MILLIS);
  }

  private void startOverOrRefuse(TopicPartition lost, long offset) {
    if (onlyRepeatsWereDeleted(lost, offset)) {
      consumer.seekToBeginning(List.of(lost));
      return;
    }
    LOG.error(
        "The log does not have the position that PostgreSQL says was applied: one of them went back in time,"
            + " or records were deleted too early. Restore the log, or rebuild from the journal. {} offset={}",
        lost,
        offset);
    health.report(
        "partition " + lost.partition() + " log", false, "the log lost the position of " + lost);
    consumer.pause(List.of(lost));
  }

  /**
   * The stored offset of a numbered topic stays at the last record that was accepted; what follows
   * it may be repeats, which retention deletes one day. Numbers tell a true loss by themselves.
   */
  private boolean onlyRepeatsWereDeleted(TopicPartition lost, long offset) {
    return Topic.ofName(lost.topic()).orElseThrow().numbered()
        && offset < consumer.beginningOffsets(List.of(lost)).get(lost);
  }

  private List<TopicPartition> assigned(int partition) {
    return consumer.assignment().stream().filter(tp -> tp.partition() == partition).toList();
  }

  // ---- ownership ----

  private final class Ownership implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> given) {
      consumer.pause(given);
      consumer.seekToBeginning(given); // any position will do until the step says where it stands
      given.stream().map(TopicPartition::partition).distinct().sorted().forEach(this::own);
    }

    private void own(int partition) {
      if (partition >= partitions) {
        LOG.warn(
            "The topics have more partitions than the {} that this process was started with; partition {} waits for a"
                + " process that knows it service={}",
            partitions,
            partition,
            saga.service());
        return;
      }
      LOG.info("Partition is assigned service={} partition={}", saga.service(), partition);
      SagaStep step =
          new SagaStep(
              saga,
              partition,
              postgres,
              producer,
              outputLog,
              SagaConsumer.this,
              healthOf(partition),
              deadLettersPerMinute,
              faults,
              tracing,
              metrics);
      OwnedPartition mine = new OwnedPartition(step);
      mine.paused = true;
      mine.deployment = vertx.deployVerticle(step);
      owned.put(partition, mine);
    }

    private StepHealth healthOf(int partition) {
      return new StepHealth(
          health, speakers.computeIfAbsent(partition, p -> new AtomicReference<>()));
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> taken) {
      Set<Integer> partitions = new HashSet<>();
      taken.forEach(tp -> partitions.add(tp.partition()));
      stopSteps(partitions);
    }
  }

  /**
   * Stops steps and waits, bounded: a step that is slow to stop can do no harm, its fence has moved
   * on.
   */
  private void stopSteps(Set<Integer> partitions) {
    List<Future<Void>> stopped = new ArrayList<>();
    for (int partition : partitions) {
      OwnedPartition mine = owned.remove(partition);
      if (mine != null) {
        LOG.info("Partition is given up service={} partition={}", saga.service(), partition);
        health.report("partition " + partition + " log", true, "not ours any more");
        metrics.leave(partition);
        stopped.add(mine.deployment.compose(vertx::undeploy));
      }
    }
    CountDownLatch done = new CountDownLatch(1);
    Future.join(stopped).onComplete(all -> done.countDown());
    try {
      if (!done.await(STOP_MILLIS, TimeUnit.MILLISECONDS)) {
        LOG.warn("Steps did not stop in time service={} partitions={}", saga.service(), partitions);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- asked by the steps ----

  @Override
  public void readFrom(int partition, int generation, Map<Topic, Long> nextOffsets) {
    orders.add(() -> {
      OwnedPartition mine = owned.get(partition);
      if (mine == null) {
        return;
      }
      for (TopicPartition source : assigned(partition)) {
        Long offset = nextOffsets.get(Topic.ofName(source.topic()).orElseThrow());
        if (offset == null) {
          consumer.seekToBeginning(List.of(source));
        } else {
          consumer.seek(source, offset);
        }
      }
      health.report("partition " + partition + " log", true, "");
      mine.unapplied.values().forEach(Unapplied::restart);
      mine.generation = generation;
      mine.paused = false;
      consumer.resume(assigned(partition));
    });
    consumer.wakeup();
  }

  @Override
  public void roomAgain(int partition) {
    OwnedPartition mine = owned.get(partition);
    if (mine != null && mine.paused && mine.step.buffered() < RESUME_BELOW) {
      consumer.wakeup();
    }
  }

  // ---- asked by people

  /** The name of what it runs: "match-svc". */
  public String service() {
    return saga.service();
  }

  /** How the partitions are that this instance owns, by their numbers; for any thread. */
  public List<PartitionStatus> partitions() {
    return owned.values().stream()
        .map(mine -> mine.step.status())
        .sorted(Comparator.comparingInt(PartitionStatus::partition))
        .toList();
  }

  /** Whether this instance owns a partition and it waits for a person; for any thread. */
  public boolean isStopped(int partition) {
    return isIn(PartitionStatus.State.STOPPED, partition);
  }

  private boolean isRunning(int partition) {
    return isIn(PartitionStatus.State.RUNNING, partition);
  }

  private boolean isIn(PartitionStatus.State state, int partition) {
    OwnedPartition mine = owned.get(partition);
    return mine != null && mine.step.status().state() == state;
  }

  /**
   * Lets a stopped partition go on; for any thread.
   *
   * @return whether it was stopped; fails with a refusal PARTITION_NOT_OWNED
   */
  public Future<Boolean> resume(int partition) {
    OwnedPartition mine = owned.get(partition);
    return mine == null
        ? Future.failedFuture(notOwned(partition).asException())
        : mine.deployment.compose(deployed -> mine.step.resume());
  }

  /** What is said about a partition of another instance. */
  public Refusal notOwned(int partition) {
    return Refusal.of(
            Reason.PARTITION_NOT_OWNED,
            "Partition %d of %s belongs to another instance, or to none yet; here are %s."
                .formatted(partition, saga.service(), new TreeSet<>(owned.keySet())))
        .with("partition", Integer.toString(partition));
  }

  /** Stops every step, leaves the group. */
  public Future<Void> close() {
    closing = true;
    KafkaConsumer<byte[], byte[]> made = consumer;
    if (made != null) {
      made.wakeup();
    }
    return closed.future();
  }
}
