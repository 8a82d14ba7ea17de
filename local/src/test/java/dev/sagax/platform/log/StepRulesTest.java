package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Int64Value;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.StringValue;
import dev.sagax.local.e2e.Eventually;
import dev.sagax.local.e2e.Log;
import dev.sagax.local.infra.Infrastructure;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.metrics.Metrics;
import dev.sagax.platform.schema.TestSchema;
import dev.sagax.platform.tracing.Traceparent;
import dev.sagax.platform.tracing.Tracing;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The rules that make a step safe, one by one: steps over a real PostgreSQL and a real broker are
 * handed their records by the test. {@code SagaStepTest} shows what the rules amount to together.
 */
class StepRulesTest {
  private static final Topic INPUT = Topic.MATCH_REQUESTED;
  private static final Topic OUTPUT = Topic.SETTLE_REQUESTED;
  private static final String SERVICE = "rules-svc";
  private static final String SCHEMA = "rules";
  private static final int PARTITIONS = 10;
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** Each test has a partition of its own, and so an empty log and no position. */
  private static final AtomicInteger USED = new AtomicInteger();

  @TempDir private static Path folder;
  private static Infrastructure infrastructure;
  private static Log log;
  private static Vertx vertx;
  private static Pool pool;
  private static SagaProducer producer;

  private final int partition = USED.getAndIncrement();
  private final List<Owner> owners = new ArrayList<>();
  private volatile boolean refusing;

  /** Ends what a handler waits for, on the step's event loop; null while no handler waits. */
  private volatile Runnable handlerGoesOn;

  private volatile boolean handlersWait;

  @BeforeAll
  static void start() throws Exception {
    infrastructure = Infrastructure.start(folder, line -> {});
    new TopicAdmin(kafka(), PARTITIONS, (short) 1).ensureTopics();
    log = new Log(infrastructure.kafkaBootstrap(), PARTITIONS);
    vertx = Vertx.vertx();
    pool = PgBuilder.pool().connectingTo(postgres()).using(vertx).build();
    String sums = "create table rules.sums(partition int primary key, sum bigint not null)";
    await(TestSchema.create(pool, SCHEMA, sums));
    producer = new SagaProducer(kafka(), SERVICE);
    producer.learnPartitions();
  }

  @AfterEach
  void leave() throws Exception {
    for (Owner owner : owners) {
      owner.leave();
    }
  }

  @AfterAll
  static void stop() throws Exception {
    producer.close();
    await(vertx.close());
    log.close();
    infrastructure.close();
  }

  @Test
  void onlyTheNextNumberIsTaken() throws Exception {
    Owner owner = new Owner(producer);

    owner.give(in(1, 5), in(1, 1_000), in(3, 2_000), in(0, 3_000), in(-1, 4_000), in(2, 7));

    Eventually.passes(PATIENCE, () -> assertThat(published()).hasSizeGreaterThan(1));
    assertThat(published()).containsExactly("5 makes 5", "7 makes 12");
  }

  @Test
  void nothingIsPublishedThatIsNotCommitted() throws Exception {
    Owner owner = new Owner(producer);
    refusing = true;

    owner.give(in(1, 5));

    Eventually.passes(
        PATIENCE, () -> assertThat(owner.failures.get() + written()).isGreaterThan(0));
    assertThat(written()).isZero();
    refusing = false;
    Eventually.passes(PATIENCE, () -> assertThat(published()).containsExactly("5 makes 5"));
  }

  @Test
  void rowsAndPositionAreCommittedTogetherOrNotAtAll() throws Exception {
    Owner owner = new Owner(producer);
    refusing = true;
    owner.give(in(1, 5));
    Eventually.passes(PATIENCE, () -> assertThat(owner.failures.get()).isPositive());
    refusing = false;

    owner.give(in(2, 7));

    Eventually.passes(PATIENCE, () -> assertThat(published()).hasSize(2));
    assertThat(published()).containsExactly("5 makes 5", "7 makes 12");
  }

  @Test
  void stepWhosePartitionHasAnotherOwnerChangesNothing() throws Exception {
    Owner former = new Owner(producer);
    Owner owner = new Owner(producer);
    owner.give(in(1, 5), in(2, 7));
    Eventually.passes(PATIENCE, () -> assertThat(published()).hasSize(2));

    former.give(in(1, 5));

    Eventually.passes(
        PATIENCE, () -> assertThat(former.failures.get() > 0 || storedSum() != 12).isTrue());
    assertThat(storedSum()).isEqualTo(12);
    former.give(in(3, 1));
    Eventually.passes(
        PATIENCE,
        () -> assertThat(published()).containsExactly("5 makes 5", "7 makes 12", "1 makes 13"));
  }

