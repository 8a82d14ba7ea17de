package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import dev.sagax.local.e2e.Eventually;
import dev.sagax.local.e2e.Log;
import dev.sagax.local.infra.Infrastructure;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.schema.TestSchema;
import dev.sagax.platform.tracing.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A roll from few partitions to more: processes of both numbers are in the group at once. */
class GrownTopicsTest {
  private static final String SERVICE = "grown-svc";
  private static final String SCHEMA = "grown";

  @TempDir private static Path folder;
  private static Infrastructure infrastructure;
  private static Vertx vertx;
  private static Pool pool;

  @BeforeAll
  static void start() throws Exception {
    infrastructure = Infrastructure.start(folder, line -> {});
    vertx = Vertx.vertx();
    pool = PgBuilder.pool().connectingTo(postgres()).using(vertx).build();
    await(TestSchema.create(pool, SCHEMA, "select 1;"));
  }

  @AfterAll
  static void stop() throws Exception {
    await(vertx.close());
    infrastructure.close();
  }

  @Test
  void processOfTheFormerNumberLeavesNewPartitionsToOneThatKnowsThem() throws Exception {
    new TopicAdmin(kafka(), 2, (short) 1).ensureTopics();
    new TopicAdmin(kafka(), 4, (short) 1).ensureTopics();
    SagaProducer producer = new SagaProducer(kafka(), SERVICE);
    producer.learnPartitions();
    Set<Integer> former = new ConcurrentSkipListSet<>();
    Set<Integer> later = new ConcurrentSkipListSet<>();
    try (Log log = new Log(infrastructure.kafkaBootstrap(), 4)) {
      for (int partition = 0; partition < 4; partition++) {
        log.append(Topic.TRANSFER_REQUESTED, partition, new byte[] {1});
      }

      SagaConsumer two = join(2, former, producer);
      Eventually.passes(() -> assertThat(former).contains(0, 1));
      assertThat(two.partitions()).extracting(PartitionStatus::partition).containsExactly(0, 1);
      await(two.close());
      SagaConsumer four = join(4, later, producer);

      Eventually.passes(() -> assertThat(later).containsExactly(2, 3));
      assertThat(four.partitions()).hasSize(4);
      assertThat(former).containsExactly(0, 1);
      await(four.close());
    }
    producer.close();
  }

  private static SagaConsumer join(int partitions, Set<Integer> handled, SagaProducer producer) {
    SagaDefinition saga =
        new SagaDefinition(
            SERVICE,
            SCHEMA,
            List.of(Topic.TRANSFER_REQUESTED),
            List.of(Topic.TRANSFER_COMPLETED),
            partition -> new Echo(handled));
    return new SagaConsumer(
        vertx,
        saga,
        kafka(),
        postgres(),
        producer,
        (dependency, up, detail) -> {},
        partitions,
        DeadLetterLimit.DEFAULT_PER_MINUTE,
        FaultInjector.idle(),
        Tracing.OFF,
        StepMetrics.unseen(saga));
  }

  /** Remembers of which partitions there were records. */
  private record Echo(Set<Integer> handled) implements StepHandler {
    @Override
    public Future<Void> load(SqlClient snapshot) {
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> handle(List<LogRecord> records, StepWrites step) {
      records.forEach(record -> {
        handled.add(record.partition());
        step.emit(Topic.TRANSFER_COMPLETED, "echo", StringValue.of("echo"));
      });
      return Future.succeededFuture();
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
