package dev.sagax.local.e2e;

import static dev.sagax.proto.dlq.v1.DeadLetterState.DEAD_LETTER_STATE_DISCARDED;
import static dev.sagax.proto.dlq.v1.DeadLetterState.DEAD_LETTER_STATE_OPEN;
import static dev.sagax.proto.dlq.v1.DeadLetterState.DEAD_LETTER_STATE_REPLAYED;
import static dev.sagax.proto.dlq.v1.DeadLetterState.DEAD_LETTER_STATE_REPLAYING;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.sagax.local.LocalExchange;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.dlq.v1.DeadLetter;
import dev.sagax.proto.dlq.v1.GetDeadLetterResponse;
import dev.sagax.proto.dlq.v1.ListDeadLettersRequest;
import dev.sagax.proto.dlq.v1.RecordHeader;
import io.grpc.Channel;
import io.grpc.Status;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What operators see of dead letters and do with them, over all four topics. */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeadLetterTest {
  private static final int PARTITION = 2;
  private static final byte[] GARBAGE = {(byte) 0xff, 0, 'x', '\n'};
  private static final int AT_ONCE = 8;
  private static final String SERVICE = "sagax.dlq.v1.DeadLetterService/";

  private TestExchange exchange;
  private Log log;
  private Vertx vertx;
  private Pool postgres;
  private DeadLetterDesk alice;
  private DeadLetterDesk bob;
  private DeadLetterDesk transfers;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
    log = new Log(exchange.infrastructure().kafkaBootstrap(), LocalExchange.PARTITIONS);
    vertx = Vertx.vertx();
    postgres =
        PgBuilder.pool()
            .connectingTo(PgConnectOptions.fromUri(exchange.infrastructure().postgresUri()))
            .using(vertx)
            .build();
    alice = new DeadLetterDesk(exchange, exchange.order(), "op-alice");
    bob = new DeadLetterDesk(exchange, exchange.order(), "op-bob");
    transfers = new DeadLetterDesk(exchange, exchange.settle(), "op-alice");
  }

  @AfterAll
  void everyAssetIsConserved() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    log.close();
    exchange.assertConserved();
  }

  // ---- list and show

  @Test
  void deadLetterIsShownByteForByte() {
    var record =
        new ProducerRecord<>(
            Topic.ORDER_REQUESTED.topicName, PARTITION, 1_600_000_000_123L, new byte[0], GARBAGE);
    record.headers().add("trace", new byte[] {0, -1});
    record.headers().add("trace", null);

    DeadLetter letter = alice.of(PARTITION, log.append(record));

    assertThat(letter.getDeadLetterId()).matches("order\\.dlq/2/[1-9][0-9]*");
    assertThat(letter.getState()).isEqualTo(DEAD_LETTER_STATE_OPEN);
    assertThat(letter.getSourceTopic()).isEqualTo("order.requested");
    assertThat(letter.getRecordTime().getSeconds()).isEqualTo(1_600_000_000);
    assertThat(letter.getRecordTime().getNanos()).isEqualTo(123_000_000);
    assertThat(letter.getError()).startsWith("The record is not an OrderRequested");
    assertThat(letter.getService()).isEqualTo("order-svc");
    assertThat(letter.getAttempts()).isEqualTo(1);
    assertThat(letter.getValueBytes()).isEqualTo(GARBAGE.length);
    assertThat(letter.getReplayable()).isTrue();
    assertThat(letter.hasDecision()).isFalse();
    GetDeadLetterResponse whole = alice.get(letter);
    assertThat(whole.getDeadLetter()).isEqualTo(letter);
    assertThat(whole.hasKey()).isTrue();
    assertThat(whole.getKey()).isEqualTo(ByteString.EMPTY);
    assertThat(whole.getValue().toByteArray()).isEqualTo(GARBAGE);
    assertThat(whole.getHeadersList())
        .containsExactly(
            RecordHeader.newBuilder()
                .setName("trace")
                .setValue(ByteString.copyFrom(new byte[] {0, -1}))
                .build(),
            RecordHeader.newBuilder().setName("trace").build());
  }

  @Test
  void pagesListEachOnceAndFiltersHold() {
    long offset = log.append(Topic.TRANSFER_REQUESTED, 0, GARBAGE);
    DeadLetter first = transfers.of(0, offset);
    DeadLetter second = transfers.of(0, log.append(Topic.TRANSFER_REQUESTED, 0, GARBAGE));
    transfers.discard(first, "a test");
    ListDeadLettersRequest ofTopic =
        ListDeadLettersRequest.newBuilder().setTopic("transfer.dlq").build();

    List<DeadLetter> one = transfers.list(ofTopic.toBuilder().setPageSize(1).build());
    List<DeadLetter> all = transfers.list(ofTopic);
    List<DeadLetter> open =
        transfers.list(ofTopic.toBuilder().setState(DEAD_LETTER_STATE_OPEN).setPageSize(2).build());

    assertThat(one).isEqualTo(all).doesNotHaveDuplicates();
    assertThat(ids(all)).contains(first.getDeadLetterId(), second.getDeadLetterId());
    assertThat(ids(open))
        .contains(second.getDeadLetterId())
        .doesNotContain(first.getDeadLetterId());
    assertThat(open).extracting(DeadLetter::getState).containsOnly(DEAD_LETTER_STATE_OPEN);
    assertThat(
            ids(transfers.list(ListDeadLettersRequest.newBuilder().setTopic("settle.dlq").build())))
        .allMatch(id -> id.startsWith("settle.dlq/"));
  }

  private static List<String> ids(List<DeadLetter> letters) {
    return letters.stream().map(DeadLetter::getDeadLetterId).toList();
  }

  // ---- replay

  @Test
  void replayAppendsTheSameBytesOnceHoweverOftenItIsAsked() throws Exception {
    byte[] key = {1, 0};
    var record = new ProducerRecord<>(Topic.ORDER_REQUESTED.topicName, PARTITION, key, GARBAGE);
    record.headers().add("trace", new byte[] {7});
    record.headers().add("trace", null);
    DeadLetter letter = alice.of(PARTITION, log.append(record));
    long before = log.size(Topic.ORDER_REQUESTED);

    List<DeadLetter> answers = atOnce(n -> (n % 2 == 0 ? alice : bob).replay(letter));
    DeadLetter later = bob.replay(letter);

    assertThat(log.size(Topic.ORDER_REQUESTED)).isEqualTo(before + 1);
    assertThat(answers).containsOnly(later);
    assertThat(later.getState()).isEqualTo(DEAD_LETTER_STATE_REPLAYED);
    assertThat(later.getDecision().getOperator()).isIn("op-alice", "op-bob");
    long offset = later.getDecision().getReplayOffset();
    ConsumerRecord<byte[], byte[]> again = recordAt(Topic.ORDER_REQUESTED, PARTITION, offset);
    assertThat(again.key()).isEqualTo(key);
    assertThat(again.value()).isEqualTo(GARBAGE);
    assertThat(
            StreamSupport.stream(again.headers().spliterator(), false)
                .map(h -> h.key() + (h.value() == null ? " null" : " " + h.value()[0])))
        .containsExactly("trace 7", "trace null");
    DeadLetter stillPoison = alice.of(PARTITION, offset);
    assertThat(stillPoison.getState()).isEqualTo(DEAD_LETTER_STATE_OPEN);
    assertDecided(() -> alice.discard(letter, "too late"), "REPLAYED");
  }

  /** As a crash between the append and the mark leaves it. */
  @Test
  void replayThatWasBrokenOffIsEndedByTheNext() throws Exception {
    DeadLetter letter = alice.of(PARTITION, log.append(Topic.ORDER_REQUESTED, PARTITION, GARBAGE));
    long number = Long.parseLong(letter.getDeadLetterId().split("/")[2]);
    sql(
        "update orders.dead_letter set state = 'REPLAYING', decided_by = 'op-gone',"
            + " decided_micros = 1, reason = 'why not' where topic = 'order.dlq' and partition = "
            + PARTITION
            + " and seq = "
            + number);
    assertThat(alice.get(letter).getDeadLetter().getState()).isEqualTo(DEAD_LETTER_STATE_REPLAYING);
    assertDecided(() -> alice.discard(letter, "no"), "REPLAYING");
    long before = log.size(Topic.ORDER_REQUESTED);

    DeadLetter replayed = alice.replay(letter);

    assertThat(replayed.getState()).isEqualTo(DEAD_LETTER_STATE_REPLAYED);
    assertThat(replayed.getDecision().getOperator()).isEqualTo("op-gone");
    assertThat(replayed.getDecision().getReason()).isEqualTo("why not");
    assertThat(log.size(Topic.ORDER_REQUESTED)).isEqualTo(before + 1);
    alice.of(PARTITION, replayed.getDecision().getReplayOffset());
  }

  private ConsumerRecord<byte[], byte[]> recordAt(Topic topic, int partition, long offset) {
    return log.read(topic).stream()
        .filter(record -> record.partition() == partition && record.offset() == offset)
        .findFirst()
        .orElseThrow();
  }

  // ---- discard

  @Test
  void discardLeavesWhoWhenAndWhyAndTheFirstDecisionStands() throws Exception {
    DeadLetter letter =
        transfers.of(PARTITION, log.append(Topic.TRANSFER_REQUESTED, PARTITION, GARBAGE));
    DeadLetterDesk second = new DeadLetterDesk(exchange, exchange.settle(), "op-bob");
    long before = log.size(Topic.TRANSFER_REQUESTED);
    long beginMicros = System.currentTimeMillis() * 1_000;

    List<DeadLetter> answers =
        atOnce(n ->
            (n % 2 == 0 ? transfers : second).discard(letter, n % 2 == 0 ? "of alice" : "of bob"));

    assertThat(answers).containsOnly(answers.getFirst());
    DeadLetter discarded = transfers.get(letter).getDeadLetter();
    assertThat(discarded).isEqualTo(answers.getFirst());
    assertThat(discarded.getState()).isEqualTo(DEAD_LETTER_STATE_DISCARDED);
    String who = discarded.getDecision().getOperator();
    assertThat(discarded.getDecision().getReason()).isEqualTo("of " + who.substring(3));
    Row row =
        sql("select * from ledger.dead_letter where topic = 'transfer.dlq' and source_offset = "
                + letter.getSourceOffset()
                + " and partition = "
                + PARTITION)
            .iterator()
            .next();
    assertThat(row.getString("state")).isEqualTo("DISCARDED");
    assertThat(row.getString("decided_by")).isEqualTo(who);
    assertThat(row.getLong("decided_micros"))
        .isBetween(beginMicros, System.currentTimeMillis() * 1_000 + 1_000);
    assertThat(row.getString("reason")).isEqualTo(discarded.getDecision().getReason());
    assertThat(row.getBuffer("value").getBytes()).isEqualTo(GARBAGE);
    assertDecided(() -> transfers.replay(letter), "DISCARDED");
    assertThat(log.size(Topic.TRANSFER_REQUESTED)).isEqualTo(before);
  }

  @Test
  void replayAndDiscardAtOnceHaveOneWinner() throws Exception {
    DeadLetter letter = alice.of(PARTITION, log.append(Topic.ORDER_REQUESTED, PARTITION, GARBAGE));
    long before = log.size(Topic.ORDER_REQUESTED);

    List<String> answers =
        atOnce(n -> {
          try {
            return (n % 2 == 0 ? alice.replay(letter) : bob.discard(letter, "no"))
                .getState()
                .name();
          } catch (io.grpc.StatusRuntimeException refused) {
            return Refused.of(refused).reason();
          }
        });

    DeadLetter ended = alice.get(letter).getDeadLetter();
    assertThat(ended.getState()).isIn(DEAD_LETTER_STATE_REPLAYED, DEAD_LETTER_STATE_DISCARDED);
    assertThat(answers).containsOnly(ended.getState().name(), "DEAD_LETTER_DECIDED");
    assertThat(log.size(Topic.ORDER_REQUESTED) - before)
        .isEqualTo(ended.getState() == DEAD_LETTER_STATE_REPLAYED ? 1 : 0);
  }

  private static void assertDecided(Callable<?> call, String state) {
    Refused refused = Refused.by(call::call);
    assertThat(refused.code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(refused.reason()).isEqualTo("DEAD_LETTER_DECIDED");
    assertThat(refused.metadata()).containsEntry("state", state);
  }

  // ---- who may

  @TestFactory
  Stream<DynamicTest> onlyAnOperatorMay() {
    Map<String, Channel> services =
        Map.of("order", exchange.order(), "match", exchange.match(), "settle", exchange.settle());
    List<String> methods =
        List.of("ListDeadLetters", "GetDeadLetter", "ReplayDeadLetter", "DiscardDeadLetter");
    return services.entrySet().stream()
        .flatMap(service ->
            methods.stream()
                .map(method ->
                    DynamicTest.dynamicTest(
                        service.getKey() + " " + method,
                        () -> assertOperatorOnly(service.getValue(), SERVICE + method))));
  }

  private void assertOperatorOnly(Channel service, String method) {
    for (Scope scope : Scope.values()) {
      if (scope != Scope.OPERATOR) {
        String token = exchange.token("customer", scope);
        Refused refused = Refused.by(() -> RawCall.send(service, token, method, new byte[0]));
        assertThat(refused.code()).as(scope.name()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(refused.metadata()).containsEntry("scope", "operator");
      }
    }
    assertThat(Refused.by(() -> RawCall.send(service, method, new byte[0])).reason())
        .isEqualTo("TOKEN_MISSING");
  }

  @Test
  void whoWritesNoDeadLettersServesNone() {
    Refused refused =
        Refused.by(() ->
            RawCall.send(
                exchange.asset(),
                exchange.token("op", Scope.OPERATOR),
                SERVICE + "ListDeadLetters",
                new byte[0]));

    assertThat(refused.code()).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  // ---- means

  private interface Numbered<T> {
    T call(int n);
  }

  /** The answers of as many calls as are made at the same time. */
  private static <T> List<T> atOnce(Numbered<T> call) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    try {
      List<Future<T>> calls =
          IntStream.range(0, AT_ONCE).mapToObj(n -> threads.submit(() -> call.call(n))).toList();
      List<T> answers = new java.util.ArrayList<>();
      for (Future<T> answer : calls) {
        answers.add(answer.get(30, TimeUnit.SECONDS));
      }
      return answers;
    } finally {
      threads.shutdownNow();
    }
  }

  private RowSet<Row> sql(String statement) throws Exception {
    return postgres
        .query(statement)
        .execute()
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }
}
