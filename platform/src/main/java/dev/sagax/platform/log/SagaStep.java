package dev.sagax.platform.log;

import dev.sagax.platform.fault.FaultInjectedException;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.log.PartitionStatus.State;
import dev.sagax.platform.log.StepFaults.Boundary;
import dev.sagax.platform.log.StepMetrics.Phase;
import dev.sagax.platform.rpc.Health;
import dev.sagax.platform.tracing.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one loop of every Kafka step, for one partition that this instance owns, on one event loop:
 *
 * <pre>
 *            +--------------------------- pause <-----------------------------+
 *            v                                                                | fault, fenced
 *   load (fence, positions, state, outbox in one snapshot)  -> publish what is left
 *     -> [ accept -> handle -> ONE transaction: fence + state + positions + outbox -> publish ] *
 *            |
 *            +-- PartitionStoppedException --> stopped, until a person resumes it
 * </pre>
 *
 * Only polling and decoding run ahead. After any failure memory is dropped and loaded again: the
 * positions say what was applied, so whatever is read twice is ignored the second time.
 */
final class SagaStep extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(SagaStep.class);
  private static final int MAX_BATCH = 500;
  private static final int MAX_BATCH_BYTES = 512 * 1024;
  private static final int WORTH_A_BATCH = 100;
  private static final long GAP_ALARM_MILLIS = 10_000;
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 5_000;
  private static final long STOP_MILLIS = 5_000;
  private static final long CLOSE_MILLIS = 1_000;
  private static final long COMMIT_SECONDS = 30;
  private static final int SUBJECTS_TOLD = 10;
  private static final long LOAD_SECONDS = 120;

  /** One sequence for the process: an order of a former step of this partition means nothing. */
  private static final AtomicInteger GENERATIONS = new AtomicInteger();

  private final SagaDefinition saga;
  private final int partition;
  private final PgConnectOptions postgres;
  private final SagaProducer producer;
  private final OutputLog outputLog;
  private final StepFeed feed;
  private final Health health;
  private final StepStore store;
  private final String healthName;
  private final String alarmName;
  private final DeadLetterLimit deadLetterLimit;
  private final StepFaults faults;
  private final Tracing tracing;
  private final StepMetrics metrics;
  private final AtomicInteger buffered = new AtomicInteger();

  private final ArrayDeque<LogRecord> buffer = new ArrayDeque<>();
  private final Map<Topic, Long> accepted = new EnumMap<>(Topic.class);
  private final Map<Topic, StepStore.InputPosition> positions = new ConcurrentHashMap<>();
  private final Map<Topic, Long> lastSeq = new EnumMap<>(Topic.class);
  private final IgnoredRecords ignored;
  private PgConnection db;
  private OutboxPublisher publisher;
  private GapAlarms gaps;
  private StepHandler handler;
  private long version;
  private volatile int generation;
  private long pauseMillis = FIRST_PAUSE_MILLIS;
  private volatile boolean ready;
  private volatile boolean busy;

  /** It has failed and is loaded again, and nothing shows yet that its cause is gone. */
  private volatile boolean doubted;

  private volatile PartitionStatus status;
  private boolean closing;
  private Phase phase = Phase.LOAD;
  private long batchBegan;

  /** Whether the batch ended before the records that were there did. */
  private boolean cut;

  /** Records that are lost from memory if the step fails now: not committed, or not published. */
  private int atStake;

  private Promise<Void> idle = Promise.promise();
  private Runnable endWatch = () -> {};

  SagaStep(
      SagaDefinition saga,
      int partition,
      PgConnectOptions postgres,
      SagaProducer producer,
      OutputLog outputLog,
      StepFeed feed,
      Health health,
      int deadLettersPerMinute,
      FaultInjector faults,
      Tracing tracing,
      StepMetrics metrics) {
    this.tracing = tracing;
    this.metrics = metrics;
    this.saga = saga;
    this.partition = partition;
    this.postgres = postgres;
    this.producer = producer;
    this.outputLog = outputLog;
    this.feed = feed;
    this.health = health;
    this.store = new StepStore(saga.service(), saga.schema(), partition);
    this.ignored = new IgnoredRecords(saga.service(), partition, System::nanoTime);
    this.healthName = "partition " + partition;
    this.alarmName = "partition-" + partition;
    this.status = new PartitionStatus(partition, State.LOADING, "");
    this.faults = new StepFaults(faults, saga.service());
    this.deadLetterLimit =
        new DeadLetterLimit(
            deadLettersPerMinute, () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
  }

  @Override
  public Future<?> start() {
    publisher = new OutboxPublisher(vertx, context, producer, partition, faults, this::publishing);
    gaps = new GapAlarms(vertx, health, partition, GAP_ALARM_MILLIS);
    endWatch = health.watchLoop(context);
    health.loading(healthName);
    reload();
    return Future.succeededFuture();
  }

  /** Lets a batch under way finish, for a few seconds; the fence guards whatever comes later. */
  @Override
  public Future<?> stop() {
    closing = true;
    ready = false;
    publisher.close();
    gaps.closeAll();
    Future<Void> quiet = busy ? idle.future() : Future.succeededFuture();
    return Future.any(quiet, vertx.timer(STOP_MILLIS))
        .eventually(this::disconnect)
        .onComplete(v -> {
          endWatch.run();
          health.report(healthName, true, "not ours any more");
          health.alarm(alarmName, false, "not ours any more");
          health.report(healthName + " publishing", true, "not ours any more");
        });
  }

  /** How this partition is; for any thread. */
  PartitionStatus status() {
    return status;
  }

  private void now(State state, String detail) {
    status = new PartitionStatus(partition, state, detail);
  }

  /**
   * Goes on, if a person was waited for: somebody has looked at the dead letters too, so that they
   * are counted from none again. Called by any thread.
   *
   * @return whether it was stopped
   */
  Future<Boolean> resume() {
    Promise<Boolean> resumed = Promise.promise();
    context.runOnContext(v -> resumed.complete(resumeIfStopped()));
    return resumed.future();
  }

  private boolean resumeIfStopped() {
    if (status.state() != State.STOPPED || closing) {
      return false;
    }
    LOG.info("Partition goes on service={} partition={}", saga.service(), partition);
    deadLetterLimit.startOver();
    pauseMillis = FIRST_PAUSE_MILLIS;
    reload();
    return true;
  }

  /** Records that wait here or are on their way; the reading thread pauses above a limit. */
  int buffered() {
    return buffered.get();
  }

  /**
   * Whether all that was handed over is applied or needs not be, as a repeat; what follows a gap
   * waits. Called by the reading thread.
   */
  boolean isDone(int readGeneration) {
    return buffered.get() == 0 && !busy && ready && generation == readGeneration && !gaps.areOpen();
  }

  /** Up to where a topic is applied, null if that is not known; called by the reading thread. */
  Long nextOffset(Topic topic) {
    StepStore.InputPosition position = positions.get(topic);
    return position == null ? null : position.nextOffset();
  }

  /** Hands over what was read; called by the reading thread. */
  void offer(int readGeneration, List<LogRecord> records) {
    buffered.addAndGet(records.size());
    context.runOnContext(v -> take(readGeneration, records));
  }

  // ---- load ----

  private void reload() {
    ready = false;
    doubted = false;
    phase = Phase.LOAD;
    now(State.LOADING, status.state() == State.LOADING ? status.detail() : "");
    generation = GENERATIONS.incrementAndGet();
    buffered.addAndGet(-buffer.size());
    buffer.clear();
    gaps.closeAll();
    busy = true;
    disconnect()
        .map(v -> passed(Boundary.BEFORE_LOAD, atStake))
        .compose(v -> vertx.executeBlocking(() -> outputLog.read(partition, saga.outputs()), false))
        .compose(this::loadBehind)
        .compose(this::publishLeftovers)
        .onSuccess(this::begin)
        .onFailure(this::fail);
  }

  /** What the log had before the snapshot, the snapshot has given out. */
  private Future<StepStore.Snapshot> loadBehind(OutputLog.Tail log) {
    return PgConnection.connect(vertx, postgres)
        .compose(connection -> loadSnapshot(connection).timeout(LOAD_SECONDS, TimeUnit.SECONDS))
        .compose(snapshot -> notAhead(log, snapshot));
  }

  /** The log is read once more only where its end leaves a doubt. */
  private Future<StepStore.Snapshot> notAhead(OutputLog.Tail log, StepStore.Snapshot snapshot) {
    return log.doubtful(snapshot.lastSeq()).isEmpty()
        ? Future.succeededFuture(snapshot)
        : vertx.executeBlocking(
            () -> {
              outputLog.requireNotAhead(log, snapshot.lastSeq());
              return snapshot;
            },
            false);
  }

  private Future<StepStore.Snapshot> loadSnapshot(PgConnection connection) {
    if (closing) {
      return connection.close().transform(v -> Future.failedFuture("Stopped while connecting"));
    }
    db = connection;
    handler = saga.handler().apply(partition);
    StepHandler loading = handler;
    return store
        .createFence(db)
        .compose(v -> db.query("begin isolation level repeatable read").execute())
        .compose(v -> store.load(db))
        .compose(snapshot -> loading.load(db).map(snapshot))
        .compose(snapshot -> db.query("commit").execute().map(snapshot));
  }

  private Future<StepStore.Snapshot> publishLeftovers(StepStore.Snapshot snapshot) {
    int leftovers = snapshot.outbox().size();
    metrics.published(partition);
    metrics.toPublish(partition, leftovers);
    faults.pass(Boundary.AFTER_LOAD, Math.max(leftovers, atStake));
    return publisher
        .publish(snapshot.outbox())
        .map(v -> passed(Boundary.AFTER_LEFTOVERS, leftovers))
        .map(snapshot);
  }

  private Void passed(Boundary boundary, int work) {
    faults.pass(boundary, work);
    return null;
  }

  private void begin(StepStore.Snapshot snapshot) {
    atStake = 0;
    metrics.published(partition);
    version = snapshot.version();
    positions.clear();
    positions.putAll(snapshot.inputs());
    lastSeq.clear();
    lastSeq.putAll(snapshot.lastSeq());
    accepted.clear();
    Map<Topic, Long> nextOffsets = new EnumMap<>(Topic.class);
    for (Topic topic : saga.inputs()) {
      var position = positions.get(topic);
      accepted.put(topic, position == null ? topic.beforeFirst() : position.position());
      if (position != null) {
        nextOffsets.put(topic, position.nextOffset());
      }
    }
    busy = false;
    if (closing) {
      idle.complete();
      return;
    }
    feed.readFrom(partition, generation, nextOffsets);
    ready = true;
    now(State.RUNNING, "");
    health.alarm(alarmName, false, "");
    if (pauseMillis == FIRST_PAUSE_MILLIS) {
      health.report(healthName, true, "");
    } else {
      doubted = true;
    }
    LOG.info(
        "Step is ready service={} partition={} positions={}", saga.service(), partition, accepted);
  }

  /**
   * What has just failed will fail again while its cause is there, so it is not up because it was
   * loaded, but when a batch went through, or there is none: else readiness would come and go.
   */
  private void upIfNothingIsLeft(int readGeneration) {
    if (readGeneration == generation && doubted && ready && !busy && !closing) {
      doubted = false;
      health.report(healthName, true, "");
    }
  }

  /** Whether it waits to hear that there is nothing to read; called by the reading thread. */
  boolean isDoubted() {
    return doubted;
  }

  /** All that there is has been handed over; called by the reading thread. */
  void readToTheEnd(int readGeneration) {
    context.runOnContext(v -> upIfNothingIsLeft(readGeneration));
  }

  private void publishing(boolean acknowledged) {
    if (!closing) {
      health.report(healthName + " publishing", acknowledged, "the broker does not acknowledge");
    }
  }

  // ---- accept ----

  private void take(int readGeneration, List<LogRecord> records) {
    if (readGeneration != generation || !ready) {
      buffered.addAndGet(-records.size());
      return;
    }
    try {
      polled(records);
    } catch (FaultInjectedException e) {
      busy = true;
      buffered.addAndGet(-records.size());
      fail(e);
      return;
    }
    for (LogRecord record : records) {
      if (accept(record)) {
        buffer.add(record);
      } else {
        ignored.count(record.topic());
        metrics.ignored(record.topic());
        buffered.decrementAndGet();
      }
    }
    next();
  }

  /** Between two batches only: a step that fails beside a batch would start over twice. */
  private void polled(List<LogRecord> records) {
    if (!busy) {
      atStake = records.size();
      faults.pass(Boundary.AFTER_POLL, records.size());
    }
  }

  /**
   * A numbered record is accepted only as the next number; all else is a repeat, a gap or a late
   * write of a zombie.
   */
  private boolean accept(LogRecord record) {
    long last = accepted.get(record.topic());
    boolean isNext =
        record.topic().numbered() ? record.position() == last + 1 : record.position() > last;
    if (isNext) {
      accepted.put(record.topic(), record.position());
      gaps.close(record.topic());
    } else if (record.position() > last) {
      gaps.open(record, last);
    }
    return isNext;
  }

  // ---- handle, commit, publish ----

  private void next() {
    if (busy || !ready || buffer.isEmpty()) {
      return;
    }
    busy = true;
    List<LogRecord> records = drain();
    atStake = records.size();
    phase = Phase.HANDLE;
    batchBegan = System.nanoTime();
    StepTrace trace = StepTrace.begin(tracing, saga, records, context);
    StepBatch batch = new StepBatch(saga, partition, lastSeq, db, trace);
    handle(records, batch)
        .map(v -> handled(records, batch))
        .compose(handled -> commit(handled, batch))
        .compose(this::publish)
        .onComplete(done -> trace.end(done.succeeded()))
        .onSuccess(v -> finish())
        .onFailure(this::fail);
  }

  /** A batch is bounded by its weight too: one record may hold hundreds of fills. */
  private List<LogRecord> drain() {
    List<LogRecord> records = new ArrayList<>(Math.min(buffer.size(), MAX_BATCH));
    int bytes = 0;
    while (records.size() < MAX_BATCH && bytes < MAX_BATCH_BYTES && !buffer.isEmpty()) {
      LogRecord record = buffer.poll();
      records.add(record);
      bytes += record.bytes();
    }
    cut = !buffer.isEmpty();
    buffered.addAndGet(-records.size());
    feed.roomAgain(partition);
    return records;
  }

  private Future<Void> handle(List<LogRecord> records, StepBatch batch) {
    return Future.<Void>succeededFuture()
        .map(v -> {
          deadLetterLimit.check();
          return passed(Boundary.BEFORE_HANDLE, records.size());
        })
        .compose(v -> handler.handle(records, batch))
        .map(v -> passed(Boundary.AFTER_HANDLE, records.size()));
  }

  /** What the handler left goes back, to be the first of the next batch. */
  private List<LogRecord> handled(List<LogRecord> records, StepBatch batch) {
    int handled = records.size() - batch.left();
    if (handled < 1) {
      throw new IllegalStateException("The handler left a whole batch; it would get it for ever.");
    }
    records.subList(handled, records.size()).reversed().forEach(buffer::addFirst);
    buffered.addAndGet(batch.left());
    cut |= batch.left() > 0;
    return records.subList(0, handled);
  }

  private Future<StepFaults.Batch> commit(List<LogRecord> records, StepBatch batch) {
    Map<Topic, StepStore.InputPosition> moved = new EnumMap<>(Topic.class);
    for (LogRecord record : records) {
      moved.put(
          record.topic(), new StepStore.InputPosition(record.position(), record.offset() + 1));
    }
    phase = Phase.COMMIT;
    var committing = new StepFaults.Batch(records, batch.outbox());
    return store
        .commit(
            db,
            version,
            moved,
            batch.lastSeq(),
            batch,
            () -> faults.pass(Boundary.BEFORE_COMMIT, committing))
        .timeout(COMMIT_SECONDS, TimeUnit.SECONDS)
        .onSuccess(v -> {
          version++;
          lastSeq.putAll(batch.lastSeq());
          positions.putAll(moved);
          batch.trace().committed(records);
          metrics.applied(records);
          metrics.toPublish(partition, batch.outbox().size());
          putAside(batch.deadLetters());
        })
        .map(committing);
  }

  private Future<Void> publish(StepFaults.Batch batch) {
    phase = Phase.PUBLISH;
    atStake = batch.outbox().size();
    faults.pass(Boundary.AFTER_COMMIT, batch);
    return publisher
        .publish(batch.outbox())
        .map(v -> {
          faults.pass(Boundary.AFTER_PUBLISH, batch);
          return null;
        });
  }

  private void putAside(List<String> subjects) {
    deadLetterLimit.count(subjects.size());
    metrics.putAside(subjects.size());
    if (!subjects.isEmpty()) {
      LOG.warn(
          "Records were put aside as dead letters service={} partition={} count={} subjects={}",
          saga.service(),
          partition,
          subjects.size(),
          subjects.subList(0, Math.min(subjects.size(), SUBJECTS_TOLD)));
    }
  }

  private void finish() {
    metrics.published(partition);
    metrics.took(System.nanoTime() - batchBegan);
    if (pauseMillis != FIRST_PAUSE_MILLIS && !closing) {
      health.report(healthName, true, "");
    }
    doubted = false;
    pauseMillis = FIRST_PAUSE_MILLIS;
    atStake = 0;
    if (closing) {
      busy = false;
      idle.complete();
    } else if (cut || buffer.size() >= WORTH_A_BATCH) {
      busy = false;
      next();
    } else {
      vertx.setTimer(saga.gatherMillis(), t -> gathered());
    }
  }

  /** Under load a short wait between batches makes them larger; an idle step starts at once. */
  private void gathered() {
    busy = false;
    if (closing) {
      idle.tryComplete();
    } else {
      next();
    }
  }

  // ---- failure ----

  private void fail(Throwable failure) {
    ready = false;
    if (closing) {
      metrics.published(partition); // its next owner publishes it, and counts it from then on
      LOG.info(
          "A batch is given up with its partition service={} partition={}: {}",
          saga.service(),
          partition,
          failure.toString());
      busy = false;
      idle.tryComplete();
      return;
    }
    metrics.failed(phase, failure);
    String detail = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    if (failure instanceof PartitionStoppedException) {
      stopForAPerson(failure, detail);
      return;
    }
    health.report(healthName, false, detail);
    now(State.LOADING, detail);
    if (Faults.isInfrastructure(failure)) {
      LOG.warn(
          "Waiting {} ms for infrastructure service={} partition={}: {}",
          pauseMillis,
          saga.service(),
          partition,
          failure.toString());
    } else {
      LOG.error(
          "Step failed and starts over in {} ms service={} partition={}",
          pauseMillis,
          saga.service(),
          partition,
          failure);
    }
    vertx.setTimer(pauseMillis, t -> retry());
    pauseMillis = Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS);
  }

  /**
   * The process stays ready: its API and its other partitions go on, and no other process could do
   * more. But if the partition could not even be loaded, a store went back in time, or the process
   * was made or configured wrongly: it is not ready, so that a roll-out ends with it.
   */
  private void stopForAPerson(Throwable failure, String detail) {
    boolean atLoad = status.state() == State.LOADING;
    now(State.STOPPED, detail);
    LOG.error(
        "Partition is stopped for a person service={} partition={}",
        saga.service(),
        partition,
        failure);
    busy = false;
    health.report(healthName, !atLoad, detail);
    health.alarm(alarmName, true, detail);
  }

  private void retry() {
    if (closing) {
      busy = false;
      idle.tryComplete();
    } else {
      reload();
    }
  }

  private Future<Void> disconnect() {
    PgConnection old = db;
    db = null;
    if (old == null) {
      return Future.succeededFuture();
    }
    return Future.any(old.close(), vertx.timer(CLOSE_MILLIS)).otherwiseEmpty().mapEmpty();
  }
}
