package dev.sagax.local.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.StringValue;
import dev.sagax.local.e2e.Eventually;
import dev.sagax.local.e2e.Log;
import dev.sagax.local.e2e.Seed;
import dev.sagax.local.infra.Infrastructure;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.log.DeadLetter;
import dev.sagax.platform.log.DeadLetters;
import dev.sagax.platform.log.KafkaLogAppender;
import dev.sagax.platform.log.KafkaSettings;
import dev.sagax.platform.log.PartitionStatus;
import dev.sagax.platform.log.SagaConsumer;
import dev.sagax.platform.log.SagaDefinition;
import dev.sagax.platform.log.SagaProducer;
import dev.sagax.platform.log.StepMetrics;
import dev.sagax.platform.log.TopicAdmin;
import dev.sagax.platform.metrics.Metrics;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.platform.rpc.Health;
import dev.sagax.platform.schema.TestSchema;
import dev.sagax.platform.tracing.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A step may fail anywhere and be handed over at any time: its output is as if nothing had
 * happened.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SagaStepTest {
  private static final int PARTITIONS = 2;
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String SEQ = "seq";
  private static final String UP = "up";

  @TempDir private static Path folder;
  private Infrastructure infrastructure;
  private Log log;
  private final Vertx vertx = Vertx.vertx();
  private final List<Instance> instances = new ArrayList<>();
  private final Map<String, Boolean> health = new ConcurrentHashMap<>();
  private final Map<String, Boolean> alarms = new ConcurrentHashMap<>();

  /** One process of the service. */
  private record Instance(
      Vertx vertx, SagaProducer producer, SagaConsumer consumer, Metrics metrics) {}

  @BeforeAll
  void start() {
    infrastructure = Infrastructure.start(folder, line -> {});
  }

  /** Empty topics and tables. */
  @BeforeEach
  void begin() throws Exception {
    health.clear();
    alarms.clear();
    new TopicAdmin(kafka(), PARTITIONS, (short) 1).ensureTopics();
    log = new Log(infrastructure.kafkaBootstrap(), PARTITIONS);
    Pool pool = PgBuilder.pool().connectingTo(postgres()).using(vertx).build();
    await(pool.query("drop schema if exists " + RunningSum.SCHEMA + " cascade").execute());
    await(TestSchema.create(pool, RunningSum.SCHEMA, RunningSum.DDL));
    await(pool.close());
  }

  @AfterEach
  void end() throws Exception {
    for (Instance instance : List.copyOf(instances)) {
      leave(instance);
    }
    log.close();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", infrastructure.kafkaBootstrap()))) {
      List<String> used =
          List.of(
              RunningSum.INPUT.topicName,
              RunningSum.OUTPUT.topicName,
              RunningSum.DEAD_LETTERS.topicName);
      admin.deleteTopics(used).all().get(30, TimeUnit.SECONDS);
      // Whoever looks before every broker has heard of it takes them for topics that are there.
      Eventually.passes(() ->
          assertThat(admin.listTopics().names().toCompletionStage().toCompletableFuture().join())
              .doesNotContainAnyElementsOf(used));
    }
  }

  @AfterAll
  void stop() throws Exception {
    await(vertx.close());
    infrastructure.close();
  }

  @Test
  void everyNumberIsSummedOnceThroughFailuresAndHandovers() throws Exception {
    long seed = Seed.of(SagaStepTest.class);
    Random random = new Random(seed);
    Trouble trouble = new Trouble(new Random(seed), 0.04);
    long[] written = new long[PARTITIONS];
    long[] total = new long[PARTITIONS];
    List<List<String>> expected = List.of(new ArrayList<>(), new ArrayList<>());
    join(trouble);

    for (int phase = 0; phase < 4; phase++) {
      Instance passing = phase % 2 == 1 ? join(trouble) : null;
      for (int burst = 0; burst < 20; burst++) {
        for (int partition = 0; partition < PARTITIONS; partition++) {
          write(partition, random, written, total, expected.get(partition));
        }
      }
      Eventually.passes(
          PATIENCE, () -> assertThat(summed(0).size()).isGreaterThan(expected.get(0).size() / 2));
      if (passing != null) {
        leave(passing);
      }
    }

    for (int partition = 0; partition < PARTITIONS; partition++) {
      int p = partition;
      Eventually.passes(PATIENCE, () -> assertThat(summed(p)).hasSize(expected.get(p).size()));
      assertThat(summed(p)).isEqualTo(expected.get(p));
    }
    assertThat(trouble.made()).as("troubles made").isGreaterThan(5);
  }

  /**
   * A few next numbers, with repeats, leaps and records without a number of their own in between.
   */
  private void write(
      int partition, Random random, long[] written, long[] total, List<String> expected) {
    for (int n = random.nextInt(1, 15); n > 0; n--) {
      long seq = ++written[partition];
      long number = random.nextInt(1, 1_000);
      total[partition] += number;
      expected.add(RunningSum.line(number, total[partition]));
      append(partition, number, Map.of(SEQ, Long.toString(seq)));
      switch (random.nextInt(12)) {
        case 0 -> append(partition, 1_000_000, Map.of(SEQ, Long.toString(seq)));
        case 1 -> append(partition, 2_000_000, Map.of(SEQ, Long.toString(seq + 2)));
        case 2 -> append(partition, 3_000_000, Map.of());
        case 3 -> append(partition, 4_000_000, Map.of(SEQ, "not a number"));
        case 4 -> append(partition, 5_000_000, Map.of(SEQ, "1"));
        case 5 -> append(partition, 6_000_000, Map.of(SEQ, "-" + (seq + 1)));
        default -> {}
      }
    }
  }

  @Test
  void stoppedPartitionStopsAlone() throws Exception {
    Instance only = join(Trouble.NONE);
    append(0, 5, Map.of(SEQ, "1"));
    Eventually.passes(() -> assertThat(summed(0)).containsExactly("5 makes 5"));

    append(0, RunningSum.POISON, Map.of(SEQ, "2"));
    append(0, 7, Map.of(SEQ, "3"));
    Eventually.passes(() -> assertThat(alarms).containsEntry("partition-0", true));
    for (int seq = 1; seq <= 100; seq++) {
      append(1, 1, Map.of(SEQ, Integer.toString(seq)));
    }

    Eventually.passes(() -> assertThat(summed(1)).hasSize(100).endsWith("1 makes 100"));
    assertThat(alarms).containsEntry("partition-1", false).containsEntry("partition-0", true);
    assertThat(health).as("the process stays ready").doesNotContainValue(false);
    assertThat(only.consumer.isStopped(0)).isTrue();
    assertThat(only.consumer.isStopped(1)).isFalse();
    assertThat(summed(0)).containsExactly("5 makes 5");

    leave(only);
    assertThat(alarms).as("it is another one's now").containsEntry("partition-0", false);
  }

  @Test
  void partitionThatStandsStillShowsHowFarItIsBehind() throws Exception {
    Instance only = join(Trouble.NONE);
    append(0, 5, Map.of(SEQ, "1"));
    Eventually.passes(() -> assertThat(summed(0)).containsExactly("5 makes 5"));
    append(0, RunningSum.POISON, Map.of(SEQ, "2"));
    append(0, 7, Map.of(SEQ, "3"));
    append(1, 4, Map.of(SEQ, "1"));

    Eventually.passes(() -> {
      assertThat(only.metrics.text().lines())
          .contains(
              "sagax_step_lag_records" + of(0) + " 2.0",
              "sagax_step_lag_records" + of(1) + " 0.0",
              "sagax_step_lag_seconds" + of(1) + " 0.0",
              "sagax_partition_stopped{partition=\"0\",service=\"summing-svc\"} 1.0",
              "sagax_partition_owned{partition=\"0\",service=\"summing-svc\"} 1.0",
              "sagax_partition_running{partition=\"0\",service=\"summing-svc\"} 0.0",
              "sagax_partition_running{partition=\"1\",service=\"summing-svc\"} 1.0",
              "sagax_step_records_total{service=\"summing-svc\",topic=\"match.requested\"} 2.0",
              "sagax_step_failures_total{cause=\"stopped\",phase=\"handle\",service=\"summing-svc\"}"
                  + " 1.0");
      assertThat(only.metrics.text())
          .containsPattern("sagax_step_lag_seconds\\{partition=\"0\".*} [1-9]");
    });

    leave(only);
    assertThat(only.metrics.text().lines())
        .as("they are another one's now")
        .contains(
            "sagax_step_lag_records" + of(0) + " 0.0",
            "sagax_step_lag_seconds" + of(0) + " 0.0",
            "sagax_partition_owned{partition=\"0\",service=\"summing-svc\"} 0.0");
  }

  private static String of(int partition) {
    return "{partition=\"%d\",service=\"summing-svc\",topic=\"match.requested\"}"
        .formatted(partition);
  }

  @Test
  void brokerThatIsKilledLosesAndRepeatsNothing() throws Exception {
    List<String> expected = new ArrayList<>();
    join(Trouble.NONE);
    sumOnes(expected, 100);
    Eventually.passes(() -> assertThat(summed(0)).hasSizeGreaterThan(1));

    infrastructure.kafka().kill();
    infrastructure.kafka().start();
    sumOnes(expected, 100);

    Eventually.passes(PATIENCE, () -> assertThat(summed(0)).isEqualTo(expected));
  }

  private void sumOnes(List<String> expected, int count) {
    for (int n = 0; n < count; n++) {
      int seq = expected.size() + 1;
      append(0, 1, Map.of(SEQ, Integer.toString(seq)));
      expected.add(RunningSum.line(1, seq));
    }
  }

  @Test
  void recordThatIsPutAsideIsKeptByteForByte() throws Exception {
    byte[] key = {0, -1, 65};
    byte[] value = RunningSum.encode(RunningSum.UNWANTED);
    var record =
        new ProducerRecord<>(RunningSum.INPUT.topicName, 1, 1_234_567_890_123L, key, value);
    record.headers().add(SEQ, new byte[] {'1'});
    record.headers().add("twice", new byte[] {0, -1});
    record.headers().add("twice", new byte[] {});
    record.headers().add("none", null);
    join(Trouble.NONE);

    long offset = log.append(record);

    Eventually.passes(() -> assertThat(log.size(RunningSum.DEAD_LETTERS)).isEqualTo(1));
    ConsumerRecord<byte[], byte[]> letter = log.read(RunningSum.DEAD_LETTERS).getFirst();
    assertThat(letter.key()).isEqualTo(key);
    assertThat(letter.value()).isEqualTo(value);
    List<String> headers = new ArrayList<>();
    letter.headers().forEach(h -> headers.add(h.key() + "=" + latin1(h.value())));
    assertThat(headers)
        .containsExactly(
            "original.seq=1",
            "original.twice=\0\u00ff",
            "original.twice=",
            "original.none=null",
            "source.topic=match.requested",
            "source.partition=1",
            "source.offset=" + offset,
            "subject=no? id",
            "error=Nobody wants?this number.",
            "attempts=1",
            "service=summing-svc",
            "time=2009-02-13T23:31:30.123Z",
            "seq=1");
    assertKept(key, value, offset);
  }

  /** The row says what the topic says, and a record of a numbered topic cannot be replayed. */
  private void assertKept(byte[] key, byte[] value, long offset) throws Exception {
    Pool pool = PgBuilder.pool().connectingTo(postgres()).using(vertx).build();
    SagaProducer producer = new SagaProducer(kafka(), "operator");
    DeadLetters letters =
        new DeadLetters(
            saga(Trouble.NONE),
            pool,
            new KafkaLogAppender(producer, Tracing.OFF),
            FaultInjector.idle());
    var id = new DeadLetter.Id(RunningSum.DEAD_LETTERS, 1, 1);
    DeadLetter.Whole whole = await(letters.find(id));
    assertThat(whole.letter().sourceOffset()).isEqualTo(offset);
    assertThat(whole.letter().sourceMillis()).isEqualTo(1_234_567_890_123L);
    assertThat(whole.letter().state()).isEqualTo(DeadLetter.State.OPEN);
    assertThat(whole.content().key()).isEqualTo(key);
    assertThat(whole.content().value()).isEqualTo(value);
    assertThat(whole.content().headers())
        .extracting(header -> header.name() + "=" + latin1(header.value()))
        .containsExactly("seq=1", "twice=\0\u00ff", "twice=", "none=null");

    var decision = new DeadLetter.Decision("op", 1, "", null);
    assertThatThrownBy(() -> await(letters.replay(id, decision)))
        .hasRootCauseInstanceOf(RefusedException.class)
        .hasMessageContaining("NOT_REPLAYABLE");
    assertThat(await(letters.find(id)).letter().state()).isEqualTo(DeadLetter.State.OPEN);
    assertThat(log.size(RunningSum.INPUT)).isEqualTo(1);
    producer.close();
    await(pool.close());
  }

  private static String latin1(byte[] bytes) {
    return bytes == null ? "null" : new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @Test
  void partitionStopsBeforeItPutsAsideMoreThanTheLimit() throws Exception {
    Instance limited = join(Trouble.NONE, 10);
    for (int seq = 1; seq <= 10; seq++) {
      append(0, RunningSum.UNWANTED, Map.of(SEQ, Integer.toString(seq)));
    }
    Eventually.passes(() -> assertThat(log.size(RunningSum.DEAD_LETTERS)).isEqualTo(10));
    assertThat(health).containsEntry("partition 0", true);

    for (int seq = 11; seq <= 40; seq++) {
      append(0, RunningSum.UNWANTED, Map.of(SEQ, Integer.toString(seq)));
    }
    append(0, 3, Map.of(SEQ, "41"));
    append(1, 4, Map.of(SEQ, "1"));

    Eventually.passes(() -> assertThat(alarms).containsEntry("partition-0", true));
    Eventually.passes(() -> assertThat(summed(1)).containsExactly("4 makes 4"));
    assertThat(log.size(RunningSum.DEAD_LETTERS)).isEqualTo(10);
    assertThat(summed(0)).isEmpty();

    assertThat(limited.consumer.partitions())
        .extracting(PartitionStatus::state)
        .containsExactly(PartitionStatus.State.STOPPED, PartitionStatus.State.RUNNING);
    assertThat(limited.consumer.partitions().getFirst().detail())
        .contains("10 records of the last minute were put aside");
    assertThat(await(limited.consumer.resume(1))).isFalse();

    assertThatThrownBy(() -> await(limited.consumer.resume(7)))
        .hasMessageContaining("PARTITION_NOT_OWNED");

    Eventually.passes(() -> {
      limited.consumer.resume(0); // it stops after every 10
      assertThat(summed(0)).containsExactly("3 makes 3");
    });
    assertThat(
            log.read(RunningSum.DEAD_LETTERS).stream()
                .map(letter -> Log.header(letter, SEQ))
                .distinct())
        .as("dead letters by their numbers; a start publishes its last batch again")
        .hasSize(40);
    assertThat(health).containsEntry("partition 0", true);
    assertThat(alarms).containsEntry("partition-0", false);
  }

  /** As a process that was given up for dead, or one that was given the same id by mistake. */
  @Test
  void processWhoseIdAnotherOneTakesGivesWayAndSaysSo() throws Exception {
    Map<String, String> former = new ConcurrentHashMap<>();
    Map<String, String> latter = new ConcurrentHashMap<>();
    join("summing-0", former);
    append(0, 5, Map.of(SEQ, "1"));
    Eventually.passes(() -> assertThat(summed(0)).containsExactly("5 makes 5"));

    join("summing-0", latter);
    append(0, 2, Map.of(SEQ, "2"));

    Eventually.passes(() -> assertThat(former.get("consumer")).contains("instance.id summing-0"));
    Eventually.passes(() -> assertThat(summed(0)).containsExactly("5 makes 5", "2 makes 7"));
    for (int seq = 3; seq <= 20; seq++) {
      append(0, 1, Map.of(SEQ, Integer.toString(seq)));
    }
    Eventually.passes(() -> assertThat(summed(0)).hasSize(20).endsWith("1 makes 25"));
    assertThat(former.get("consumer")).contains("instance.id summing-0");
    assertThat(latter.values()).containsOnly(UP);
  }

  @Test
  void processWithoutPartitionsIsReady() throws Exception {
    List<Map<String, String>> all = new ArrayList<>();
    for (int n = 0; n <= PARTITIONS; n++) {
      Map<String, String> one = new ConcurrentHashMap<>();
      join("summing-" + n, one);
      all.add(one);
    }

    Eventually.passes(() ->
        assertThat(all)
            .allSatisfy(one -> assertThat(one).containsEntry("consumer", UP))
            .allSatisfy(one -> assertThat(one.values()).containsOnly(UP))
            .anySatisfy(one -> assertThat(one.keySet()).containsOnly("consumer")));
  }

  // ---- the service

  private Instance join(Trouble trouble) {
    return join(trouble, 100);
  }

  private Instance join(Trouble trouble, int deadLettersPerMinute) {
    Health heard =
        new Health() {
          @Override
          public void report(String dependency, boolean up, String detail) {
            health.put(dependency, up);
          }

          @Override
          public void alarm(String name, boolean sounds, String detail) {
            alarms.put(name, sounds);
          }
        };
    return join(kafka(), trouble, heard, deadLettersPerMinute);
  }

  private Instance join(String instanceId, Map<String, String> saysOfItself) {
    return join(
        new KafkaSettings(infrastructure.kafkaBootstrap(), instanceId),
        Trouble.NONE,
        (dependency, up, detail) -> saysOfItself.put(dependency, up ? UP : detail),
        100);
  }

  private Instance join(
      KafkaSettings kafka, Trouble trouble, Health ofInstance, int deadLettersPerMinute) {
    Vertx own = Vertx.vertx();
    Metrics metrics = new Metrics();
    SagaProducer producer = new SagaProducer(kafka(), "summing-svc");
    producer.learnPartitions();
    SagaConsumer consumer =
        new SagaConsumer(
            own,
            saga(trouble),
            kafka,
            postgres(),
            producer,
            ofInstance,
            PARTITIONS,
            deadLettersPerMinute,
            FaultInjector.idle(),
            Tracing.OFF,
            new StepMetrics(metrics, saga(trouble), PARTITIONS));
    Instance instance = new Instance(own, producer, consumer, metrics);
    instances.add(instance);
    return instance;
  }

  private static SagaDefinition saga(Trouble trouble) {
    return new SagaDefinition(
        "summing-svc",
        RunningSum.SCHEMA,
        List.of(RunningSum.INPUT),
        List.of(RunningSum.OUTPUT, RunningSum.DEAD_LETTERS),
        partition -> new RunningSum(partition, trouble));
  }

  private void leave(Instance instance) throws Exception {
    instances.remove(instance);
    await(instance.consumer.close());
    instance.producer.close();
    await(instance.vertx.close());
  }

  private KafkaSettings kafka() {
    return new KafkaSettings(infrastructure.kafkaBootstrap());
  }

  private PgConnectOptions postgres() {
    return PgConnectOptions.fromUri(infrastructure.postgresUri());
  }

  private void append(int partition, long number, Map<String, String> headers) {
    log.append(RunningSum.INPUT, partition, RunningSum.encode(number), headers);
  }

  /**
   * What a reader accepts of a partition of the output: each record whose number is the last + 1.
   */
  private List<String> summed(int partition) {
    List<String> lines = new ArrayList<>();
    Map<Integer, Long> last = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : log.read(RunningSum.OUTPUT)) {
      long seq = Long.parseLong(Log.header(record, SEQ));
      if (record.partition() == partition && seq == last.getOrDefault(partition, 0L) + 1) {
        last.put(partition, seq);
        lines.add(text(record));
      }
    }
    return lines;
  }

  private static String text(ConsumerRecord<byte[], byte[]> record) {
    try {
      return StringValue.parseFrom(record.value()).getValue();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
