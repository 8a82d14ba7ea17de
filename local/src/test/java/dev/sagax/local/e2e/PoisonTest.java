package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.local.LocalExchange;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.asset.v1.ListTransfersRequest;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.asset.v1.TransferStatus;
import dev.sagax.proto.event.v1.CancelInstruction;
import dev.sagax.proto.event.v1.OrderRequested;
import dev.sagax.proto.event.v1.SettleCompleted;
import dev.sagax.proto.event.v1.SettleRequested;
import dev.sagax.proto.event.v1.TransferDirection;
import dev.sagax.proto.event.v1.TransferRequested;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What has no business in the log is set aside, and the partition goes on. */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PoisonTest {
  private static final byte[] GARBAGE = "no message".getBytes(StandardCharsets.UTF_8);

  private TestExchange exchange;
  private Log log;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
    log = new Log(exchange.infrastructure().kafkaBootstrap(), LocalExchange.PARTITIONS);
  }

  @AfterAll
  void everyAssetIsConserved() {
    exchange.assertConserved();
    log.close();
  }

  // ---- order.requested

  @TestFactory
  Stream<DynamicTest> poisonedInstructionIsSetAside() {
    String market = exchange.market();
    int partition = TestMarkets.partition(market);
    int other = (partition + 1) % LocalExchange.PARTITIONS;
    OrderRequested cancel = cancelOf(market);
    byte[] whole = cancel.toByteArray();
    return Stream.of(
        poison("random bytes", market, partition, GARBAGE),
        poison("no bytes", market, partition, new byte[0]),
        poison("a message cut short", market, partition, Arrays.copyOf(whole, whole.length - 3)),
        poison(
            "no instruction",
            market,
            partition,
            cancel.toBuilder().clearInstruction().build().toByteArray()),
        poison(
            "unknown market",
            market,
            partition,
            cancel.toBuilder().setMarket("DOGE-USD").build().toByteArray()),
        poison("wrong partition", market, other, whole),
        poison(
            "an id that is not the hash of its parts",
            market,
            partition,
            cancel.toBuilder().setOrderId("0".repeat(32)).build().toByteArray()));
  }

  private DynamicTest poison(String name, String market, int partition, byte[] value) {
    return DynamicTest.dynamicTest(
        name,
        () -> {
          long before = log.size(Topic.ORDER_DLQ);

          long offset = log.append(Topic.ORDER_REQUESTED, partition, value);

          assertOrdersGoOn(market);
          assertDeadLetter(
              Topic.ORDER_DLQ, before, Topic.ORDER_REQUESTED, partition, offset, value);
        });
  }

  private OrderRequested cancelOf(String market) {
    String account = exchange.trader("poisoner").account();
    return OrderRequested.newBuilder()
        .setOrderId(DeterministicId.orderId(account, market, "x"))
        .setAccount(account)
        .setMarket(market)
        .setClientOrderId("x")
        .setTimeMicros(1_000_000)
        .setCancel(CancelInstruction.getDefaultInstance())
        .build();
  }

  // ---- transfer.requested

  @TestFactory
  Stream<DynamicTest> poisonedTransferIsSetAside() {
    Trader victim = exchange.trader("victim");
    int partition = DeterministicId.accountPartition(victim.account(), LocalExchange.PARTITIONS);
    int other = (partition + 1) % LocalExchange.PARTITIONS;
    TransferRequested deposit = depositOf(victim.account());
    return Stream.of(
        poisonTransfer("random bytes", victim, partition, GARBAGE),
        poisonTransfer(
            "unknown asset",
            victim,
            partition,
            deposit.toBuilder().setAsset("DOGE").build().toByteArray()),
        poisonTransfer(
            "negative amount",
            victim,
            partition,
            deposit.toBuilder().setAmountUnits(-1).build().toByteArray()),
        poisonTransfer(
            "no direction",
            victim,
            partition,
            deposit.toBuilder().clearDirection().build().toByteArray()),
        poisonTransfer("wrong partition", victim, other, deposit.toByteArray()),
        poisonTransfer(
            "an id that is not the hash of its parts",
            victim,
            partition,
            deposit.toBuilder().setTransferId("0".repeat(32)).build().toByteArray()));
  }

  private DynamicTest poisonTransfer(String name, Trader victim, int partition, byte[] value) {
    return DynamicTest.dynamicTest(
        "transfer: " + name,
        () -> {
          long before = log.size(Topic.TRANSFER_DLQ);

          long offset = log.append(Topic.TRANSFER_REQUESTED, partition, value);

          assertDeadLetter(
              Topic.TRANSFER_DLQ, before, Topic.TRANSFER_REQUESTED, partition, offset, value);
          assertTransfersGoOn(victim);
        });
  }

  private static TransferRequested depositOf(String account) {
    return TransferRequested.newBuilder()
        .setTransferId(DeterministicId.transferId("deposit", account, "x"))
        .setAccount(account)
        .setRequestId("x")
        .setDirection(TransferDirection.TRANSFER_DIRECTION_DEPOSIT)
        .setAsset("USD")
        .setAmountUnits(1_000_000)
        .setTimeMicros(1_000_000)
        .build();
  }

  // ---- numbered topics

  @Test
  void recordWithoutTheNextNumberIsIgnored() {
    String market = exchange.market();
    int partition = TestMarkets.partition(market);
    assertOrdersGoOn(market);
    List<Long> before = deadLetters();

    for (Topic topic :
        List.of(Topic.MATCH_REQUESTED, Topic.SETTLE_REQUESTED, Topic.SETTLE_COMPLETED)) {
      log.append(topic, partition, GARBAGE);
      log.append(topic, partition, GARBAGE, Map.of("seq", "1"));
      log.append(topic, partition, GARBAGE, Map.of("seq", "0"));
      log.append(topic, partition, GARBAGE, Map.of("seq", "99999999"));
      log.append(topic, partition, GARBAGE, Map.of("seq", "first"));
      log.append(topic, partition, GARBAGE, Map.of("seq", "9".repeat(40)));
    }
    log.append(
        Topic.SETTLE_REQUESTED,
        partition,
        SettleRequested.newBuilder().setMarket(market).build().toByteArray(),
        Map.of("seq", "1"));
    log.append(
        Topic.SETTLE_COMPLETED,
        partition,
        SettleCompleted.newBuilder().setMarket(market).build().toByteArray(),
        Map.of("seq", "1"));

    assertOrdersGoOn(market);
    assertThat(deadLetters()).isEqualTo(before);
  }

  private List<Long> deadLetters() {
    return Stream.of(Topic.ORDER_DLQ, Topic.MATCH_DLQ, Topic.SETTLE_DLQ, Topic.TRANSFER_DLQ)
        .map(log::size)
        .toList();
  }

  // ---- what both say

  /** Two more orders trade and settle. */
  private void assertOrdersGoOn(String market) {
    Trader seller = exchange.trader("seller").deposit("BTC", "1");
    Trader buyer = exchange.trader("buyer").deposit("USD", "100");
    seller.sell(market, "1", "100");
    assertThat(Tape.of(buyer.buy(market, "1", "100")))
        .isEqualTo("FILLED 1 for 100, fee 0.002 BTC, left 0");
  }

  /** A deposit completes and is listed; what was poisoned is not. */
  private static void assertTransfersGoOn(Trader victim) {
    Transfer next = victim.deposit("BTC", "1", victim.nextId());
    Eventually.passes(() -> {
      List<Transfer> listed =
          victim
              .assets()
              .listTransfers(ListTransfersRequest.getDefaultInstance())
              .getTransfersList();
      assertThat(listed).contains(next);
      assertThat(listed).extracting(Transfer::getAsset).containsOnly("BTC");
      assertThat(listed)
          .extracting(Transfer::getStatus)
          .containsOnly(TransferStatus.TRANSFER_STATUS_COMPLETED);
    });
    victim.has("USD", "0", "0");
  }

  private void assertDeadLetter(
      Topic dlq, long before, Topic source, int partition, long offset, byte[] value) {
    Eventually.passes(() -> assertThat(log.size(dlq)).isEqualTo(before + 1));
    ConsumerRecord<byte[], byte[]> letter =
        log.read(dlq).stream()
            .filter(record ->
                Log.header(record, "source.partition").equals(Integer.toString(partition))
                    && Log.header(record, "source.offset").equals(Long.toString(offset)))
            .findFirst()
            .orElseThrow(() -> new AssertionError("No dead letter of this record"));
    assertThat(letter.value()).isEqualTo(value);
    assertThat(letter.partition()).isEqualTo(partition);
    assertThat(Log.header(letter, "source.topic")).isEqualTo(source.topicName);
    assertThat(Log.header(letter, "error")).isNotBlank();
    assertThat(Log.header(letter, "service")).isNotBlank();
    assertThat(Log.header(letter, "attempts")).isEqualTo("1");
    assertThat(Log.header(letter, "seq")).matches("[1-9][0-9]*");
  }
}
