package dev.sagax.order.saga;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.sagax.order.Instruction;
import dev.sagax.order.Instruction.AmendOrder;
import dev.sagax.order.Instruction.ArmCancelAll;
import dev.sagax.order.Instruction.CancelAll;
import dev.sagax.order.Instruction.CancelOrder;
import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.MarketRules;
import dev.sagax.order.MarketState;
import dev.sagax.order.MarketStatus;
import dev.sagax.order.OrderType;
import dev.sagax.order.SelfTrade;
import dev.sagax.order.Side;
import dev.sagax.order.TestMarkets;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.event.v1.FilledPart;
import dev.sagax.proto.event.v1.InstructionAnswer;
import dev.sagax.proto.event.v1.MatchRequested;
import dev.sagax.proto.event.v1.OrderSettled;
import dev.sagax.proto.event.v1.OrderState;
import dev.sagax.proto.event.v1.OrderUpdated;
import dev.sagax.proto.event.v1.SettleCompleted;
import dev.sagax.proto.event.v1.UpdateStage;
import dev.sagax.proto.order.v1.OrderReason;
import dev.sagax.proto.order.v1.OrderStatus;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Partition 0 of order-svc without servers: makes records, runs them through the step, commits, and
 * prints what was emitted.
 */
final class OrderPartition {
  static final String MARKET = "BTC-USD";

  final StoredOrders stored = new StoredOrders();
  final ScriptedLedger ledger = new ScriptedLedger();

  /** All records emitted by committed batches, as lines with their bytes. */
  final List<String> bytes = new ArrayList<>();

  private final Map<String, OrderState> told = new HashMap<>();
  private final List<String> tape = new ArrayList<>();
  private final Map<Topic, Long> lastSeq = new EnumMap<>(Topic.class);
  private OptionalLong lastInstruction = OptionalLong.empty();
  private final int rememberedOrders;
  private final int maxOpenOrders;
  private OrderStep step;
  private int batches;
  private long nextOffset;
  private long nextSettlement = 1;

  OrderPartition() {
    this(1_000);
  }

  OrderPartition(int rememberedOrders) {
    this(rememberedOrders, 100_000);
  }

  OrderPartition(int rememberedOrders, int maxOpenOrders) {
    this.rememberedOrders = rememberedOrders;
    this.maxOpenOrders = maxOpenOrders;
  }

  // ---- records

  LogRecord place(String account, String clientOrderId, OrderType type) {
    return place(account, clientOrderId, type, SelfTrade.CANCEL_TAKER);
  }

  LogRecord place(String account, String clientOrderId, OrderType type, SelfTrade selfTrade) {
    return requested(
        new PlaceOrder(
            orderId(account, clientOrderId),
            account,
            MARKET,
            clientOrderId,
            nextTime(),
            type,
            MarketRules.of(TestMarkets.BTC_USD),
            selfTrade));
  }

  /** An order that takes the place of another one, named by its own client order id. */
  LogRecord replace(String account, String clientOrderId, OrderType type, String replaced) {
    return requested(
        new PlaceOrder(
            orderId(account, clientOrderId),
            account,
            MARKET,
            clientOrderId,
            nextTime(),
            type,
            MarketRules.of(TestMarkets.BTC_USD),
            SelfTrade.CANCEL_TAKER,
            Optional.of(new PlaceOrder.Replaces(orderId(account, replaced), false))));
  }

  LogRecord cancel(String account, String clientOrderId) {
    return requested(
        new CancelOrder(
            orderId(account, clientOrderId), account, MARKET, clientOrderId, nextTime()));
  }

  LogRecord amend(String account, String clientOrderId, long quantityUnits) {
    return requested(
        new AmendOrder(
            orderId(account, clientOrderId),
            account,
            MARKET,
            clientOrderId,
            nextTime(),
            quantityUnits));
  }

  /** An operator sets what the market takes; the reason is the name of the state. */
  LogRecord set(MarketState state) {
    return requested(
        OrderRecords.toRecord(new MarketStatus(MARKET, state, state.name(), "op", nextTime()))
            .toByteArray());
  }

  LogRecord cancelAll(String account, Side... only) {
    String id = "%032x".formatted(nextOffset);
    Optional<Side> side = only.length == 0 ? Optional.empty() : Optional.of(only[0]);
    return requested(new CancelAll(id, account, "", side, nextTime(), 0));
  }

  /** The switch of an account is set to a deadline. */
  LogRecord arm(String account, long deadline) {
    String id = "%032x".formatted(nextOffset);
    return requested(new ArmCancelAll(id, account, "", nextTime(), deadline));
  }

  /** Somebody has seen that a deadline has passed. */
  LogRecord due(String account, long deadline) {
    String id = "%032x".formatted(nextOffset);
    return requested(new CancelAll(id, account, "", Optional.empty(), nextTime(), deadline));
  }