  @Test
  void whatIsCommittedIsPublishedByTheNextOwnerWhenItsWriterIsGone() throws Exception {
    Owner deaf = new Owner(new SagaProducer(new KafkaSettings("127.0.0.1:1"), "deaf"));
    deaf.give(in(1, 5));
    Eventually.passes(PATIENCE, () -> assertThat(deaf.unpublished.get()).isPositive());
    int attempts = deaf.unpublished.get();
    deaf.give(in(2, 7));
    Eventually.passes(
        PATIENCE, () -> assertThat(deaf.unpublished.get()).isGreaterThan(attempts + 3));
    assertThat(storedSum()).as("sum while the first batch is not acknowledged").isEqualTo(5);
    deaf.leave();

    Owner next = new Owner(producer);

    Eventually.passes(PATIENCE, () -> assertThat(published()).containsExactly("5 makes 5"));
    next.give(in(1, 5), in(2, 7));
    Eventually.passes(
        PATIENCE, () -> assertThat(published()).containsExactly("5 makes 5", "7 makes 12"));
  }

  /** It is the next owner's to publish, and to alarm about. */
  @Test
  void batchThatIsCommittedWhileItsPartitionIsGivenUpIsNotCountedAsUnpublished() throws Exception {
    Metrics seen = new Metrics();
    StepMetrics metrics = new StepMetrics(seen, saga(), PARTITIONS);
    SagaProducer nowhere = new SagaProducer(new KafkaSettings("127.0.0.1:1"), "deaf");
    Owner deaf = new Owner(nowhere, Tracing.OFF, metrics);
    handlersWait = true;
    deaf.give(in(1, 5));
    Eventually.passes(PATIENCE, () -> assertThat(handlerGoesOn).isNotNull());

    metrics.leave(partition);
    Future<Void> gone = vertx.undeploy(deaf.deployment);
    handlerGoesOn.run();
    deaf.left = true;
    await(gone);

    assertThat(storedSum()).as("the batch is committed").isEqualTo(5);
    assertThat(seen.text().lines())
        .contains(
            "sagax_outbox_unpublished_records{partition=\"%d\",service=\"%s\"} 0.0"
                .formatted(partition, SERVICE));
  }

  /** The batch is decided by one process and published by another, which makes no traces at all. */
  @Test
  void traceIsStoredWithTheRecordAndIsTheSameHoweverOftenItIsPublished() throws Exception {
    Spans spans = new Spans();
    Tracing tracing = Tracing.into(spans, SERVICE);
    SagaProducer nowhere = new SagaProducer(new KafkaSettings("127.0.0.1:1"), "deaf");
    Owner deaf = new Owner(nowhere, tracing);
    LogRecord first = traced(in(1, 5));
    deaf.give(first);
    Eventually.passes(PATIENCE, () -> assertThat(deaf.unpublished.get()).isPositive());
    assertThat(spans.ended).as("spans of a batch that is not acknowledged").isEmpty();
    deaf.leave();

    Owner untraced = new Owner(producer);
    Eventually.passes(PATIENCE, () -> assertThat(published()).containsExactly("5 makes 5"));
    untraced.leave();
    Owner again = new Owner(producer);
    again.give(in(2, 7));
    Eventually.passes(PATIENCE, () -> assertThat(published()).hasSize(2));

    Traceparent carried = carriedBy("1").getFirst();
    assertThat(carried.traceId()).isEqualTo(PARENT.traceId());
    assertThat(carried.spanId()).isNotEqualTo(PARENT.spanId());
    assertThat(carriedBy("1")).as("once or more often").containsOnly(carried);
    assertThat(carriedBy("2")).as("of a record without a trace").isEmpty();
    assertThat(spans.ended)
        .as("the span that the record names as its parent")
        .singleElement()
        .satisfies(span -> {
          assertThat(span.getSpanContext().getSpanId()).isEqualTo(carried.spanId());
          assertThat(span.getSpanContext().getTraceId()).isEqualTo(PARENT.traceId());
        });
  }

  @Test
  void batchThatIsHandledAgainLeavesOneSpanAndTheSameTrace() throws Exception {
    Spans spans = new Spans();
    Owner owner = new Owner(producer, Tracing.into(spans, SERVICE));
    refusing = true;
    owner.give(traced(in(1, 5)));
    Eventually.passes(PATIENCE, () -> assertThat(owner.failures.get()).isGreaterThan(1));
    refusing = false;

    Eventually.passes(PATIENCE, () -> assertThat(spans.ended).isNotEmpty());

    assertThat(spans.started.get()).as("tries").isGreaterThan(1);
    assertThat(spans.ended).hasSize(1);
    assertThat(carriedBy("1"))
        .containsOnly(
            new Traceparent(
                PARENT.traceId(), spans.ended.getFirst().getSpanContext().getSpanId(), true));
  }

