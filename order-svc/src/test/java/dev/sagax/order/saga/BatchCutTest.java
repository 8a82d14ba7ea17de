package dev.sagax.order.saga;

import static dev.sagax.order.saga.OrderPartition.ended;
import static dev.sagax.order.saga.OrderPartition.orderId;
import static dev.sagax.order.saga.OrderPartition.partly;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.order.MarketState;
import dev.sagax.order.Order;
import dev.sagax.order.OrderReason;
import dev.sagax.order.OrderType;
import dev.sagax.order.Side;
import dev.sagax.order.TimeInForce;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.proto.event.v1.OrderSettled;
import dev.sagax.proto.order.v1.OrderStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;

/** However a log is cut into batches, and wherever the process dies, the same comes out. */
class BatchCutTest {
  private static final int RECORDS = 400;
  private static final int FUNDS = 60;
  private static final int MAX_OPEN_ORDERS = 3;
  private static final OrderType[] TYPES = {
    new OrderType.Limit(Side.SELL, 50_000_000_000L, 10_000, TimeInForce.GTC),
    new OrderType.Limit(Side.SELL, 50_000_000_000L, 20_000, TimeInForce.IOC),
    new OrderType.MarketSell(10_000),
  };

  @RepeatedTest(20)
  void anyCutOfTheSameLogGivesTheSameRecordsAndRows() {
    long seed = Long.getLong("sagax.seed", System.nanoTime());
    System.out.println("BatchCutTest: repeat with -Dsagax.seed=" + seed);
    List<LogRecord> log = randomLog(new Random(seed));

    OrderPartition oneByOne = runCut(log, new Random(seed), 1);
    OrderPartition cut = runCut(log, new Random(seed + 1), 40);
    OrderPartition whole = runCut(log, new Random(seed + 2), RECORDS);

    for (OrderPartition other : List.of(cut, whole)) {
      assertThat(other.bytes).as("seed %d", seed).isEqualTo(oneByOne.bytes);
      assertThat(other.stored.rows()).as("seed %d", seed).isEqualTo(oneByOne.stored.rows());
      assertThat(other.stored.switches()).as("seed %d", seed).isEqualTo(oneByOne.stored.switches());
      assertThat(other.stored.cancelledTo())
          .as("seed %d", seed)
          .isEqualTo(oneByOne.stored.cancelledTo());
      assertThat(other.stored.cancelledBefore())
          .as("seed %d", seed)
          .isEqualTo(oneByOne.stored.cancelledBefore());
      assertThat(other.stored.statuses()).as("seed %d", seed).isEqualTo(oneByOne.stored.statuses());
    }
    assertThat(oneByOne.stored.rows()).isNotEmpty();
    assertThat(oneByOne.stored.cancelledTo()).isNotEmpty();
    assertThat(oneByOne.stored.rows().values())
        .extracting(Order::reason)
        .contains(OrderReason.TOO_MANY_OPEN_ORDERS);
    assertThat(oneByOne.stored.cancelledBefore()).isNotEmpty();
    assertThat(oneByOne.stored.statuses()).isNotEmpty();
  }

  /**
   * A log that a first run, record by record, made up: instructions with many repeats, and outcomes
   * of what that run sent to the book, some of them late.
   */
  private static List<LogRecord> randomLog(Random random) {
    OrderPartition source = newPartition();
    List<LogRecord> log = new ArrayList<>();
    Map<Long, String> unsettled = new LinkedHashMap<>();
    while (log.size() < RECORDS) {
      LogRecord record =
          !unsettled.isEmpty() && random.nextInt(3) == 0
              ? outcome(source, unsettled, random)
              : instruction(source, unsettled, random);
      log.add(record);
      source.run(record);
    }
    return log;
  }

  private static LogRecord instruction(
      OrderPartition source, Map<Long, String> unsettled, Random random) {
    String account = "account" + random.nextInt(4);
    String clientOrderId = "c" + random.nextInt(40);
    String id = orderId(account, clientOrderId);
    var standing = source.stored.rows().get(id);
    if (random.nextInt(20) == 0) {
      return source.requested(new byte[] {(byte) 0xff});
    }
    if (random.nextInt(15) == 0) {
      return source.set(random.nextBoolean() ? MarketState.TRADING : anyState(random));
    }
    if (random.nextInt(8) == 0) {
      return source.amend(account, clientOrderId, 10_000L * (1 + random.nextInt(2)));
    }
    if (random.nextInt(10) == 0) {
      return switch (random.nextInt(4)) {
        case 0 -> source.due(account, 1 + random.nextInt(2));
        case 1 -> source.partDue(account, 1 + random.nextInt(2));
        default -> source.arm(account, random.nextInt(3));
      };
    }
    if (random.nextInt(15) == 0) {
      return random.nextBoolean()
          ? source.cancelAll(account)
          : source.cancelAll(account, Side.values()[random.nextInt(2)]);
    }
    LogRecord record =
        random.nextInt(3) == 0
            ? source.cancel(account, clientOrderId)
            : source.place(account, clientOrderId, TYPES[random.nextInt(TYPES.length)]);
    if (standing != null && !standing.closed()) {
      unsettled.putIfAbsent(standing.instruction(), id);
    }
    return record;
  }

  private static MarketState anyState(Random random) {
    return MarketState.values()[random.nextInt(MarketState.values().length)];
  }

  private static LogRecord outcome(
      OrderPartition source, Map<Long, String> unsettled, Random random) {
    var instructions = List.copyOf(unsettled.keySet());
    long instruction = instructions.get(random.nextInt(instructions.size()));
    String own = unsettled.remove(instruction);
    List<OrderSettled> changes = new ArrayList<>();
    for (String id : List.of(own, instructions.size() > 1 ? anyOf(unsettled, random) : own)) {
      if (changes.isEmpty() || !id.equals(own)) {
        changes.add(change(source, id, random));
      }
    }
    return source.settled(instruction, own, changes.toArray(OrderSettled[]::new));
  }

  private static String anyOf(Map<Long, String> unsettled, Random random) {
    var ids = List.copyOf(unsettled.values());
    return ids.get(random.nextInt(ids.size()));
  }

  private static OrderSettled change(OrderPartition source, String id, Random random) {
    var order = source.stored.rows().get(id);
    long left = order.leftUnits();
    if (left == 0 || random.nextInt(3) == 0) {
      return ended(
          id,
          order.filledUnits() + left,
          7,
          OrderStatus.ORDER_STATUS_FILLED,
          dev.sagax.proto.order.v1.OrderReason.ORDER_REASON_UNSPECIFIED);
    }
    long fill = random.nextLong(left);
    return partly(id, order.filledUnits() + fill, 3, left - fill);
  }

  private static OrderPartition runCut(List<LogRecord> log, Random random, int longest) {
    OrderPartition partition = newPartition();
    int from = 0;
    while (from < log.size()) {
      int to = Math.min(log.size(), from + 1 + random.nextInt(longest));
      List<LogRecord> batch = log.subList(from, to);
      if (random.nextInt(4) == 0) {
        partition.attempt(batch);
        partition.restart();
      }
      partition.run(batch.toArray(LogRecord[]::new));
      from = to;
    }
    return partition;
  }

  private static OrderPartition newPartition() {
    OrderPartition partition = new OrderPartition(20, MAX_OPEN_ORDERS);
    for (int i = 0; i < 4; i++) {
      partition.ledger.give("account" + i, FUNDS * 5_000L);
    }
    return partition;
  }
}
