package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import dev.sagax.local.e2e.Eventually;
import dev.sagax.local.e2e.Log;
import dev.sagax.local.infra.Infrastructure;
import dev.sagax.platform.rpc.Health;
import dev.sagax.platform.schema.TestSchema;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the clients of the log do when the broker, the log or a producer is not as it was. */
class LogTroubleTest {
  /** Of no other test. */
  private static final Topic OUTPUT = Topic.MATCH_CANCEL_REQUESTED;

  private static final byte[] NOTHING = {};
  private static final String SERVICE = "echo-svc";
  private static final String SCHEMA = "echo";

  @TempDir static Path folder;
  private static Infrastructure infrastructure;
  private static Log log;
  private static Vertx vertx;
  private static Pool pool;
  private static Admin admin;

  private final Map<String, String> down = new ConcurrentHashMap<>();
  private final AtomicInteger ups = new AtomicInteger();
  private final Map<String, Boolean> reported = new ConcurrentHashMap<>();
  private final Health health =
      (dependency, up, detail) -> {
        reported.put(dependency, up);
        if (up) {
          ups.addAndGet(dependency.equals("partition 0") ? 1 : 0);
          down.remove(dependency);
        } else {
          down.put(dependency, detail);
        }
      };

  @BeforeAll
  static void start() {
    infrastructure = Infrastructure.start(folder, line -> {});
    log = new Log(infrastructure.kafkaBootstrap(), 1);
    vertx = Vertx.vertx();
    pool = PgBuilder.pool().connectingTo(postgres()).using(vertx).build();
    admin = Admin.create(Map.of("bootstrap.servers", infrastructure.kafkaBootstrap()));
  }

  @BeforeEach
  void makeTopics() {
    topics(1, 1).ensureTopics();
  }

  @AfterAll
  static void stop() throws Exception {
    admin.close(Duration.ofSeconds(1));
    log.close();
    await(vertx.close());
    infrastructure.close();
  }

  @Test
  void topicThatCannotBeTrustedIsRefusedByNameAndRule() throws Exception {
    assertThatThrownBy(() -> topics(1, 3).ensureTopics())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("match.requested has a partition with replicas on 1 brokers")
        .hasMessageContaining("match.requested has min.insync.replicas=1");

    setRetention("1000");
    try {
      // The broker may still describe a topic as it was just before.
      Eventually.passes(() ->
          assertThatThrownBy(() -> topics(1, 1).ensureTopics())
              .hasMessageContaining("settle.completed has retention.ms=1000")
              .hasMessageNotContaining("settle.requested"));
    } finally {
      setRetention("-1");
    }
    Eventually.passes(
        () -> assertThatCode(() -> topics(1, 1).ensureTopics()).doesNotThrowAnyException());
  }

