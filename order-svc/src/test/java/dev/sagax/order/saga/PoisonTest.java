package dev.sagax.order.saga;

import static org.assertj.core.api.Assertions.assertThat;

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
import dev.sagax.order.TimeInForce;
import dev.sagax.order.saga.InstructionReader.Reading;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.event.v1.OrderRequested;
import dev.sagax.proto.event.v1.ReplaceInstruction;
import dev.sagax.proto.event.v1.ReplacedOrder;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PoisonTest {
  private static final String OTHER = DeterministicId.orderId("alice", "BTC-USD", "c0");

  private final InstructionReader reader = new InstructionReader(TestMarkets.MARKETS);

  @ParameterizedTest(name = "{0}")
  @MethodSource("poisons")
  void whatTheApiWouldNotHaveWrittenIsPoison(
      String error, Consumer<OrderRequested.Builder> change) {
    OrderRequested.Builder record = good();
    change.accept(record);

    Reading reading = reader.read(record(0, record.build().toByteArray()));

    assertThat(reading).isInstanceOf(Reading.Poison.class);
    assertThat(((Reading.Poison) reading).error()).contains(error);
  }

  static Stream<Arguments> poisons() {
    return Stream.of(
        row("no instruction", OrderRequested.Builder::clearPlace),
        row("There is no market", r -> r.setMarket("BTC-EUR")),
        row("belongs to partition 1", r -> r.setMarket("PEPE-KRW")),
        row("account has a wrong shape", r -> r.setAccount("")),
        row("account has a wrong shape", r -> r.setAccount("a\u0000b")),
        row("client order id has a wrong shape", r -> r.setClientOrderId("x".repeat(65))),
        row("make order", r -> r.setOrderId("0".repeat(32))),
        row("make order", r -> r.setClientOrderId("c2")),
        row("make order", r -> r.setAccount("mallory")),
        row("a time above zero", r -> r.setTimeMicros(0)),
        row("no order type", r -> r.getPlaceBuilder().clearTerms()),
        row("counts in", r -> r.getPlaceBuilder().getRulesBuilder().setBaseScale(9)),
        row("counts in", r -> r.getPlaceBuilder().getRulesBuilder().setQuoteAsset("KRW")),
        row("a tick above zero", r -> r.getPlaceBuilder().getRulesBuilder().setTickUnits(0)),
        row("a lot above zero", r -> r.getPlaceBuilder().getRulesBuilder().setLotUnits(-1)),
        row("basis points", r -> r.getPlaceBuilder().getRulesBuilder().setMakerBps(-1)),
        row("basis points", r -> r.getPlaceBuilder().getRulesBuilder().setTakerBps(10_001)),
        row("no side", r -> limit(r).setSideValue(0)),
        row("no self-trade", r -> r.getPlaceBuilder().setSelfTradePreventionValue(4)),
        row("no time in force", r -> limit(r).setTimeInForceValue(9)),
        row("above zero", r -> limit(r).setPriceUnits(0)),
        row("above zero", r -> limit(r).setQuantityUnits(-10_000)),
        row("ticks", r -> limit(r).setPriceUnits(10_001)),
        row("lots", r -> limit(r).setQuantityUnits(10_001)),
        row(
            "can count",
            r ->
                limit(r)
                    .setPriceUnits(Long.MAX_VALUE / 10_000 * 10_000)
                    .setQuantityUnits(9_000_000_000_000L)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("poisonStates")
  void stateThatTheApiWouldNotHaveSetIsPoison(
      String error, Consumer<OrderRequested.Builder> change) {
    OrderRequested.Builder record =
        OrderRecords.toRecord(new MarketStatus("BTC-USD", MarketState.HALTED, "why", "op", 1))
            .toBuilder();
    assertThat(reader.read(record(0, record.build().toByteArray())))
        .isInstanceOf(Reading.OfMarket.class);
    change.accept(record);

    Reading reading = reader.read(record(0, record.build().toByteArray()));

    assertThat(reading)
        .isInstanceOfSatisfying(
            Reading.Poison.class, poison -> assertThat(poison.error()).contains(error));
  }

  static Stream<Arguments> poisonStates() {
    return Stream.of(
        row("There is no market", r -> r.setMarket("BTC-EUR")),
        row("belongs to partition 1", r -> r.setMarket("PEPE-KRW")),
        row("account has a wrong shape", r -> r.setAccount("")),
        row("a time above zero", r -> r.setTimeMicros(0)),
        row("no market state", r -> r.getSetMarketStateBuilder().setStateValue(0)),
        row("no market state", r -> r.getSetMarketStateBuilder().setStateValue(5)),
        row("reason has", r -> r.getSetMarketStateBuilder().setReason("a\nb")));
  }

  @Test
  void bytesThatAreNoRecordArePoison() {
    assertThat(reader.read(record(0, new byte[] {(byte) 0xff, 1, 2})))
        .isInstanceOf(Reading.Poison.class);
    assertThat(reader.read(record(0, null))).isInstanceOf(Reading.Poison.class);
  }

  @Test
  void placesAndCancelsComeOutAsTheyWentIn() {
    PlaceOrder place = place();
    CancelOrder cancel = new CancelOrder(place.orderId(), "alice", "BTC-USD", "c1", 2);

    assertThat(reader.read(record(0, OrderRecords.toRecord(place).toByteArray())))
        .isEqualTo(new Reading.Sound(place));
    assertThat(reader.read(record(0, OrderRecords.toRecord(cancel).toByteArray())))
        .isEqualTo(new Reading.Sound(cancel));
  }

  /** Who does not know the kind finds no instruction, and refuses the record. */
  @Test
  void aReplacementIsAKindOfItsOwn() {
    OrderRequested record = OrderRecords.toRecord(replacement());

    assertThat(record.hasPlace()).isFalse();
    assertThat(reader.read(record(0, record.toByteArray())))
        .isEqualTo(new Reading.Sound(replacement()));
  }

  @Test
  void aReplacementFromBeforeThereWasAKindForItKeepsItsMeaning() {
    OrderRequested.Builder old = good();
    old.getPlaceBuilder().setReplaces(ReplacedOrder.newBuilder().setOrderId(OTHER));

    assertThat(reader.read(record(0, old.build().toByteArray())))
        .isEqualTo(new Reading.Sound(replacement()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("poisonReplacements")
  void replacementThatTheApiWouldNotHaveWrittenIsPoison(
      String error, Consumer<ReplaceInstruction.Builder> change) {
    OrderRequested.Builder record = OrderRecords.toRecord(replacement()).toBuilder();
    change.accept(record.getReplaceBuilder());

    assertThat(reader.read(record(0, record.build().toByteArray())))
        .isInstanceOfSatisfying(
            Reading.Poison.class, poison -> assertThat(poison.error()).contains(error));
  }

  static Stream<Arguments> poisonReplacements() {
    return Stream.of(
        Arguments.of("wrong shape", change(ReplaceInstruction.Builder::clearReplaced)),
        Arguments.of("no order type", change(ReplaceInstruction.Builder::clearPlace)),
        Arguments.of(
            "names two orders",
            change(r -> r.getPlaceBuilder().getReplacesBuilder().setOrderId(OTHER))),
        Arguments.of(
            "may rest",
            change(r ->
                r.getPlaceBuilder()
                    .getTermsBuilder()
                    .getLimitBuilder()
                    .setTimeInForceValue(TimeInForce.IOC.code))));
  }

  private static Consumer<ReplaceInstruction.Builder> change(
      Consumer<ReplaceInstruction.Builder> change) {
    return change;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("poisonCancels")
  void cancelOfAllThatTheApiWouldNotHaveWrittenIsPoison(
      String error, Consumer<OrderRequested.Builder> change) {
    CancelAll part = new CancelAll(OTHER, "alice", "BTC-USD", Optional.empty(), 1, 5_000, true);
    OrderRequested.Builder record = OrderRecords.toRecord(part).toBuilder();
    assertThat(reader.read(record(0, record.build().toByteArray())))
        .isEqualTo(new Reading.Sound(part));
    change.accept(record);

    assertThat(reader.read(record(0, record.build().toByteArray())))
        .isInstanceOfSatisfying(
            Reading.Poison.class, poison -> assertThat(poison.error()).contains(error));
  }

  static Stream<Arguments> poisonCancels() {
    return Stream.of(
        row("part of a cancel of all", OrderRequested.Builder::clearMarket),
        row("part of a cancel of all", r -> r.getCancelAllBuilder().clearDeadlineMicros()),
        row("no deadline or one above zero", r -> r.getCancelAllBuilder().setDeadlineMicros(-1)),
        row("belongs to partition 1", r -> r.setMarket("PEPE-KRW")));
  }

  @Test
  void poisonIsADeadLetterAndTheRestOfTheBatchGoesOn() {
    OrderPartition partition = new OrderPartition();
    partition.ledger.give("alice", Long.MAX_VALUE);

    partition.run(
        partition.requested(new byte[] {(byte) 0xff}),
        partition.place("alice", "a1", new OrderType.MarketSell(10_000)),
        partition.requested(good().setMarket("BTC-EUR").build().toByteArray()));

    partition.printed(
        """
        dead letter @0: The record is not an OrderRequested: %s
        match #1 @1 place
        @1 APPLIED: a1 OPEN filled 0 left 10000 v1
        dead letter @2: There is no market BTC-EUR
        """
            .formatted(truncated()));
    assertThat(partition.ledger.calls()).containsExactly("(-1,2] 1");
  }

  private static String truncated() {
    try {
      OrderRequested.parseFrom(new byte[] {(byte) 0xff});
      throw new AssertionError("Expected no record.");
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      return e.getMessage();
    }
  }

  private static OrderRequested.Builder good() {
    return OrderRecords.toRecord(place()).toBuilder();
  }

  private static PlaceOrder replacement() {
    return place().replacing(Optional.of(new PlaceOrder.Replaces(OTHER, false)));
  }

  private static PlaceOrder place() {
    return new PlaceOrder(
        DeterministicId.orderId("alice", "BTC-USD", "c1"),
        "alice",
        "BTC-USD",
        "c1",
        1,
        new OrderType.Limit(Side.BUY, 50_000_000_000L, 10_000, TimeInForce.GTC),
        MarketRules.of(TestMarkets.BTC_USD),
        SelfTrade.CANCEL_TAKER);
  }

  private static dev.sagax.proto.event.v1.LimitTerms.Builder limit(OrderRequested.Builder record) {
    return record.getPlaceBuilder().getTermsBuilder().getLimitBuilder();
  }

  private static LogRecord record(int partition, byte[] value) {
    return new LogRecord(Topic.ORDER_REQUESTED, partition, 0, 0, new byte[0], value);
  }

  private static Arguments row(String error, Consumer<OrderRequested.Builder> change) {
    return Arguments.of(error, change);
  }
}