  private static final Traceparent PARENT =
      new Traceparent("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true);

  private static LogRecord traced(LogRecord record) {
    return new LogRecord(
        record.topic(),
        record.partition(),
        record.position(),
        record.offset(),
        record.timeMillis(),
        record.key(),
        record.value(),
        List.of(LogHeader.of(PARENT)));
  }

  /** What the records of a number say of their trace. */
  private List<Traceparent> carriedBy(String seq) {
    return output().stream()
        .filter(record -> Log.header(record, "seq").equals(seq))
        .flatMap(record -> Traceparent.parse(Log.header(record, Traceparent.HEADER)).stream())
        .toList();
  }

  /** Keeps the spans that ended. */
  private static final class Spans implements SpanProcessor {
    final List<ReadableSpan> ended = new CopyOnWriteArrayList<>();
    final AtomicInteger started = new AtomicInteger();

    @Override
    public void onStart(Context parent, ReadWriteSpan span) {
      started.incrementAndGet();
    }

    @Override
    public boolean isStartRequired() {
      return true;
    }

    @Override
    public void onEnd(ReadableSpan span) {
      ended.add(span);
    }

    @Override
    public boolean isEndRequired() {
      return true;
    }
  }

  @Test
  void whatFollowsAFailedSendIsPublishedAgainAlthoughItWasAcknowledged() throws Exception {
    Producer<byte[], byte[]> broken = failingOnce(kafka().producer("broken"), 2);
    SagaProducer sender = new SagaProducer(() -> broken);
    sender.learnPartitions();
    OutboxPublisher publisher =
        new OutboxPublisher(
            vertx,
            vertx.getOrCreateContext(),
            sender,
            partition,
            new StepFaults(FaultInjector.idle(), SERVICE),
            done -> {});

    await(publisher.publish(List.of(out(1), out(2), out(3))));

    assertThat(numbers()).containsExactly("1", "3", "2", "3");
    sender.close();
  }

  @Test
  void positionOfTheStoreCountsAndNotThatOfTheGroup() throws Exception {
    log.append(INPUT, partition, Int64Value.of(5).toByteArray(), Map.of("seq", "1"));
    log.append(INPUT, partition, Int64Value.of(7).toByteArray(), Map.of("seq", "2"));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", infrastructure.kafkaBootstrap()))) {
      var here = new TopicPartition(INPUT.topicName, partition);
      admin
          .alterConsumerGroupOffsets(SERVICE, Map.of(here, new OffsetAndMetadata(1)))
          .all()
          .get(20, TimeUnit.SECONDS);
    }

    SagaConsumer consumer =
        new SagaConsumer(
            vertx, saga(), kafka(), postgres(), producer, (dependency, up, detail) -> {});

    try {
      Eventually.passes(
          PATIENCE, () -> assertThat(published()).containsExactly("5 makes 5", "7 makes 12"));
    } finally {
      await(consumer.close());
    }
  }

  /** A producer one of whose sends fails as if the broker had not answered. */
  @SuppressWarnings("unchecked")
  private static Producer<byte[], byte[]> failingOnce(Producer<byte[], byte[]> real, int failing) {
    AtomicInteger sends = new AtomicInteger();
    return (Producer<byte[], byte[]>)
        Proxy.newProxyInstance(
            StepRulesTest.class.getClassLoader(),
            new Class<?>[] {Producer.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("send") && sends.incrementAndGet() == failing) {
                ((Callback) arguments[1]).onCompletion(null, new TimeoutException("by the test"));
                return null;
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            });
  }

  // ---- a step

  /** An instance that owns the test's partition, or believes so. */
  private final class Owner implements StepFeed {
    final AtomicInteger failures = new AtomicInteger();
    final AtomicInteger unpublished = new AtomicInteger();
    private final List<LogRecord> given = new CopyOnWriteArrayList<>();
    private final SagaStep step;
    private final String deployment;
    private volatile int generation = -1;
    private boolean left;

    Owner(SagaProducer producer) throws Exception {
      this(producer, Tracing.OFF);
    }

    Owner(SagaProducer producer, Tracing tracing) throws Exception {
      this(producer, tracing, StepMetrics.unseen(saga()));
    }

