package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.local.LocalExchange;
import dev.sagax.platform.fault.FaultAction;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.platform.fault.PlannedFault;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.event.v1.MatchRequested;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import dev.sagax.proto.order.v1.Wait;
import dev.sagax.proto.partition.v1.ListPartitionsRequest;
import dev.sagax.proto.partition.v1.Partition;
import dev.sagax.proto.partition.v1.PartitionServiceGrpc;
import dev.sagax.proto.partition.v1.PartitionState;
import dev.sagax.proto.partition.v1.ResumePartitionRequest;
import dev.sagax.proto.partition.v1.ResumePartitionResponse;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A partition that met what waiting cannot help stands still, alone, and goes on when a person has
 * mended the cause and says so.
 */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PartitionTest {
  /** A batch is allowed 20 failures; of so many orders in two batches at most, one has more. */
  private static final int FAILING_ORDERS = 50;

  private static final int WRONG_TAG = 7;
  private static final int MARKET_TAG = MatchRequested.MARKET_FIELD_NUMBER << 3 | 2;

  private TestExchange exchange;
  private Stores stores;
  private Log log;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
    stores = new Stores(exchange.infrastructure());
    log = new Log(exchange.infrastructure().kafkaBootstrap(), LocalExchange.PARTITIONS);
  }

  @AfterAll
  void close() {
    exchange.assertConserved();
    log.close();
    stores.close();
  }

  private PartitionServiceGrpc.PartitionServiceBlockingStub asked(PortClients replica) {
    return PartitionServiceGrpc.newBlockingStub(replica.match())
        .withInterceptors(TestExchange.bearer(exchange.token("operator", Scope.OPERATOR)));
  }

  private List<Partition> partitions(PortClients replica) {
    return asked(replica)
        .listPartitions(ListPartitionsRequest.getDefaultInstance())
        .getPartitionsList();
  }

  private static boolean isBooks(Partition state, int partition) {
    return state.getService().equals("match-svc") && state.getPartition() == partition;
  }

  /** Where the books of a partition are. */
  private PortClients owner(int partition) {
    return exchange.replicas().stream()
        .filter(replica -> partitions(replica).stream().anyMatch(p -> isBooks(p, partition)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("Nobody owns partition " + partition));
  }

  private Partition state(int partition) {
    List<Partition> all =
        exchange.replicas().stream().flatMap(replica -> partitions(replica).stream()).toList();
    assertThat(all)
        .extracting(p -> p.getService() + " " + p.getPartition())
        .containsExactlyInAnyOrderElementsOf(
            Stream.of("match-svc", "match-svc-market-data")
                .flatMap(service -> IntStream.range(0, 4).mapToObj(n -> service + " " + n))
                .toList());
    return all.stream().filter(p -> isBooks(p, partition)).findFirst().orElseThrow();
  }

  private ServingStatus health(int partition, String name) {
    return HealthGrpc.newBlockingStub(owner(partition).match())
        .check(HealthCheckRequest.newBuilder().setService(name).build())
        .getStatus();
  }

  private void stops(int partition, String why) {
    Eventually.passes(() -> {
      assertThat(state(partition).getState()).isEqualTo(PartitionState.PARTITION_STATE_STOPPED);
      assertThat(state(partition).getDetail()).contains(why);
    });
  }

  private ResumePartitionResponse resume(int partition) {
    return asked(owner(partition))
        .resumePartition(ResumePartitionRequest.newBuilder().setPartition(partition).build());
  }

  @Test
  void corruptedRecordStopsItsPartitionAloneUntilItIsRepaired() {
    LocalExchange local = exchange.local(); // only in this JVM can faults be planned
    String market = exchange.market();
    String elsewhere = exchange.market();
    int partition = TestMarkets.partition(market);
    Trader seller = exchange.trader("seller").deposit("BTC", "2");
    Trader buyer = exchange.trader("buyer").deposit("USD", "1000");
    buyer.buy(market, "0.1", "50");
    assertThat(resume(partition).getResumed()).as("it is not stopped").isFalse();
    corruptOutbox(market, partition);
    local
        .faults(FaultPoint.ORDER_STEP_AFTER_COMMIT)
        .arm(new PlannedFault(FaultPoint.ORDER_STEP_AFTER_COMMIT, new FaultAction.Throw(), 1));

    Order resting =
        seller.place(
            seller
                .order(market)
                .setWait(Wait.WAIT_DECISION)
                .setLimit(Trader.limit(Side.SIDE_SELL, "1", "100", TimeInForce.TIME_IN_FORCE_GTC)));
    stores.sql("drop trigger corrupt on orders.step");

    stops(partition, "cannot be");
    Eventually.passes(() ->
        assertThat(health(partition, "partition-" + partition))
            .isEqualTo(ServingStatus.NOT_SERVING));
    assertThat(health(partition, "readiness"))
        .as("others go on here")
        .isEqualTo(ServingStatus.SERVING);
    seller.sell(elsewhere, "1", "100");
    assertThat(Tape.of(buyer.buy(elsewhere, "1", "100"))).startsWith("FILLED 1 for 100");
    assertThat(resume(partition).getResumed()).isTrue();
    stops(partition, "cannot be");

    repair(market, partition);
    assertThat(resume(partition).getResumed()).isTrue();

    assertThat(Tape.of(buyer.buy(market, "1", "100"))).startsWith("FILLED 1 for 100");
    Eventually.passes(
        () -> assertThat(Tape.of(seller.get(resting))).startsWith("FILLED 1 for 100"));
    assertThat(state(partition).getState()).isEqualTo(PartitionState.PARTITION_STATE_RUNNING);
    Eventually.passes(() ->
        assertThat(health(partition, "partition-" + partition)).isEqualTo(ServingStatus.SERVING));
    assertThat(resume(partition).getResumed()).isFalse();
  }

  /** From now on the first field of the first match.requested in a batch has a wrong tag. */
  private void corruptOutbox(String market, int partition) {
    stores.sql(
        """
        create or replace function orders.corrupt() returns trigger language plpgsql as $$
        declare
          m bytea := convert_to('%s', 'UTF8');
          p int := position(m in new.outbox);
        begin
          if new.partition = %d and p > 0 then
            p := p + length(m);
            new.outbox := set_byte(new.outbox, p + position(m in substring(new.outbox from p)) - 4, %d);
          end if;
          return new;
        end $$\
        """
            .formatted(market, partition, WRONG_TAG));
    stores.sql(
        "create trigger corrupt before update on orders.step"
            + " for each row execute function orders.corrupt()");
  }

  /**
   * The record and all behind it are appended once more, repaired and under their numbers, and
   * match-svc reads on behind the corrupted one.
   */
  private void repair(String market, int partition) {
    List<ConsumerRecord<byte[], byte[]>> all =
        log.read(Topic.MATCH_REQUESTED).stream()
            .filter(record -> record.partition() == partition)
            .toList();
    ConsumerRecord<byte[], byte[]> corrupted =
        all.stream().filter(record -> tagAt(market, record.value()) >= 0).findFirst().orElseThrow();
    all.stream()
        .filter(record -> record.offset() >= corrupted.offset())
        .forEach(record -> {
          byte[] value = record.value().clone();
          int tag = tagAt(market, value);
          if (tag >= 0) {
            value[tag] = MARKET_TAG;
          }
          log.append(
              Topic.MATCH_REQUESTED, partition, value, Map.of("seq", Log.header(record, "seq")));
        });
    int moved =
        stores
            .sql(
                "update matching.step_input set next_offset = $1 where partition = $2 and topic = $3",
                corrupted.offset() + 1,
                partition,
                Topic.MATCH_REQUESTED.topicName)
            .rowCount();
    assertThat(moved).isEqualTo(1);
  }

  /** Where the wrong tag before the market's name is; negative if there is none. */
  private static int tagAt(String market, byte[] value) {
    int name = new String(value, StandardCharsets.ISO_8859_1).indexOf(market);
    return name >= 2 && value[name - 2] == WRONG_TAG ? name - 2 : -1;
  }

  @Test
  void partitionStopsWhenOrderAfterOrderCannotBeMatchedAndGoesOnWhenTheyCan() {
    String market = exchange.market();
    int partition = TestMarkets.partition(market);
    Trader seller = exchange.trader("seller").deposit("BTC", "1");
    Trader buyer = exchange.trader("buyer").deposit("USD", "1000");
    Order resting = seller.sell(market, "1", "100");
    long deadLetters = log.size(Topic.MATCH_DLQ);
    stores.sql(
        "insert into matching.trade values ($1, $2, 1, 1, 1, 1, $3, $3, 'a', 'b', 1)",
        market,
        Long.MAX_VALUE,
        new UUID(0, 0));
    stores.fence("matching", "match-svc", partition);
    buyer.buy(market, "0.1", "50");
    Stores.Halt halt = stores.halt("matching", "match-svc", partition);

    Order last = null;
    for (int n = 0; n < FAILING_ORDERS; n++) {
      last = decided(buyer, market, n == 0 ? "50" : "100");
    }
    halt.letGo();

    stops(partition, "More than 20 orders of one batch cannot be matched");
    assertThat(log.size(Topic.MATCH_DLQ)).isEqualTo(deadLetters);

    stores.sql("delete from matching.trade where market = $1", market);
    assertThat(resume(partition).getResumed()).isTrue();

    Order lastOrder = last;
    Eventually.passes(
        () -> assertThat(Tape.of(buyer.get(lastOrder))).startsWith("FILLED 0.02 for 2"));
    Eventually.passes(
        () -> assertThat(Tape.of(seller.get(resting))).startsWith("PARTIALLY_FILLED 0.98 for 98"));
  }

  private static Order decided(Trader trader, String market, String price) {
    return trader.place(
        trader
            .order(market)
            .setWait(Wait.WAIT_DECISION)
            .setLimit(Trader.limit(Side.SIDE_BUY, "0.02", price, TimeInForce.TIME_IN_FORCE_GTC)));
  }
}
