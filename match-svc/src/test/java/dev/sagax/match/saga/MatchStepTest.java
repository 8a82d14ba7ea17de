package dev.sagax.match.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.match.Listings;
import dev.sagax.match.Matching;
import dev.sagax.match.store.PgBook;
import dev.sagax.match.store.PgTrades;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.event.v1.AmendMatch;
import dev.sagax.proto.event.v1.BookLevel;
import dev.sagax.proto.event.v1.BookUpdated;
import dev.sagax.proto.event.v1.CancelMatch;
import dev.sagax.proto.event.v1.Fill;
import dev.sagax.proto.event.v1.LimitTerms;
import dev.sagax.proto.event.v1.MarketBuyTerms;
import dev.sagax.proto.event.v1.MarketRules;
import dev.sagax.proto.event.v1.MarketSellTerms;
import dev.sagax.proto.event.v1.MarketStateChange;
import dev.sagax.proto.event.v1.MatchCancelRequested;
import dev.sagax.proto.event.v1.MatchRequested;
import dev.sagax.proto.event.v1.OrderAtFault;
import dev.sagax.proto.event.v1.OrderCancelRequested;
import dev.sagax.proto.event.v1.OrderRef;
import dev.sagax.proto.event.v1.OrderTerms;
import dev.sagax.proto.event.v1.PlaceInstruction;
import dev.sagax.proto.event.v1.Release;
import dev.sagax.proto.event.v1.ReplaceInstruction;
import dev.sagax.proto.event.v1.ReplacedOrder;
import dev.sagax.proto.event.v1.SettleRequested;
import dev.sagax.proto.market.v1.MarketState;
import dev.sagax.proto.order.v1.OrderReason;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.SelfTradePrevention;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MatchStepTest {
  private static final String MARKET = "BTC-USD";

  private final MatchStep step =
      new MatchStep(
          Listings.PARTITION,
          () -> new Matching(Listings.markets(), Listings.PARTITION),
          new PgBook(MatchSaga.SERVICE),
          new PgTrades(),
          FaultInjector.idle());
  private final RecordedWrites writes = new RecordedWrites();
  private long lastSeq;

  @Test
  void everyInstructionHasOneOutcomeInOrder() {
    handle(
        sell("alice", 100, 5),
        buy("bob", 100, 3, TimeInForce.TIME_IN_FORCE_IOC),
        cancelOf("alice", 1),
        cancelOf("alice", 1));

    assertThat(writes.keys).containsOnly(MARKET);
    assertThat(writes.settled)
        .extracting(SettleRequested::getInstruction)
        .containsExactly(11L, 12L, 13L, 14L);
    assertThat(writes.settled)
        .extracting(SettleRequested::getTimeMicros)
        .containsExactly(1001L, 1002L, 1003L, 1004L);
  }

  @Test
  void tradeCarriesBothSidesWithTheFeesOfTheirRoles() {
    handle(sell("alice", 100, 500), buy("bob", 130, 300, TimeInForce.TIME_IN_FORCE_GTC));

    assertThat(writes.settled.getLast())
        .isEqualTo(
            SettleRequested.newBuilder()
                .setInstruction(12)
                .setTimeMicros(1002)
                .setMarket(MARKET)
                .setBaseAsset("BTC")
                .setQuoteAsset("USD")
                .setTaker(ref(2, "bob", Side.SIDE_BUY, 20))
                .addFills(
                    Fill.newBuilder()
                        .setTradeId(1)
                        .setMaker(ref(1, "alice", Side.SIDE_SELL, 10))
                        .setPriceUnits(100)
                        .setQuantityUnits(300)
                        .setQuoteUnits(300))
                .build());
  }

  @Test
  void ownersCancelReleasesWhatRests() {
    handle(sell("alice", 100, 5), cancelOf("alice", 1));

    OrderRef alice = ref(1, "alice", Side.SIDE_SELL, 10);
    assertThat(writes.settled.getLast().getTaker()).isEqualTo(alice);
    assertThat(writes.settled.getLast().getReleasesList())
        .containsExactly(
            Release.newBuilder()
                .setOrder(alice)
                .setLeftUnits(5)
                .setStatus(OrderStatus.ORDER_STATUS_CANCELLED)
                .setReason(OrderReason.ORDER_REASON_CANCELLED_BY_OWNER)
                .build());
  }

  @Test
  void amendmentReleasesWhatItTakesOffTheOrderWhichGoesOn() {
    handle(sell("alice", 100, 5));
    writes.statements.clear();

    handle(amendOf("alice", 1, 3), amendOf("alice", 1, 3));

    OrderRef alice = ref(1, "alice", Side.SIDE_SELL, 10);
    assertThat(writes.settled.get(1).getTaker()).isEqualTo(alice);
    assertThat(writes.settled.get(1).getReleasesList())
        .containsExactly(
            Release.newBuilder()
                .setOrder(alice)
                .setLeftUnits(2)
                .setStatus(OrderStatus.ORDER_STATUS_CANCELLED)
                .setReason(OrderReason.ORDER_REASON_CANCELLED_BY_OWNER)
                .setReduced(true)
                .build());
    assertThat(writes.settled.get(2).getReleasesList()).isEmpty();
    assertThat(writes.settled.get(2).getTaker().getOrderId()).isEqualTo(alice.getOrderId());
    assertThat(writes.statements).containsExactly("update 4");
  }

  /** A kind of its own; a placing that says so is from before there was one. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void replacementEndsTheOrderWhosePlaceItTakes(boolean old) {
    handle(sell("alice", 100, 5));
    PlaceInstruction terms = limitPlace(Side.SIDE_SELL, 101, 3);
    ReplacedOrder replaced =
        ReplacedOrder.newBuilder()
            .setOrderId(Listings.orderId(1))
            .setOrderNumber(1)
            .setOrderedUnits(5)
            .build();

    handle(
        requested(
            "alice",
            2,
            event ->
                old
                    ? event.setPlace(terms.toBuilder().setReplaces(replaced))
                    : event.setReplace(
                        ReplaceInstruction.newBuilder().setPlace(terms).setReplaced(replaced))));

    assertThat(writes.settled.getLast().getReleasesList())
        .containsExactly(
            Release.newBuilder()
                .setOrder(ref(1, "alice", Side.SIDE_SELL, 10))
                .setLeftUnits(5)
                .setStatus(OrderStatus.ORDER_STATUS_CANCELLED)
                .setReason(OrderReason.ORDER_REASON_REPLACED)
                .build());
    assertThat(writes.books.getLast().getLevelsList())
        .containsExactlyInAnyOrder(
            level(Side.SIDE_SELL, 100, "0", 0), level(Side.SIDE_SELL, 101, "3", 1));
  }

  @Test
  void replacementThatNamesNoOrderOrTwoStopsThePartition() {
    ReplaceInstruction none =
        ReplaceInstruction.newBuilder().setPlace(limitPlace(Side.SIDE_SELL, 101, 3)).build();
    ReplacedOrder other = ReplacedOrder.newBuilder().setOrderId(Listings.orderId(1)).build();
    PlaceInstruction.Builder place = none.getPlace().toBuilder().setReplaces(other);

    for (ReplaceInstruction unreadable :
        List.of(none, none.toBuilder().setPlace(place).setReplaced(other).build())) {
      LogRecord record = requested("alice", 2, event -> event.setReplace(unreadable));
      assertThatThrownBy(() -> MatchEvents.decode(record))
          .isInstanceOf(PartitionStoppedException.class)
          .hasMessageContaining("replace.");
    }
  }

  @Test
  void batchTellsOfTheLevelsThatItChangedAsTheyAreAfterIt() {
    handle(sell("alice", 100, 5), sell("bob", 100, 7), sell("carol", 102, 1));
    handle(buy("dave", 100, 6, TimeInForce.TIME_IN_FORCE_IOC), cancelOf("carol", 3));
    handle(sell("erin", 105, 2), cancelOf("erin", 6));

    assertThat(writes.books)
        .containsExactly(
            BookUpdated.newBuilder()
                .setMarket(MARKET)
                .addLevels(level(Side.SIDE_SELL, 100, "12", 2))
                .addLevels(level(Side.SIDE_SELL, 102, "1", 1))
                .build(),
            BookUpdated.newBuilder()
                .setMarket(MARKET)
                .addLevels(level(Side.SIDE_SELL, 100, "6", 1))
                .addLevels(level(Side.SIDE_SELL, 102, "0", 0))
                .build());
  }

  private static BookLevel level(Side side, long price, String quantity, int orders) {
    return BookLevel.newBuilder()
        .setSide(side)
        .setPriceUnits(price)
        .setQuantityUnits(quantity)
        .setOrders(orders)
        .build();
  }

  @Test
  void cancelOfSomethingGoneSettlesNothing() {
    handle(cancelOf("alice", 1));

    SettleRequested nothing = writes.settled.getFirst();
    assertThat(nothing.getTaker().getOrderId()).isEqualTo(Listings.orderId(1));
    assertThat(nothing.getFillsList()).isEmpty();
    assertThat(nothing.getReleasesList()).isEmpty();
    assertThat(writes.statements).isEmpty();
  }

  @Test
  void marketBuyThatSpentItsBudgetIsFilledAndGetsItsLeftoverBackInQuote() {
    handle(sell("alice", 10_000, 5), marketBuy("bob", 250));

    Release release = writes.settled.getLast().getReleases(0);
    assertThat(release.getOrder().getLeftInQuote()).isTrue();
    assertThat(release.getLeftUnits()).isEqualTo(50);
    assertThat(release.getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_FILLED);
    assertThat(release.getReason()).isEqualTo(OrderReason.ORDER_REASON_UNSPECIFIED);
  }

  @Test
  void marketSellWithoutBuyersExpires() {
    handle(
        place(
            "bob",
            OrderTerms.newBuilder()
                .setMarketSell(MarketSellTerms.newBuilder().setQuantityUnits(5))));

    Release release = writes.settled.getLast().getReleases(0);
    assertThat(release.getOrder().getLeftInQuote()).isFalse();
    assertThat(release.getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_EXPIRED);
    assertThat(release.getReason()).isEqualTo(OrderReason.ORDER_REASON_INSUFFICIENT_LIQUIDITY);
  }

  @Test
  void postOnlyThatWouldCrossExpires() {
    handle(sell("alice", 100, 5), buy("bob", 100, 5, TimeInForce.TIME_IN_FORCE_POST_ONLY));

    assertThat(writes.settled.getLast().getReleases(0).getReason())
        .isEqualTo(OrderReason.ORDER_REASON_WOULD_CROSS);
  }

  @Test
  void fillOrKillThatCannotFillExpiresWhole() {
    handle(sell("alice", 100, 5), buy("bob", 100, 6, TimeInForce.TIME_IN_FORCE_FOK));

    SettleRequested killed = writes.settled.getLast();
    assertThat(killed.getFillsList()).isEmpty();
    assertThat(killed.getReleases(0).getLeftUnits()).isEqualTo(6);
    assertThat(killed.getReleases(0).getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_EXPIRED);
    assertThat(killed.getReleases(0).getReason()).isEqualTo(OrderReason.ORDER_REASON_FILL_OR_KILL);
  }

  @Test
  void fillOrKillThatFillsHasNothingToRelease() {
    handle(sell("alice", 100, 600), buy("bob", 100, 600, TimeInForce.TIME_IN_FORCE_FOK));

    assertThat(writes.settled.getLast().getFillsCount()).isEqualTo(1);
    assertThat(writes.settled.getLast().getReleasesList()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "UNSPECIFIED,  taker expired",
    "CANCEL_TAKER, taker expired",
    "CANCEL_MAKER, maker cancelled",
    "CANCEL_BOTH,  maker cancelled; taker expired",
  })
  void modeOfTheTakerDecidesWhoEndsInsteadOfASelfTrade(String mode, String ends) {
    handle(
        sell("bob", 100, 500),
        preventing(mode, buy("bob", 100, 300, TimeInForce.TIME_IN_FORCE_GTC)));

    SettleRequested outcome = writes.settled.getLast();
    assertThat(outcome.getFillsList()).isEmpty();
    assertThat(outcome.getReleasesList())
        .allMatch(release -> release.getReason() == OrderReason.ORDER_REASON_SELF_TRADE);
    assertThat(
            outcome.getReleasesList().stream()
                .map(release ->
                    (release.getOrder().getNumber() == 1 ? "maker " : "taker ")
                        + release.getStatus().name().substring(13).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining("; ")))
        .isEqualTo(ends);
  }

  private static LogRecord preventing(String mode, LogRecord place) {
    MatchRequested.Builder event = Unreadable.parse(place.value());
    event
        .getPlaceBuilder()
        .setSelfTradePrevention(SelfTradePrevention.valueOf("SELF_TRADE_PREVENTION_" + mode));
    return new LogRecord(
        place.topic(),
        place.partition(),
        place.position(),
        place.offset(),
        place.key(),
        event.build().toByteArray());
  }

  @Test
  void marketsStateIsKeptAndHasNoOutcome() {
    handle(
        sell("alice", 100, 5),
        state(MarketState.MARKET_STATE_HALTED),
        state(MarketState.MARKET_STATE_TRADING));

    assertThat(writes.settled).hasSize(1);
    assertThat(writes.statements).containsExactly("insert 10", "insert 2");
  }

  @Test
  void unknownStateOfAMarketStopsThePartition() {
    assertThatThrownBy(() -> handle(state(MarketState.MARKET_STATE_UNSPECIFIED)))
        .isInstanceOf(PartitionStoppedException.class)
        .hasMessageContaining("market_state.state");
  }

  private LogRecord state(MarketState state) {
    return record(
        Topic.MATCH_REQUESTED,
        MatchRequested.newBuilder()
            .setMarket(MARKET)
            .setMarketState(MarketStateChange.newBuilder().setState(state))
            .build()
            .toByteArray());
  }

  @Test
  void batchThatChangesNothingWritesNothing() {
    handle(
        sell("alice", 100, 5),
        buy("carol", 99, 1, TimeInForce.TIME_IN_FORCE_IOC),
        cancelOf("alice", 1));

    assertThat(writes.settled).hasSize(3);
    assertThat(writes.statements).isEmpty();
  }

  @Test
  void eachKindOfChangeIsOneStatement() {
    handle(sell("alice", 100, 5), sell("alice", 101, 5), sell("alice", 102, 5));
    handle(
        buy("bob", 101, 7, TimeInForce.TIME_IN_FORCE_IOC),
        buy("bob", 90, 1, TimeInForce.TIME_IN_FORCE_GTC));

    assertThat(writes.statements)
        .containsExactly("insert 10", "delete 2", "update 4", "insert 10", "insert 11");
  }

  @Test
  void batchEndsWithTheInstructionThatMakesItHeavy() {
    LogRecord[] makers = new LogRecord[2_000];
    java.util.Arrays.setAll(makers, i -> sell("alice", 100, 1));
    handle(makers);
    writes.settled.clear();

    handle(
        buy("bob", 100, 1, TimeInForce.TIME_IN_FORCE_IOC),
        buy("bob", 100, 500, TimeInForce.TIME_IN_FORCE_IOC),
        buy("bob", 100, 499, TimeInForce.TIME_IN_FORCE_IOC),
        buy("bob", 100, 500, TimeInForce.TIME_IN_FORCE_IOC),
        buy("bob", 100, 1, TimeInForce.TIME_IN_FORCE_IOC));

    assertThat(writes.settled)
        .extracting(SettleRequested::getFillsCount)
        .containsExactly(1, 500, 499);
    assertThat(writes.left).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource(Unreadable.class)
  void recordThatCannotBeReadStopsThePartition(Unreadable unreadable) {
    LogRecord sell = sell("alice", 100, 5);
    byte[] value = unreadable.spoil.apply(sell.value());
    LogRecord record = record(Topic.MATCH_REQUESTED, value);

    assertThatThrownBy(() -> handle(record))
        .isInstanceOf(PartitionStoppedException.class)
        .hasMessageContaining("match.requested-1")
        .hasMessageContaining("cannot be");
  }

  private enum Unreadable {
    NO_VALUE(bytes -> null),
    RANDOM_BYTES(bytes -> new byte[] {-1, 7, 42}),
    EMPTY(bytes -> new byte[0]),
    MALFORMED_ORDER_ID(of(event -> event.setOrderId("7"))),
    NO_ACCOUNT(of(event -> event.setAccount(""))),
    NO_MARKET(of(event -> event.setMarket(""))),
    UNKNOWN_MARKET(of(event -> event.setMarket("XYZ-USD"))),
    NO_REQUEST(of(MatchRequested.Builder::clearRequest)),
    CANCEL_WITHOUT_NUMBER(of(event -> event.setCancel(CancelMatch.getDefaultInstance()))),
    AMENDMENT_WITHOUT_NUMBER(of(event -> event.setAmend(amend(0, 3, 5)))),
    AMENDMENT_TO_NOTHING(of(event -> event.setAmend(amend(1, 0, 5)))),
    AMENDMENT_OF_NOTHING(of(event -> event.setAmend(amend(1, 3, 0)))),
    NO_TERMS(of(event -> event.getPlaceBuilder().clearTerms())),
    NO_RULES(of(event -> event.getPlaceBuilder().clearRules())),
    OTHER_SCALE(of(event -> event.getPlaceBuilder().getRulesBuilder().setBaseScale(8))),
    UNKNOWN_SELF_TRADE_PREVENTION(
        of(event -> event.getPlaceBuilder().setSelfTradePreventionValue(9))),
    NO_SIDE(ofLimit(limit -> limit.setSide(Side.SIDE_UNSPECIFIED))),
    UNKNOWN_SIDE(ofLimit(limit -> limit.setSideValue(9))),
    NO_TIME_IN_FORCE(ofLimit(limit -> limit.setTimeInForce(TimeInForce.TIME_IN_FORCE_UNSPECIFIED))),
    NO_PRICE(ofLimit(limit -> limit.setPriceUnits(0))),
    NEGATIVE_QUANTITY(ofLimit(limit -> limit.setQuantityUnits(-1)));

    final UnaryOperator<byte[]> spoil;

    Unreadable(UnaryOperator<byte[]> spoil) {
      this.spoil = spoil;
    }

    private static UnaryOperator<byte[]> of(
        java.util.function.Consumer<MatchRequested.Builder> change) {
      return bytes -> {
        MatchRequested.Builder event = parse(bytes);
        change.accept(event);
        return event.build().toByteArray();
      };
    }

    private static UnaryOperator<byte[]> ofLimit(
        java.util.function.Consumer<LimitTerms.Builder> change) {
      return of(
          event -> change.accept(event.getPlaceBuilder().getTermsBuilder().getLimitBuilder()));
    }

    private static MatchRequested.Builder parse(byte[] bytes) {
      try {
        return MatchRequested.parseFrom(bytes).toBuilder();
      } catch (com.google.protobuf.InvalidProtocolBufferException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void refusedOutcomeIsUndoneByAnOutcomeWithoutFills() {
    handle(sell("alice", 100, 500), sell("carol", 100, 300), buyNow("bob", 100, 600));
    SettleRequested refused = writes.settled.getLast();
    writes.statements.clear();

    handle(undo(refused, 1));

    SettleRequested undone = writes.settled.getLast();
    OrderRef bob = ref(3, "bob", Side.SIDE_BUY, 20);
    assertThat(undone)
        .isEqualTo(
            refused.toBuilder()
                .clearFills()
                .addReleases(failed(bob, 600))
                .addReleases(failed(ref(1, "alice", Side.SIDE_SELL, 10), 500))
                .addReleases(failed(ref(2, "carol", Side.SIDE_SELL, 10), 100))
                .build());
    assertThat(writes.cancelled)
        .extracting(OrderCancelRequested::getOrderId)
        .containsExactly(Listings.orderId(3), Listings.orderId(1));
    assertThat(writes.cancelled.getFirst())
        .isEqualTo(
            OrderCancelRequested.newBuilder()
                .setOrderId(Listings.orderId(3))
                .setMarket(MARKET)
                .setInstruction(13)
                .setTimeMicros(1003)
                .setReason(OrderReason.ORDER_REASON_SETTLEMENT_FAILED)
                .build());
    assertThat(writes.statements).containsExactly("update 2");
  }

  @Test
  void eachOutcomeOfAnOrderAtFaultIsUndoneOnItsOwn() {
    handle(sell("alice", 100, 500), buyNow("bob", 100, 100), buyNow("carol", 100, 150));
    List<SettleRequested> refused = List.copyOf(writes.settled.subList(1, 3));

    handle(undo(refused.get(0), 1), undo(refused.get(1), 1));

    OrderRef alice = ref(1, "alice", Side.SIDE_SELL, 10);
    assertThat(writes.settled.subList(3, 5))
        .extracting(outcome -> outcome.getReleases(1))
        .containsExactly(failed(alice, 100 + 250), failed(alice, 150));
  }

  @ParameterizedTest
  @EnumSource(UnreadableCancel.class)
  void compensationThatCannotBeReadOrDoneStopsThePartition(UnreadableCancel unreadable) {
    handle(sell("alice", 100, 500), buyNow("bob", 100, 100));
    MatchCancelRequested.Builder event =
        MatchCancelRequested.newBuilder().setOutcome(writes.settled.getLast());
    unreadable.spoil.accept(event);

    assertThatThrownBy(
            () -> handle(record(Topic.MATCH_CANCEL_REQUESTED, event.build().toByteArray())))
        .isInstanceOf(PartitionStoppedException.class)
        .hasMessageContaining("match.cancel.requested-1")
        .hasMessageContaining("cannot be");
  }

  private enum UnreadableCancel {
    EMPTY(MatchCancelRequested.Builder::clear),
    NO_FILLS(event -> event.getOutcomeBuilder().clearFills()),
    NO_TAKER(event -> event.getOutcomeBuilder().clearTaker()),
    UNKNOWN_MARKET(event -> event.getOutcomeBuilder().setMarket("XYZ-USD")),
    NO_TRADE_ID(event -> event.getOutcomeBuilder().getFillsBuilder(0).clearTradeId()),
    NO_QUANTITY(event -> event.getOutcomeBuilder().getFillsBuilder(0).clearQuantityUnits()),
    NO_NUMBER(
        event -> event.getOutcomeBuilder().getFillsBuilder(0).getMakerBuilder().clearNumber());

    final java.util.function.Consumer<MatchCancelRequested.Builder> spoil;

    UnreadableCancel(java.util.function.Consumer<MatchCancelRequested.Builder> spoil) {
      this.spoil = spoil;
    }
  }

  /**
   * @param atFault number of the order at fault
   */
  private LogRecord undo(SettleRequested refused, long atFault) {
    return record(
        Topic.MATCH_CANCEL_REQUESTED,
        MatchCancelRequested.newBuilder()
            .setOutcome(refused)
            .addOrdersAtFault(OrderAtFault.newBuilder().setOrderId(Listings.orderId(atFault)))
            .build()
            .toByteArray());
  }

  private static Release failed(OrderRef order, long left) {
    return Release.newBuilder()
        .setOrder(order)
        .setLeftUnits(left)
        .setStatus(OrderStatus.ORDER_STATUS_CANCELLED)
        .setReason(OrderReason.ORDER_REASON_SETTLEMENT_FAILED)
        .build();
  }

  private LogRecord buyNow(String account, long price, long quantity) {
    return buy(account, price, quantity, TimeInForce.TIME_IN_FORCE_IOC);
  }

  private void handle(LogRecord... records) {
    var done = step.handle(List.of(records), writes);
    assertThat(done.succeeded()).isTrue();
  }

  private LogRecord sell(String account, long price, long quantity) {
    return limit(account, Side.SIDE_SELL, price, quantity, TimeInForce.TIME_IN_FORCE_GTC);
  }

  private LogRecord buy(String account, long price, long quantity, TimeInForce timeInForce) {
    return limit(account, Side.SIDE_BUY, price, quantity, timeInForce);
  }

  private LogRecord limit(
      String account, Side side, long price, long quantity, TimeInForce timeInForce) {
    return place(
        account,
        OrderTerms.newBuilder()
            .setLimit(
                LimitTerms.newBuilder()
                    .setSide(side)
                    .setPriceUnits(price)
                    .setQuantityUnits(quantity)
                    .setTimeInForce(timeInForce)));
  }

  private LogRecord marketBuy(String account, long budget) {
    return place(
        account,
        OrderTerms.newBuilder().setMarketBuy(MarketBuyTerms.newBuilder().setQuoteUnits(budget)));
  }

  private LogRecord place(String account, OrderTerms.Builder terms) {
    return requested(
        account,
        lastSeq + 1,
        event -> event.setPlace(PlaceInstruction.newBuilder().setTerms(terms).setRules(rules())));
  }

  private static PlaceInstruction limitPlace(Side side, long price, long quantity) {
    LimitTerms.Builder limit =
        LimitTerms.newBuilder()
            .setSide(side)
            .setPriceUnits(price)
            .setQuantityUnits(quantity)
            .setTimeInForce(TimeInForce.TIME_IN_FORCE_GTC);
    return PlaceInstruction.newBuilder()
        .setTerms(OrderTerms.newBuilder().setLimit(limit))
        .setRules(rules())
        .build();
  }

  private static MarketRules rules() {
    return MarketRules.newBuilder()
        .setBaseScale(2)
        .setQuoteScale(2)
        .setTickUnits(1)
        .setLotUnits(1)
        .setMakerBps(10)
        .setTakerBps(20)
        .build();
  }

  private LogRecord cancelOf(String account, long number) {
    return requested(
        account, number, event -> event.setCancel(CancelMatch.newBuilder().setOrderNumber(number)));
  }

  private LogRecord amendOf(String account, long number, long quantity) {
    return requested(account, number, event -> event.setAmend(amend(number, quantity, 5)));
  }

  private static AmendMatch amend(long number, long quantity, long ordered) {
    return AmendMatch.newBuilder()
        .setOrderNumber(number)
        .setQuantityUnits(quantity)
        .setOrderedUnits(ordered)
        .build();
  }

  private LogRecord requested(
      String account, long orderId, UnaryOperator<MatchRequested.Builder> request) {
    long seq = lastSeq + 1;
    return record(
        Topic.MATCH_REQUESTED,
        request
            .apply(
                MatchRequested.newBuilder()
                    .setOrderId(Listings.orderId(orderId))
                    .setAccount(account)
                    .setMarket(MARKET)
                    .setTimeMicros(1000 + seq)
                    .setInstruction(10 + seq))
            .build()
            .toByteArray());
  }

  private LogRecord record(Topic topic, byte[] value) {
    lastSeq++;
    return new LogRecord(topic, Listings.PARTITION, lastSeq, lastSeq + 100, new byte[0], value);
  }

  private static OrderRef ref(long orderId, String account, Side side, int feeBps) {
    return OrderRef.newBuilder()
        .setOrderId(Listings.orderId(orderId))
        .setAccount(account)
        .setSide(side)
        .setFeeBps(feeBps)
        .setNumber(orderId)
        .build();
  }
}