    Owner(SagaProducer producer, Tracing tracing, StepMetrics metrics) throws Exception {
      owners.add(this);
      step =
          new SagaStep(
              saga(),
              partition,
              postgres(),
              producer,
              new OutputLog(kafka(), SERVICE),
              this,
              this::report,
              DeadLetterLimit.DEFAULT_PER_MINUTE,
              FaultInjector.idle(),
              tracing,
              metrics);
      deployment = await(vertx.deployVerticle(step));
      Eventually.passes(PATIENCE, () -> assertThat(generation).isNotNegative());
    }

    private void report(String dependency, boolean up, String detail) {
      if (!up && dependency.endsWith("publishing")) {
        unpublished.incrementAndGet();
      } else if (!up && generation >= 0) {
        failures.incrementAndGet();
      }
    }

    void give(LogRecord... records) {
      given.addAll(List.of(records));
      step.offer(generation, List.of(records));
    }

    /** All of it again: the step knows what it has applied. */
    @Override
    public void readFrom(int partition, int generation, Map<Topic, Long> nextOffsets) {
      this.generation = generation;
      vertx.runOnContext(v -> step.offer(generation, List.copyOf(given)));
    }

    @Override
    public void roomAgain(int partition) {}

    void leave() throws Exception {
      if (!left) {
        left = true;
        await(vertx.undeploy(deployment));
      }
    }
  }

  /** For every number that comes in, the number and the sum so far. */
  private final class Sums implements StepHandler {
    private final int at;
    private long sum;

    Sums(int at) {
      this.at = at;
    }

    @Override
    public Future<Void> load(SqlClient snapshot) {
      return snapshot
          .preparedQuery("select sum from rules.sums where partition = $1")
          .execute(Tuple.of(at))
          .map(rows -> {
            rows.forEach(row -> sum = row.getLong(0));
            return null;
          });
    }

    @Override
    public Future<Void> handle(List<LogRecord> records, StepWrites step) {
      for (LogRecord record : records) {
        long number = number(record);
        sum += number;
        step.emit(record, OUTPUT, "sum", StringValue.of(number + " makes " + sum));
      }
      step.write(
          "insert into rules.sums values ($1, $2)"
              + " on conflict (partition) do update set sum = excluded.sum",
          Tuple.of(at, sum));
      if (refusing) {
        step.write("select 1 / (1 - $1::int)", Tuple.of(1));
      }
      return handlersWait ? waits() : Future.succeededFuture();
    }

    private Future<Void> waits() {
      Promise<Void> goesOn = Promise.promise();
      var context = Vertx.currentContext();
      handlerGoesOn = () -> context.runOnContext(v -> goesOn.complete());
      return goesOn.future();
    }

    private static long number(LogRecord record) {
      try {
        return Int64Value.parseFrom(record.value()).getValue();
      } catch (InvalidProtocolBufferException e) {
        throw new PartitionStoppedException("Not a number", e);
      }
    }
  }

  private SagaDefinition saga() {
    return new SagaDefinition(SERVICE, SCHEMA, List.of(INPUT), List.of(OUTPUT), Sums::new);
  }

  private LogRecord in(long seq, long number) {
    return new LogRecord(
        INPUT, partition, seq, seq, new byte[0], Int64Value.of(number).toByteArray());
  }

  private static OutboxRecord out(long seq) {
    byte[] value = StringValue.of("number " + seq).toByteArray();
    return new OutboxRecord(OUTPUT, seq, new byte[0], value, List.of());
  }

  // ---- what it left

  /** What readers accept: each record whose number is the last + 1. */
  private List<String> published() {
    List<String> lines = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : output()) {
      if (Log.header(record, "seq").equals(Integer.toString(lines.size() + 1))) {
        lines.add(text(record));
      }
    }
    return lines;
  }

  private List<String> numbers() {
    return output().stream().map(record -> Log.header(record, "seq")).toList();
  }

  private List<ConsumerRecord<byte[], byte[]>> output() {
    return log.read(OUTPUT).stream().filter(record -> record.partition() == partition).toList();
  }

  private static String text(ConsumerRecord<byte[], byte[]> record) {
    try {
      return StringValue.parseFrom(record.value()).getValue();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** How many records of the test's partition were sent, whatever readers make of them. */
  private long written() {
    return log.ends(OUTPUT).get(partition);
  }

  private long storedSum() {
    try {
      var rows =
          await(
              pool.preparedQuery("select sum from rules.sums where partition = $1")
                  .execute(Tuple.of(partition)));
      return rows.iterator().next().getLong(0);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static KafkaSettings kafka() {
    return new KafkaSettings(infrastructure.kafkaBootstrap());
  }

  private static PgConnectOptions postgres() {
    return PgConnectOptions.fromUri(infrastructure.postgresUri());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