  /** The same of one market, which is a part of what is due. */
  LogRecord partDue(String account, long deadline) {
    String id = "%032x".formatted(nextOffset);
    return requested(
        new CancelAll(id, account, MARKET, Optional.empty(), nextTime(), deadline, true));
  }

  LogRecord requested(Instruction instruction) {
    return requested(OrderRecords.toRecord(instruction).toByteArray());
  }

  LogRecord requested(byte[] value) {
    long offset = nextOffset++;
    return new LogRecord(Topic.ORDER_REQUESTED, 0, offset, offset, new byte[] {'k'}, value);
  }

  LogRecord settled(long instruction, String orderId, OrderSettled... orders) {
    SettleCompleted completed =
        SettleCompleted.newBuilder()
            .setInstruction(instruction)
            .setTimeMicros(1_000 + instruction)
            .setMarket(MARKET)
            .setOrderId(orderId)
            .addAllOrders(List.of(orders))
            .build();
    return numbered(Topic.SETTLE_COMPLETED, completed.toByteArray());
  }

  LogRecord numbered(Topic topic, byte[] value) {
    long seq = nextSettlement++;
    return new LogRecord(topic, 0, seq, seq, new byte[] {'k'}, value);
  }

  static OrderSettled partly(String orderId, long filled, long quote, long left) {
    return OrderSettled.newBuilder()
        .setOrderId(orderId)
        .setFilledUnits(filled)
        .setFilledQuoteUnits(quote)
        .setFeeUnits(Math.min(1, filled))
        .setLeftUnits(left)
        .build();
  }

  static OrderSettled ended(
      String orderId, long filled, long quote, OrderStatus status, OrderReason reason) {
    return partly(orderId, filled, quote, 0).toBuilder()
        .setEndStatus(status)
        .setEndReason(reason)
        .build();
  }

  static String orderId(String account, String clientOrderId) {
    return DeterministicId.orderId(account, MARKET, clientOrderId);
  }

  private long nextTime() {
    return 1_000 + nextOffset;
  }

  // ---- running

  /** Runs one batch and commits it; what the step leaves of it is the next batch. */
  void run(LogRecord... batch) {
    List<LogRecord> records = List.of(batch);
    while (!records.isEmpty()) {
      Batch writes = attempt(records);
      int handled = records.size() - writes.left;
      commit(records.subList(0, handled), writes);
      records = records.subList(handled, records.size());
      batches++;
    }
  }

  /** How many batches were committed. */
  int batches() {
    return batches;
  }

  /** Runs one batch as {@link #run}, without what it leaves behind. */
  Batch attempt(List<LogRecord> records) {
    Batch writes = new Batch();
    Future<Void> handled = step().handle(records, writes);
    if (handled.failed()) {
      step = null;
      throw new IllegalStateException(handled.cause());
    }
    assertThat(handled.succeeded()).isTrue();
    return writes;
  }

  private void commit(List<LogRecord> records, Batch writes) {
    lastSeq.putAll(writes.seqs);
    stored.commit();
    bytes.addAll(writes.bytes);
    tape.addAll(writes.tape);
    writes.updates.stream().filter(OrderUpdated::hasOrder).forEach(this::assertTellsOnce);
    records.stream()
        .filter(record -> record.topic() == Topic.ORDER_REQUESTED)
        .forEach(record -> lastInstruction = OptionalLong.of(record.position()));
  }

  /** Each version of an order is a change once, and its fill is what it has more than before. */
  private void assertTellsOnce(OrderUpdated update) {
    OrderState now = update.getOrder();
    OrderState before = told.put(now.getOrderId(), now);
    if (update.getUnchanged()) {
      assertThat(now).as("what is no change").isEqualTo(before);
      assertThat(update.hasFill()).isFalse();
      return;
    }
    OrderState old = before == null ? OrderState.getDefaultInstance() : before;
    assertThat(now.getVersion()).as("a change").isEqualTo(old.getVersion() + 1);
    FilledPart fill = update.getFill();
    assertThat(fill.getQuantityUnits()).isEqualTo(now.getFilledUnits() - old.getFilledUnits());
    assertThat(fill.getQuoteUnits())
        .isEqualTo(now.getFilledQuoteUnits() - old.getFilledQuoteUnits());
    assertThat(fill.getFeeUnits()).isEqualTo(now.getFeeUnits() - old.getFeeUnits());
    assertThat(update.hasFill()).isEqualTo(fill.getQuantityUnits() > 0);
    assertThat(fill.getMaker())
        .isEqualTo(
            update.hasFill() && update.getStage() == UpdateStage.UPDATE_STAGE_FILLED_AS_MAKER);
  }

  /** The process dies: what was not committed is gone. */
  void restart() {
    step = null;
  }