  private static void setRetention(String millis) throws Exception {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "settle.completed");
    AlterConfigOp set =
        new AlterConfigOp(new ConfigEntry("retention.ms", millis), AlterConfigOp.OpType.SET);
    admin.incrementalAlterConfigs(Map.of(topic, List.of(set))).all().get(20, TimeUnit.SECONDS);
  }

  @Test
  void producerThatCannotSendAnyMoreIsReplaced() {
    List<Producer<byte[], byte[]>> made = new CopyOnWriteArrayList<>();
    SagaProducer producer =
        new SagaProducer(() -> {
          made.add(kafka().producer("replaced"));
          return made.getLast();
        });
    producer.learnPartitions();
    assertThat(sent(producer)).isTrue();

    made.getFirst().close();
    assertThat(sent(producer)).isFalse();

    Eventually.passes(() -> assertThat(sent(producer)).isTrue());
    assertThat(made).hasSize(2);
    producer.close();
  }

  private static boolean sent(SagaProducer producer) {
    var outcome = new java.util.concurrent.CompletableFuture<Boolean>();
    producer.send(
        new ProducerRecord<>(Topic.ORDER_DLQ.topicName, 0, NOTHING, NOTHING),
        (metadata, failure) -> outcome.complete(failure == null));
    return outcome.orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Test
  void followerStartsAnewInALogThatWentBackInTime() throws Exception {
    AtomicInteger seen = new AtomicInteger();
    KafkaLogFollower follower =
        new KafkaLogFollower(
            kafka(),
            "follower",
            List.of(Topic.ORDER_UPDATED),
            1,
            vertx.getOrCreateContext(),
            (dependency, up, detail) -> {},
            record -> seen.incrementAndGet());
    await(follower.started());
    for (int n = 0; n < 3; n++) {
      log.append(Topic.ORDER_UPDATED, 0, NOTHING);
    }
    Eventually.passes(() -> assertThat(seen).hasValue(3));

    admin.deleteTopics(List.of(Topic.ORDER_UPDATED.topicName)).all().get(20, TimeUnit.SECONDS);
    topics(1, 1).ensureTopics();
    log.append(Topic.ORDER_UPDATED, 0, NOTHING);

    Eventually.passes(() -> assertThat(seen).hasValue(4));
    await(follower.close());
  }

  @Test
  void endOfALogIsTheLastRecordThatItsReaderAccepts() throws Exception {
    assertThat(endOfSettleRequested(0, 0)).isZero();
    for (String seq : List.of("1", "2", "99999", "2", "3", "4")) {
      numbered(seq);
    }
    long afterFour = log.size(Topic.SETTLE_REQUESTED);
    for (String stray : List.of("6", "99999", "100000", "4", "3", "", "not a number", "-5", "0")) {
      numbered(stray);
    }
    log.append(Topic.SETTLE_REQUESTED, 0, NOTHING);

    assertThat(endOfSettleRequested(0, 0)).isEqualTo(4);
    assertThat(endOfSettleRequested(2, 2)).isEqualTo(4);
    assertThat(endOfSettleRequested(4, afterFour)).isEqualTo(4);
    assertThat(endOfSettleRequested(9, afterFour + 90))
        .as("the log is the shorter one")
        .isEqualTo(9);

    numbered("5");
    assertThat(endOfSettleRequested(4, afterFour)).isEqualTo(5);
    deleteBefore(afterFour + 2);
    assertThat(endOfSettleRequested(4, afterFour)).as("only strays were deleted").isEqualTo(5);

    long afterFive = log.size(Topic.SETTLE_REQUESTED);
    numbered("6");
    deleteBefore(afterFive);
    assertThat(endOfSettleRequested(5, afterFour)).as("only what was applied").isEqualTo(6);
    numbered("7");
    deleteBefore(afterFive + 1);
    assertThatThrownBy(() -> endOfSettleRequested(5, afterFive))
        .as("6 is lost, so the replay has not reached the end")
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("number 6 is not there any more");
  }

  /**
   * A process that should be dead has published in a row what a restored PostgreSQL has forgotten:
   * no reader accepts that, neither before the numbers are given out anew nor after.
   */
  @Test
  void zombiesStraysAreNotTakenForALogThatIsAhead() throws Exception {
    OutputLog outputLog = new OutputLog(kafka(), SERVICE);
    outputs(1, 2, 3, 4, 5, 9, 10, 11, 12);
    for (long given : List.of(5L, 6L, 8L)) {
      assertThatCode(() -> load(outputLog, given)).as("at %d", given).doesNotThrowAnyException();
    }
    assertThatThrownBy(() -> load(outputLog, 4))
        .isInstanceOf(PartitionStoppedException.class)
        .hasMessageContaining("has record 5 in partition 0")
        .hasMessageContaining("numbers up to 4 only");

    outputs(6, 7, 8);
    assertThatCode(() -> load(outputLog, 8)).doesNotThrowAnyException();
    outputs(9);
    assertThatThrownBy(() -> load(outputLog, 8))
        .as("9 came after 8, so readers have it")
        .isInstanceOf(PartitionStoppedException.class)
        .hasMessageContaining("has record 9");
    assertThatCode(() -> load(outputLog, 9)).doesNotThrowAnyException();

    var partition = new TopicPartition(OUTPUT.topicName, 0);
    admin
        .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(5)))
        .all()
        .get(20, TimeUnit.SECONDS);
    assertThatThrownBy(() -> load(outputLog, 9))
        .as("whether it had accepted 10 before is not known any more")
        .isInstanceOf(PartitionStoppedException.class)
        .hasMessageContaining("has record 10");
  }

  private static void load(OutputLog outputLog, long given) {
    OutputLog.Tail tail = outputLog.read(0, List.of(OUTPUT, Topic.MATCH_DLQ));
    outputLog.requireNotAhead(tail, Map.of(OUTPUT, given));
  }

  private static void outputs(long... numbers) {
    for (long number : numbers) {
      log.append(OUTPUT, 0, NOTHING, Map.of(RecordSeq.HEADER, Long.toString(number)));
    }
  }

  @Test
  void endOfALogWithoutNumbersIsItsLastOffset() {
    long size = log.size(Topic.ORDER_REQUESTED);
    log.append(Topic.ORDER_REQUESTED, 0, NOTHING);

    assertThat(new LogEnds(kafka(), SERVICE, 1).lastPositions(Topic.ORDER_REQUESTED, applied(0, 0)))
        .containsOnly(Map.entry(0, size));
  }

  private static void numbered(String seq) {
    log.append(Topic.SETTLE_REQUESTED, 0, NOTHING, Map.of(RecordSeq.HEADER, seq));
  }

  private static long endOfSettleRequested(long position, long nextOffset) {
    return new LogEnds(kafka(), SERVICE, 1)
        .lastPositions(Topic.SETTLE_REQUESTED, applied(position, nextOffset))
        .get(0);
  }

  private static StepPositions applied(long position, long nextOffset) {
    var applied = new StepPositions.Applied(position, nextOffset);
    return new StepPositions(Map.of(0, Map.of(Topic.SETTLE_REQUESTED, applied)));
  }

  private static void deleteBefore(long offset) throws Exception {
    var partition = new TopicPartition(Topic.SETTLE_REQUESTED.topicName, 0);
    admin
        .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(offset)))
        .all()
        .get(20, TimeUnit.SECONDS);
  }

  @Test
  void healthSaysThatTheBrokerIsAwayAndBack() {
    BrokerWatch watch = new BrokerWatch(kafka(), "watched", health);
    Eventually.passes(() -> assertThat(reported).containsEntry("kafka", true));

    infrastructure.kafka().stop();
    Eventually.passes(() -> assertThat(reported).containsEntry("kafka", false));

    infrastructure.kafka().start();
    Eventually.passes(() -> assertThat(reported).containsEntry("kafka", true));
    watch.close();
  }

  @Test
  void lagIsWhatIsNotAppliedAndLostNumbersStopThePartition() throws Exception {
    await(TestSchema.create(pool, SCHEMA, "select 1"));
    SagaProducer producer = new SagaProducer(kafka(), SERVICE);
    producer.learnPartitions();
    Echo echo = new Echo();
    SagaConsumer consumer = join(echo, producer);
    append(5);
    Eventually.passes(() -> assertThat(committed()).isEqualTo(5));

    echo.refuseFrom.set(5);
    append(3);
    Eventually.passes(() -> assertThat(down).containsKey("partition 0"));
    int timesUp = ups.get();
    Eventually.passes(() -> assertThat(echo.refused.get()).isGreaterThan(4)); // after 1.5 s
    assertThat(committed()).isEqualTo(5);
    assertThat(ups).as("it is not up between two attempts").hasValue(timesUp);
    echo.refuseFrom.set(Long.MAX_VALUE);
    Eventually.passes(() -> assertThat(committed()).isEqualTo(8));
    Eventually.passes(() -> assertThat(down).doesNotContainKey("partition 0"));
    await(consumer.close());

    await(
        pool.query("update echo.step_output set last_seq = 2; update echo.step set outbox = null")
            .execute());
    long published = log.size(Topic.TRANSFER_COMPLETED);
    consumer = join(echo, producer);
    Eventually.passes(
        () -> assertThat(down.get("partition 0")).isNotNull().contains("went back in time"));
    append(1);
    assertThat(log.size(Topic.TRANSFER_COMPLETED)).isEqualTo(published);
    await(consumer.close());
    assertThat(log.size(Topic.TRANSFER_COMPLETED)).isEqualTo(published);
    producer.close();
  }

  private static void append(int count) {
    for (int n = 0; n < count; n++) {
      log.append(Topic.TRANSFER_REQUESTED, 0, "record".getBytes(StandardCharsets.UTF_8));
    }
  }

  private SagaConsumer join(Echo echo, SagaProducer producer) {
    SagaDefinition saga =
        new SagaDefinition(
            SERVICE,
            SCHEMA,
            List.of(Topic.TRANSFER_REQUESTED),
            List.of(Topic.TRANSFER_COMPLETED),
            partition -> echo);
    return new SagaConsumer(vertx, saga, kafka(), postgres(), producer, health);
  }

  private static long committed() {
    try {
      var offsets =
          admin
              .listConsumerGroupOffsets(SERVICE)
              .partitionsToOffsetAndMetadata()
              .get(20, TimeUnit.SECONDS);
      var offset = offsets.get(new TopicPartition(Topic.TRANSFER_REQUESTED.topicName, 0));
      return offset == null ? -1 : offset.offset();
    } catch (Exception notYet) {
      throw new AssertionError(notYet);
    }
  }

  /** Emits a record for each that comes, but for those it is told to refuse for a while. */
  private static final class Echo implements StepHandler {
    final AtomicLong refuseFrom = new AtomicLong(Long.MAX_VALUE);
    final AtomicInteger refused = new AtomicInteger();

    @Override
    public Future<Void> load(SqlClient snapshot) {
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> handle(List<LogRecord> records, StepWrites step) {
      if (records.getLast().position() >= refuseFrom.get()) {
        refused.incrementAndGet();
        return Future.failedFuture(new IOException("Refused by the test"));
      }
      records.forEach(
          record -> step.emit(Topic.TRANSFER_COMPLETED, "echo", StringValue.of("echo")));
      return Future.succeededFuture();
    }
  }

  private static TopicAdmin topics(int partitions, int replication) {
    return new TopicAdmin(kafka(), partitions, (short) replication);
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
