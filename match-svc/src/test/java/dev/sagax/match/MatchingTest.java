package dev.sagax.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.match.Instruction.Cancel;
import dev.sagax.match.Instruction.FrozenRules;
import dev.sagax.match.Instruction.Place;
import dev.sagax.match.Release.Ending;
import dev.sagax.match.book.BookEvent;
import dev.sagax.match.book.BookEvent.CancelReason;
import dev.sagax.match.book.BookEvent.ExpireReason;
import dev.sagax.match.book.SelfTrade;
import dev.sagax.match.book.Side;
import dev.sagax.match.book.Taker;
import dev.sagax.match.book.TimeInForce;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MatchingTest {
  private static final String BTC = "BTC-USD";

  private final Matching matching = new Matching(Listings.markets(), Listings.PARTITION);
  private long lastNumber;

  @Test
  void eachSidePaysTheRateOfItsRoleFrozenOnItsOwnOrder() {
    place(limit("alice", Side.SELL, 100, 5, TimeInForce.GTC), new FrozenRules(2, 7, 70));

    Outcome outcome =
        place(limit("bob", Side.BUY, 120, 5, TimeInForce.GTC), new FrozenRules(2, 9, 90));

    Party maker = new Party(1, Listings.orderId(1), "alice", Side.SELL, 7, false);
    Party taker = new Party(2, Listings.orderId(2), "bob", Side.BUY, 90, false);
    assertThat(outcome)
        .isEqualTo(
            new Outcome.Placed(
                taker, List.of(new Trade(BTC, 1, maker, taker, 100, 5, 5, 1002)), List.of()));
  }

  @Test
  void tradesAreNumberedPerMarketAndGoOnAfterALoad() {
    matching.restoreLastTrade(BTC, new LastTrade(41, 100));
    place(limit("alice", Side.SELL, 100, 2, TimeInForce.GTC));

    Outcome.Placed first = place(limit("bob", Side.BUY, 100, 1, TimeInForce.GTC));
    Outcome.Placed second = place(limit("bob", Side.BUY, 100, 1, TimeInForce.GTC));

    assertThat(first.trades()).extracting(Trade::id).containsExactly(42L);
    assertThat(second.trades()).extracting(Trade::id).containsExactly(43L);
  }

  @Test
  void marketBuyReturnsItsLeftoverInQuoteUnits() {
    place(limit("alice", Side.SELL, 1_000, 5, TimeInForce.GTC));

    Outcome.Placed outcome =
        place(new Taker.MarketBuy(next(), "bob", 27, 1, SelfTrade.CANCEL_TAKER));

    assertThat(outcome.trades()).extracting(Trade::quantity).containsExactly(2L);
    assertThat(outcome.taker().leftInQuote()).isTrue();
    assertThat(outcome.releases())
        .containsExactly(new Release(outcome.taker(), 7, new Ending.Filled()));
  }

  @Test
  void whatExpiresOfATakerIsReleased() {
    Outcome.Placed outcome = place(limit("bob", Side.BUY, 100, 5, TimeInForce.IOC));

    assertThat(outcome.releases())
        .containsExactly(
            new Release(outcome.taker(), 5, new Ending.Expired(ExpireReason.IMMEDIATE_OR_CANCEL)));
  }

  @Test
  void makerThatSelfTradePreventionCancelsIsReleasedAsCancelled() {
    place(limit("bob", Side.SELL, 100, 5, TimeInForce.GTC));

    Outcome.Placed outcome =
        place(
            new Taker.Limit(
                next(), "bob", Side.BUY, 100, 3, TimeInForce.IOC, SelfTrade.CANCEL_BOTH));

    Party maker = new Party(1, Listings.orderId(1), "bob", Side.SELL, 10, false);
    assertThat(outcome.releases())
        .containsExactly(
            new Release(maker, 5, new Ending.Cancelled(CancelReason.SELF_TRADE)),
            new Release(outcome.taker(), 3, new Ending.Expired(ExpireReason.SELF_TRADE)));
  }

  @Test
  void ownersCancelReleasesWhatIsLeft() {
    place(limit("alice", Side.SELL, 100, 5, TimeInForce.GTC));
    place(limit("bob", Side.BUY, 100, 2, TimeInForce.GTC));

    Outcome outcome = matching.apply(cancel(1, 1));

    Party maker = new Party(1, Listings.orderId(1), "alice", Side.SELL, 10, false);
    assertThat(outcome)
        .isEqualTo(
            new Outcome.Cancelled(
                new Release(maker, 3, new Ending.Cancelled(CancelReason.BY_OWNER))));
  }

  @Test
  void cancelThatLostToAFillFindsNothingLeft() {
    place(limit("alice", Side.SELL, 100, 5, TimeInForce.GTC));
    place(limit("bob", Side.BUY, 100, 5, TimeInForce.GTC));

    Outcome outcome = matching.apply(cancel(1, 1));

    assertThat(outcome).isEqualTo(new Outcome.NothingLeft(Listings.orderId(1), "alice"));
  }

  @Test
  void amendmentReducesTheWholeOrderOfWhichTheFillsArePart() {
    place(limit("alice", Side.SELL, 100, 9, TimeInForce.GTC));
    place(limit("carol", Side.SELL, 100, 9, TimeInForce.GTC));
    place(limit("bob", Side.BUY, 100, 2, TimeInForce.GTC));
    matching.takeChanges();

    Outcome first = matching.apply(amend(1, 1, 6));
    Outcome again = matching.apply(amend(1, 1, 6));
    Outcome second = matching.apply(amend(1, 1, 3));

    Party maker = new Party(1, Listings.orderId(1), "alice", Side.SELL, 10, false);
    assertThat(first).isEqualTo(new Outcome.Reduced(new Release(maker, 3, new Ending.Reduced())));
    assertThat(again).isEqualTo(new Outcome.NothingLeft(Listings.orderId(1), "alice"));
    assertThat(second).isEqualTo(new Outcome.Reduced(new Release(maker, 3, new Ending.Reduced())));
    assertThat(matching.takeChanges().reduced())
        .extracting(BookedOrder::number, BookedOrder::quantity, BookedOrder::ordered)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(1L, 1L, 3L));
    Outcome.Placed next = place(limit("bob", Side.BUY, 100, 2, TimeInForce.GTC));
    assertThat(next.trades())
        .extracting(trade -> trade.maker().number(), Trade::quantity)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(1L, 1L),
            org.assertj.core.groups.Tuple.tuple(2L, 1L));
  }

  @Test
  void amendmentThatLostToAFillOrAsksForMoreChangesNothing() {
    place(limit("alice", Side.SELL, 100, 9, TimeInForce.GTC));
    place(limit("bob", Side.BUY, 100, 4, TimeInForce.GTC));

    for (long quantity : new long[] {4, 3, 9, 10}) {
      assertThat(matching.apply(amend(1, 1, quantity)))
          .isEqualTo(new Outcome.NothingLeft(Listings.orderId(1), "alice"));
    }
    place(limit("bob", Side.BUY, 100, 5, TimeInForce.GTC));

    assertThat(matching.apply(amend(1, 1, 8)))
        .isEqualTo(new Outcome.NothingLeft(Listings.orderId(1), "alice"));
  }

  @Test
  void whatIsLostToAnUndoneMatchCountsLikeAFill() {
    place(limit("alice", Side.SELL, 100, 9, TimeInForce.GTC));
    Outcome.Placed refused = place(limit("bob", Side.BUY, 100, 4, TimeInForce.IOC));
    matching.undo(reversal(refused, 2));

    Outcome.Reduced reduced = (Outcome.Reduced) matching.apply(amend(1, 1, 6));

    assertThat(reduced.release().left()).isEqualTo(3);
  }

  @Test
  void orderThatRestsSinceBeforeAmendmentsIsTakenToAskForWhatItWasPlacedWith() {
    matching.restore(
        new BookedOrder(1, BTC, Listings.orderId(1), "alice", Side.SELL, 100, 5, 10, 0));

    Outcome.Reduced reduced = (Outcome.Reduced) matching.apply(amend(1, 1, 6));

    assertThat(reduced.release().left()).isEqualTo(3);
  }

  @Test
  void amendmentThatNamesAnotherOrderThanItsNumberIsABug() {
    place(limit("alice", Side.SELL, 100, 5, TimeInForce.GTC));

    assertThatThrownBy(() -> matching.apply(amend(7, 1, 3)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("under number 1");
  }

  @Test
  void replacementEndsTheOldOrderAndGoesToTheEndOfTheQueueWithoutWhatIsFilled() {
    place(limit("alice", Side.SELL, 100, 9, TimeInForce.GTC));
    place(limit("bob", Side.BUY, 100, 4, TimeInForce.GTC));
    place(limit("carol", Side.SELL, 101, 2, TimeInForce.GTC));

    Outcome.Placed replaced = replace(limit("alice", Side.SELL, 101, 8, TimeInForce.GTC), 1, 1);

    Party old = new Party(1, Listings.orderId(1), "alice", Side.SELL, 10, false);
    Party taker = new Party(4, Listings.orderId(4), "alice", Side.SELL, 20, false);
    assertThat(replaced)
        .isEqualTo(
            new Outcome.Placed(
                taker,
                List.of(),
                List.of(
                    new Release(old, 5, new Ending.Replaced()),
                    new Release(taker, 4, new Ending.Reduced()))));
    Outcome.Placed next = place(limit("bob", Side.BUY, 101, 9, TimeInForce.IOC));
    assertThat(next.trades())
        .extracting(trade -> trade.maker().number(), Trade::quantity)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(3L, 2L),
            org.assertj.core.groups.Tuple.tuple(4L, 4L));
  }

  @Test
  void replacementForWhatRestsKnowsOfAReductionThatItsSenderDidNot() {
    place(limit("alice", Side.SELL, 100, 9, TimeInForce.GTC));
    place(limit("bob", Side.BUY, 100, 2, TimeInForce.GTC));
    matching.apply(amend(1, 1, 6));

    Outcome.Placed replaced =
        replace(limit("alice", Side.SELL, 101, 9, TimeInForce.GTC), 1, 1, true);

    assertThat(replaced.releases())
        .extracting(release -> release.order().number(), Release::left, Release::ending)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(1L, 4L, new Ending.Replaced()),
            org.assertj.core.groups.Tuple.tuple(3L, 5L, new Ending.Reduced()));
    assertThat(matching.rests(party(3))).isTrue();
  }

  @Test
  void replacementThatCrossesTradesAsTakerAndRestsWithTheRemainder() {
    place(limit("carol", Side.BUY, 99, 3, TimeInForce.GTC));
    place(limit("alice", Side.SELL, 100, 9, TimeInForce.GTC));

    Outcome.Placed replaced = replace(limit("alice", Side.SELL, 99, 9, TimeInForce.GTC), 2, 2);

    assertThat(replaced.trades()).extracting(Trade::quantity).containsExactly(3L);
    assertThat(replaced.releases())
        .containsExactly(
            new Release(
                new Party(2, Listings.orderId(2), "alice", Side.SELL, 10, false),
                9,
                new Ending.Replaced()));
    assertThat(matching.rests(party(2))).isFalse();
    assertThat(matching.rests(party(3))).isTrue();
  }

  @Test
  void postOnlyReplacementThatWouldCrossEndsBothOrders() {
    place(limit("carol", Side.BUY, 99, 3, TimeInForce.GTC));
    place(limit("alice", Side.SELL, 100, 9, TimeInForce.POST_ONLY));

    Outcome.Placed replaced =
        replace(limit("alice", Side.SELL, 99, 9, TimeInForce.POST_ONLY), 2, 2);

    assertThat(replaced.trades()).isEmpty();
    assertThat(replaced.releases())
        .extracting(Release::ending)
        .containsExactly(
            new Ending.Replaced(), new Ending.Expired(BookEvent.ExpireReason.WOULD_CROSS));
    assertThat(matching.rests(party(2))).isFalse();
    assertThat(matching.rests(party(3))).isFalse();
  }

  @Test
  void replacementThatComesTooLateEndsAndLeavesTheOldOrderAsItIs() {
    place(limit("alice", Side.SELL, 100, 9, TimeInForce.GTC));
    place(limit("bob", Side.BUY, 100, 4, TimeInForce.GTC));

    for (Outcome.Placed late :
        List.of(
            replace(limit("alice", Side.SELL, 101, 4, TimeInForce.GTC), 1, 1),
            replace(limit("alice", Side.SELL, 101, 9, TimeInForce.GTC), 7, 77),
            replace(limit("alice", Side.SELL, 101, 9, TimeInForce.GTC), 7, 0))) {
      assertThat(late.trades()).isEmpty();
      assertThat(late.releases())
          .extracting(Release::order, Release::ending)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple(late.taker(), new Ending.NothingToReplace()));
      assertThat(matching.rests(late.taker())).isFalse();
    }
    assertThat(matching.rests(party(1))).isTrue();
  }

  @Test
  void undoneReplacementThatTradedIsCancelledAndTheOldOrderStaysReplaced() {
    place(limit("carol", Side.BUY, 99, 3, TimeInForce.GTC));
    place(limit("alice", Side.SELL, 100, 9, TimeInForce.GTC));
    Outcome.Placed refused = replace(limit("alice", Side.SELL, 99, 9, TimeInForce.GTC), 2, 2);

    Outcome.Undone undone = matching.undo(reversal(refused, 1));

    assertThat(undone.releases())
        .extracting(release -> release.order().number(), Release::left, Release::ending)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(2L, 9L, new Ending.Replaced()),
            org.assertj.core.groups.Tuple.tuple(3L, 9L, new Ending.SettlementFailed()),
            org.assertj.core.groups.Tuple.tuple(1L, 3L, new Ending.SettlementFailed()));
    assertThat(matching.rests(party(3))).isFalse();
  }

  /** Takes the place of an order of these numbers that was placed with 9. */
  private Outcome.Placed replace(Taker taker, long orderId, long number) {
    return replace(taker, orderId, number, false);
  }

  private Outcome.Placed replace(Taker taker, long orderId, long number, boolean whatRests) {
    return (Outcome.Placed)
        matching.apply(
            new Place(
                taker.number(),
                1000 + taker.number(),
                BTC,
                Listings.orderId(taker.number()),
                taker,
                new FrozenRules(2, 10, 20),
                Optional.of(
                    new Instruction.Replaced(Listings.orderId(orderId), number, 9, whatRests))));
  }

  /** Of an order that was placed with 9. */
  private static Instruction.Amend amend(long orderId, long number, long quantity) {
    return new Instruction.Amend(
        98, 1098, BTC, Listings.orderId(orderId), "alice", number, quantity, 9);
  }

  @Test
  void cancelThatNamesAnotherOrderThanItsNumberIsABug() {
    place(limit("alice", Side.SELL, 100, 5, TimeInForce.GTC));

    assertThatThrownBy(() -> matching.apply(cancel(7, 1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("under number 1");
  }

  @Test
  void undoneOutcomeTakesItsOrderAtFaultOutOfTheBookAndLeavesTheRestOfInnocentMakers() {
    place(limit("alice", Side.SELL, 100, 5, TimeInForce.GTC));
    place(limit("carol", Side.SELL, 101, 9, TimeInForce.GTC));
    place(limit("dave", Side.SELL, 102, 9, TimeInForce.GTC));
    Outcome.Placed refused = place(limit("bob", Side.BUY, 102, 16, TimeInForce.IOC));

    Outcome.Undone undone = matching.undo(reversal(refused, 2));

    assertThat(released(undone))
        .containsExactly("4: 16 failed", "1: 5 failed", "2: 9 failed", "3: 2 failed");
    assertThat(undone.tradeIds()).containsExactly(1L, 2L, 3L);
    assertThat(matching.rests(party(3))).isTrue();
    Outcome.Placed later = place(limit("erin", Side.BUY, 102, 9, TimeInForce.IOC));
    assertThat(later.trades()).extracting(Trade::quantity).containsExactly(7L);
  }

  @Test
  void undoneMakerAtFaultIsCancelledWithAllThatRestsOfIt() {
    place(limit("alice", Side.SELL, 100, 5, TimeInForce.GTC));
    Outcome.Placed refused = place(limit("bob", Side.BUY, 100, 2, TimeInForce.GTC));
    place(limit("carol", Side.BUY, 100, 1, TimeInForce.GTC));

    Outcome.Undone undone = matching.undo(reversal(refused, 1));

    assertThat(released(undone)).containsExactly("2: 2 failed", "1: 4 failed");
    assertThat(matching.rests(party(1))).isFalse();
    assertThat(matching.takeChanges()).isEqualTo(new BookChanges(List.of(), List.of(), List.of()));
  }

  @Test
  void undoneTakerThatRestsIsCancelledButItsLaterFillsStand() {
    place(limit("alice", Side.SELL, 100, 5, TimeInForce.GTC));
    Outcome.Placed refused = place(limit("bob", Side.BUY, 100, 9, TimeInForce.GTC));
    place(limit("carol", Side.SELL, 100, 1, TimeInForce.GTC));

    Outcome.Undone undone = matching.undo(reversal(refused, 1));

    assertThat(released(undone)).containsExactly("2: 8 failed", "1: 5 failed");
    assertThat(matching.rests(party(2))).isFalse();
  }

  @Test
  void undoneTakerThatItsOwnerCancelledMeanwhileReleasesWhatWasRefused() {
    place(limit("alice", Side.SELL, 100, 5, TimeInForce.GTC));
    Outcome.Placed refused = place(limit("bob", Side.BUY, 100, 9, TimeInForce.GTC));
    matching.apply(cancel(2, 2));

    assertThat(released(matching.undo(reversal(refused, 1))))
        .containsExactly("2: 5 failed", "1: 5 failed");
  }

  @Test
  void undoneMarketBuyReleasesItsWholeBudget() {
    place(limit("alice", Side.SELL, 1_000, 5, TimeInForce.GTC));
    Outcome.Placed refused =
        place(new Taker.MarketBuy(next(), "bob", 27, 1, SelfTrade.CANCEL_TAKER));

    assertThat(released(matching.undo(reversal(refused, 2))))
        .containsExactly("2: 27 failed", "1: 2 failed");
    assertThat(matching.rests(party(1))).isTrue();
  }

  @Test
  void makerThatTheBookCancelledEndsForItsOwnReasonWhenTheOutcomeIsUndone() {
    place(limit("bob", Side.SELL, 100, 5, TimeInForce.GTC));
    place(limit("alice", Side.SELL, 100, 5, TimeInForce.GTC));
    Outcome.Placed refused =
        place(
            new Taker.Limit(
                next(), "bob", Side.BUY, 100, 3, TimeInForce.IOC, SelfTrade.CANCEL_MAKER));

    assertThat(released(matching.undo(reversal(refused, 2))))
        .containsExactly("3: 3 failed", "2: 5 failed", "1: 5 SELF_TRADE");
  }

  @Test
  void instructionThatCannotBeMatchedGivesAllFundsBack() {
    Place place =
        new Place(
            1,
            1001,
            BTC,
            Listings.orderId(1),
            new Taker.MarketBuy(next(), "bob", 27, 1, SelfTrade.CANCEL_TAKER),
            new FrozenRules(2, 10, 20));
    Party bob = new Party(1, Listings.orderId(1), "bob", Side.BUY, 20, true);

    assertThat(Matching.giveUp(place))
        .isEqualTo(
            new Outcome.Placed(
                bob, List.of(), List.of(new Release(bob, 27, new Ending.MatchFailed()))));
    assertThat(Matching.giveUp(cancel(1, 1)))
        .isEqualTo(new Outcome.NothingLeft(Listings.orderId(1), "alice"));
  }

  /**
   * @param atFault number of the order at fault
   */
  private static Reversal reversal(Outcome.Placed refused, long atFault) {
    return new Reversal(
        7,
        1007,
        BTC,
        refused.taker(),
        refused.trades(),
        refused.releases(),
        Set.of(Listings.orderId(atFault)));
  }

  private static Party party(long number) {
    return new Party(number, Listings.orderId(number), "", Side.SELL, 0, false);
  }

  private static List<String> released(Outcome.Undone undone) {
    return undone.releases().stream()
        .map(release -> {
          String how =
              release.ending() instanceof Ending.Cancelled cancelled
                  ? cancelled.reason().name()
                  : release.ending() instanceof Ending.SettlementFailed ? "failed" : "otherwise";
          return "%d: %d %s".formatted(release.order().number(), release.left(), how);
        })
        .toList();
  }

  @Test
  void onlyTheNetEffectOfABatchIsWritten() {
    place(limit("alice", Side.SELL, 100, 5, TimeInForce.GTC));
    place(limit("alice", Side.SELL, 101, 5, TimeInForce.GTC));
    place(limit("alice", Side.SELL, 102, 5, TimeInForce.GTC));
    assertThat(matching.takeChanges().rested())
        .extracting(BookedOrder::number)
        .containsExactly(1L, 2L, 3L);

    place(limit("carol", Side.BUY, 99, 4, TimeInForce.GTC));
    place(limit("bob", Side.SELL, 99, 4, TimeInForce.GTC));
    place(limit("bob", Side.BUY, 101, 6, TimeInForce.GTC));
    place(limit("bob", Side.BUY, 101, 1, TimeInForce.GTC));
    place(limit("bob", Side.BUY, 90, 1, TimeInForce.GTC));

    BookChanges changes = matching.takeChanges();
    assertThat(changes.gone()).containsExactly(1L);
    assertThat(changes.reduced())
        .extracting(BookedOrder::number, BookedOrder::quantity)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(2L, 3L));
    assertThat(changes.rested()).extracting(BookedOrder::number).containsExactly(8L);
    assertThat(matching.takeChanges()).isEqualTo(new BookChanges(List.of(), List.of(), List.of()));
  }

  @Test
  void booksOfTheMarketsAreApart() {
    place(limit("alice", Side.SELL, 100, 5, TimeInForce.GTC));

    Outcome outcome =
        matching.apply(
            new Place(
                1,
                1,
                "ETH-USD",
                Listings.orderId(2),
                limit("bob", Side.BUY, 100, 5, TimeInForce.GTC),
                new FrozenRules(0, 0, 0)));

    assertThat(((Outcome.Placed) outcome).trades()).isEmpty();
  }

  @Test
  void marketOfAnotherPartitionIsNotMatchedHere() {
    assertThatThrownBy(
            () -> matching.apply(new Cancel(1, 1, "ETH-BTC", Listings.orderId(1), "alice", 1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("ETH-BTC");
  }

  @Test
  void changedScaleIsNotMatched() {
    assertThatThrownBy(() ->
            place(limit("alice", Side.SELL, 100, 5, TimeInForce.GTC), new FrozenRules(8, 0, 0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("scale 8");
  }

  private long next() {
    return ++lastNumber;
  }

  private Taker limit(
      String account, Side side, long price, long quantity, TimeInForce timeInForce) {
    return new Taker.Limit(
        next(), account, side, price, quantity, timeInForce, SelfTrade.CANCEL_TAKER);
  }

  private Outcome.Placed place(Taker taker) {
    return place(taker, new FrozenRules(2, 10, 20));
  }

  private Outcome.Placed place(Taker taker, FrozenRules rules) {
    return (Outcome.Placed)
        matching.apply(
            new Place(
                taker.number(),
                1000 + taker.number(),
                BTC,
                Listings.orderId(taker.number()),
                taker,
                rules));
  }

  private static Cancel cancel(long orderId, long number) {
    return new Cancel(99, 1099, BTC, Listings.orderId(orderId), "alice", number);
  }
}