  private OrderStep step() {
    if (step == null) {
      step =
          new OrderStep(
              0,
              TestMarkets.MARKETS,
              ledger,
              rememberedOrders,
              maxOpenOrders,
              snapshot -> Future.succeededFuture(lastInstruction),
              snapshot -> Future.succeededFuture(Map.copyOf(stored.statuses())),
              writes -> stored);
      assertThat(step.load(null).succeeded()).isTrue();
    }
    return step;
  }

  /** The lines that were emitted since the last time. */
  List<String> printed() {
    List<String> lines = List.copyOf(tape);
    tape.clear();
    return lines;
  }

  /** Expects these lines to be all that was emitted since the last time. */
  void printed(String expected) {
    assertThat(String.join("\n", tape)).isEqualTo(expected.strip());
    tape.clear();
  }

  /** One batch's writes. */
  final class Batch implements StepWrites {
    final List<String> bytes = new ArrayList<>();
    private final List<String> tape = new ArrayList<>();
    private final List<OrderUpdated> updates = new ArrayList<>();
    private final Map<Topic, Long> seqs = new EnumMap<>(lastSeq);
    private int left;

    private Batch() {
      seqs.putAll(lastSeq);
    }

    @Override
    public long emit(Topic topic, String key, MessageLite message) {
      long seq = seqs.merge(topic, 1L, Long::sum);
      byte[] value = message.toByteArray();
      bytes.add("%s %d %s %s".formatted(topic, seq, key, HexFormat.of().formatHex(value)));
      tape.add(describe(topic, seq, value));
      if (message instanceof OrderUpdated update) {
        updates.add(update);
      }
      return seq;
    }

    @Override
    public void deadLetter(Topic dlq, LogRecord record, String subject, String error) {
      long seq = seqs.merge(dlq, 1L, Long::sum);
      bytes.add("%s %d %d %s %s".formatted(dlq, seq, record.position(), subject, error));
      tape.add("dead letter @%d: %s".formatted(record.position(), error));
    }

    @Override
    public void write(String sql, Tuple parameters) {
      throw new AssertionError("Only the stored orders write.");
    }

    @Override
    public void leave(int records) {
      left = records;
    }

    @Override
    public SqlClient db() {
      throw new AssertionError("Only the stored orders read.");
    }
  }

  private static String describe(Topic topic, long seq, byte[] value) {
    try {
      return topic == Topic.MATCH_REQUESTED
          ? describe(seq, MatchRequested.parseFrom(value))
          : describe(OrderUpdated.parseFrom(value));
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static String describe(long seq, MatchRequested request) {
    String what =
        switch (request.getRequestCase()) {
          case PLACE -> {
            assertThat(request.getPlace().hasReplaces()).as("a replacement as a placing").isFalse();
            yield "place";
          }
          case REPLACE ->
              "place instead of #%d of %d"
                  .formatted(
                      request.getReplace().getReplaced().getOrderNumber(),
                      request.getReplace().getReplaced().getOrderedUnits());
          case CANCEL -> "cancel #" + request.getCancel().getOrderNumber();
          case AMEND ->
              "amend #%d to %d of %d"
                  .formatted(
                      request.getAmend().getOrderNumber(),
                      request.getAmend().getQuantityUnits(),
                      request.getAmend().getOrderedUnits());
          case MARKET_STATE ->
              request.getMarketState().getState().name().replace("MARKET_STATE_", "");
          case REQUEST_NOT_SET -> throw new AssertionError(request);
        };
    return "match #%d @%d %s".formatted(seq, request.getInstruction(), what);
  }

  private static String describe(OrderUpdated update) {
    String answer = update.getAnswer().name().replace("INSTRUCTION_ANSWER_", "");
    String stage = update.getStage().name().replace("UPDATE_STAGE_", "");
    StringBuilder line = new StringBuilder("@").append(update.getInstruction()).append(' ');
    line.append(answer.equals("UNSPECIFIED") ? stage : answer);
    if (!update.hasOrder() && update.getAnswer() == InstructionAnswer.INSTRUCTION_ANSWER_APPLIED) {
      return line
          + ": cancelling %d, %d more"
              .formatted(update.getCancellingCount(), update.getCancellingMore());
    }
    if (update.getConflictsCount() > 0) {
      line.append(update.getConflictsList());
    }
    return update.hasOrder() ? line + ": " + describe(update.getOrder()) : line.toString();
  }

  private static String describe(OrderState order) {
    String reason = order.getReason().name().replace("ORDER_REASON_", "");
    return "%s %s%s filled %d left %d v%d%s"
        .formatted(
            order.getClientOrderId(),
            order.getStatus().name().replace("ORDER_STATUS_", ""),
            reason.equals("UNSPECIFIED") ? "" : "(" + reason + ")",
            order.getFilledUnits(),
            order.getLeftUnits(),
            order.getVersion(),
            order.getPlaced() ? " placed" : "");
  }
}
