package dev.sagax.match.book;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class OrderBookTest {
  private Tape market = new Tape();

  @Nested
  class Priority {
    @Test
    void takerSweepsBestPriceFirstAndRestsWhatIsLeft() {
      market.resting("a1 sell 5 @ 101", "a2 sell 3 @ 100");

      market.submit("b1 buy 10 @ 101");

      market.printed(
          """
          a2 -> b1  3 @ 100 = 300
          a1 -> b1  5 @ 101 = 505
          b1 rests  2 @ 101
          """);
    }

    @Test
    void firstComeFirstServedWithinAPrice() {
      market.resting("a1 sell 2 @ 100", "c1 sell 2 @ 100", "d1 sell 2 @ 100");

      market.submit("b1 buy 5 @ 100");

      market.printed(
          """
          a1 -> b1  2 @ 100 = 200
          c1 -> b1  2 @ 100 = 200
          d1 -> b1  1 @ 100 = 100
          """);
      market.holds("d1 sell 1 @ 100");
    }

    @Test
    void partlyFilledMakerKeepsItsPlace() {
      market.resting("a1 buy 5 @ 100", "c1 buy 5 @ 100");
      market.submit("b1 sell 2 @ 100");

      market.submit("b2 sell 4 @ 99");

      market.printed(
          """
          a1 -> b2  3 @ 100 = 300
          c1 -> b2  1 @ 100 = 100
          """);
    }

    @Test
    void sellerMeetsTheHighestBuyerFirst() {
      market.resting("a1 buy 1 @ 99", "a2 buy 1 @ 101", "a3 buy 1 @ 100");

      market.submit("b1 sell 3 @ 100");

      market.printed(
          """
          a2 -> b1  1 @ 101 = 101
          a3 -> b1  1 @ 100 = 100
          b1 rests  1 @ 100
          """);
      market.holds(
          """
          a1 buy  1 @ 99
          b1 sell 1 @ 100
          """);
    }

    @Test
    void pricesTenBillionTicksApartKeepTheirOrder() {
      market.resting("a1 sell 1 @ 10000000001", "a2 sell 1 @ 1");

      market.submit("b1 buy 2 @ 20000000000");

      market.printed(
          """
          a2 -> b1  1 @ 1 = 1
          a1 -> b1  1 @ 10000000001 = 10000000001
          """);
    }

    @Test
    void bestPriceComesBackWhenABetterOneGoes() {
      market.resting("a1 sell 1 @ 102", "a2 sell 1 @ 100", "a3 sell 1 @ 101");
      market.cancel("a2");

      market.submit("b1 buy 1 @ 200");

      market.printed("a3 -> b1 1 @ 101 = 101");
    }
  }

  @Nested
  class TimeInForceRules {
    @Test
    void immediateOrCancelKeepsItsFillsAndExpires() {
      market.resting("a1 sell 3 @ 100", "a2 sell 3 @ 102");

      market.submit("b1 buy 5 @ 101 ioc");

      market.printed(
          """
          a1 -> b1  3 @ 100 = 300
          b1 expired 2 immediate-or-cancel
          """);
      market.holds("a2 sell 3 @ 102");
    }

    @Test
    void immediateOrCancelInAnEmptyBookExpiresWhole() {
      market.submit("b1 sell 5 @ 101 ioc");

      market.printed("b1 expired 5 immediate-or-cancel");
    }

    @Test
    void postOnlyRestsWhenItDoesNotCross() {
      market.resting("a1 sell 3 @ 100");

      market.submit("b1 buy 5 @ 99 post-only");

      market.printed("b1 rests 5 @ 99");
    }

    @Test
    void postOnlyThatWouldCrossExpiresWholeAndTouchesNobody() {
      market.resting("a1 sell 3 @ 100");

      market.submit("b1 buy 5 @ 100 post-only");

      market.printed("b1 expired 5 would-cross");
      market.holds("a1 sell 3 @ 100");
    }

    @Test
    void postOnlyWouldCrossItsOwnAccountToo() {
      market.resting("a1 sell 3 @ 100");

      market.submit("a2 buy 5 @ 100 post-only cancel-maker");

      market.printed("a2 expired 5 would-cross");
      market.holds("a1 sell 3 @ 100");
    }

    @Test
    void fillOrKillFillsWholly() {
      market.resting("a1 sell 3 @ 100", "c1 sell 3 @ 101");

      market.submit("b1 buy 6 @ 101 fok");

      market.printed(
          """
          a1 -> b1  3 @ 100 = 300
          c1 -> b1  3 @ 101 = 303
          """);
    }

    @Test
    void fillOrKillThatIsOneShortTouchesNobody() {
      market.resting("a1 sell 3 @ 100", "c1 sell 3 @ 101", "c2 sell 1 @ 102");

      market.submit("b1 buy 7 @ 101 fok");

      market.printed("b1 expired 7 fill-or-kill");
      market.holds(
          """
          a1 sell 3 @ 100
          c1 sell 3 @ 101
          c2 sell 1 @ 102
          """);
    }

    @Test
    void fillOrKillIsNotFillableThroughItsOwnAccount() {
      market.resting("a1 sell 3 @ 100", "b1 sell 1 @ 100", "c1 sell 9 @ 100");

      market.submit("b2 buy 5 @ 100 fok cancel-maker");

      market.printed("b2 expired 5 fill-or-kill");
    }

    @Test
    void fillOrKillIsNotFillableBeyondTheSweepLimit() {
      market = new Tape(new BookTerms(1, 2), 1);
      market.resting("a1 sell 1 @ 100", "a2 sell 1 @ 100", "a3 sell 1 @ 100");

      market.submit("b1 buy 3 @ 100 fok");

      market.printed("b1 expired 3 fill-or-kill");
    }
  }

  @Nested
  class MarketBuys {
    @Test
    void spendsItsBudgetToTheLastUnit() {
      market.resting("a1 sell 3 @ 100", "a2 sell 3 @ 50");

      market.submit("b1 buy for 250");

      market.printed(
          """
          a2 -> b1  3 @ 50 = 150
          a1 -> b1  1 @ 100 = 100
          """);
    }

    @Test
    void returnsWhatBuysNoFurtherLot() {
      market.resting("a1 sell 5 @ 100");

      market.submit("b1 buy for 299");

      market.printed(
          """
          a1 -> b1  2 @ 100 = 200
          b1 completed 99 returned
          """);
    }

    @Test
    void buysWholeLotsOnly() {
      market = new Tape(new BookTerms(1, 100), 5);
      market.resting("a1 sell 20 @ 10");

      market.submit("b1 buy for 149");

      market.printed(
          """
          a1 -> b1  10 @ 10 = 100
          b1 completed 49 returned
          """);
    }

    @Test
    void stopsAtAPriceThatItsLeftoverDoesNotPay() {
      market.resting("a1 sell 1 @ 100", "a2 sell 1 @ 101");

      market.submit("b1 buy for 200");

      market.printed(
          """
          a1 -> b1  1 @ 100 = 100
          b1 completed 100 returned
          """);
    }

    @Test
    void zeroFillsIsNeverCompleted() {
      market.resting("a1 sell 1 @ 100");

      market.submit("b1 buy for 99");

      market.printed("b1 expired 99 budget-below-one-lot");
    }

    @Test
    void emptyBookIsNoLiquidity() {
      market.submit("b1 buy for 99");

      market.printed("b1 expired 99 insufficient-liquidity");
    }

    @Test
    void exhaustedBookExpiresWhatWouldBuyAnotherLot() {
      market.resting("a1 sell 1 @ 100");

      market.submit("b1 buy for 200");

      market.printed(
          """
          a1 -> b1  1 @ 100 = 100
          b1 expired 100 insufficient-liquidity
          """);
    }

    @Test
    void exhaustedBookCompletesWhatWouldNotBuyAnotherLot() {
      market.resting("a1 sell 1 @ 100");

      market.submit("b1 buy for 199");

      market.printed(
          """
          a1 -> b1  1 @ 100 = 100
          b1 completed 99 returned
          """);
    }

    @Test
    void roundingDownMayGiveTheLastLotForTheLastUnit() {
      // 7 base units at 150 per 100 cost floor(10.5) = 10; 8 would cost 12.
      market = new Tape(new BookTerms(100, 100), 1);
      market.resting("a1 sell 100 @ 150");

      market.submit("b1 buy for 10");

      market.printed("a1 -> b1  7 @ 150 = 10");
    }

    @Test
    void roundingDownTwiceIsNotABargain() {
      // 2 base units at 150 per 100 cost 3; 1 costs 1, and 1 more would again cost only 1.
      market = new Tape(new BookTerms(100, 100), 1);
      market.resting("a1 sell 100 @ 150");

      market.submit("b1 buy for 2");

      market.printed(
          """
          a1 -> b1  1 @ 150 = 1
          b1 completed 1 returned
          """);
    }

    @Test
    void computesThrough128Bits() {
      // 3 whole of scale 18 at 10^18 each, the most that the ledger counts being 2^62.
      market = new Tape(new BookTerms(1_000_000_000_000_000_000L, 100), 1);
      market.resting("a1 sell 4000000000000000000 @ 1000000000000000000");

      market.submit("b1 buy for 3000000000000000000");

      market.printed("a1 -> b1 3000000000000000000 @ 1000000000000000000 = 3000000000000000000");
    }
  }

  @Nested
  class MarketSells {
    @Test
    void sellsDownTheBook() {
      market.resting("a1 buy 1 @ 5", "a2 buy 2 @ 100");

      market.submit("b1 sell 3");

      market.printed(
          """
          a2 -> b1  2 @ 100 = 200
          a1 -> b1  1 @ 5 = 5
          """);
    }

    @Test
    void expiresWhatNobodyBuys() {
      market.resting("a1 buy 1 @ 100");

      market.submit("b1 sell 3");

      market.printed(
          """
          a1 -> b1  1 @ 100 = 100
          b1 expired 2 insufficient-liquidity
          """);
      market.holds("");
    }
  }

  @Nested
  class SelfTrades {
    @Test
    void takerIsCancelledByDefaultAndKeepsItsFills() {
      market.resting("a1 sell 1 @ 99", "b1 sell 5 @ 100");

      market.submit("b2 buy 5 @ 100");

      market.printed(
          """
          a1 -> b2  1 @ 99 = 99
          b2 expired 4 self-trade
          """);
      market.holds("b1 sell 5 @ 100");
    }

    @Test
    void makerIsCancelledAndTheTakerGoesOn() {
      market.resting("b1 sell 5 @ 100", "a1 sell 1 @ 100");

      market.submit("b2 buy 3 @ 100 cancel-maker");

      market.printed(
          """
          b1 cancelled 5 self-trade
          a1 -> b2  1 @ 100 = 100
          b2 rests  2 @ 100
          """);
    }

    @Test
    void bothAreCancelled() {
      market.resting("b1 sell 5 @ 100", "a1 sell 1 @ 100");

      market.submit("b2 buy 3 @ 100 cancel-both");

      market.printed(
          """
          b1 cancelled 5 self-trade
          b2 expired 3 self-trade
          """);
      market.holds("a1 sell 1 @ 100");
    }

    @Test
    void ownOrdersBeyondTheTakersReachAreLeftAlone() {
      market.resting("a1 sell 3 @ 100", "b1 sell 5 @ 101");

      market.submit("b2 buy 5 @ 100");

      market.printed(
          """
          a1 -> b2  3 @ 100 = 300
          b2 rests  2 @ 100
          """);
    }

    @Test
    void marketBuyThatCannotPayItsOwnOrderCompletesInstead() {
      market.resting("a1 sell 1 @ 100", "b1 sell 5 @ 101");

      market.submit("b2 buy for 200");

      market.printed(
          """
          a1 -> b2  1 @ 100 = 100
          b2 completed 100 returned
          """);
    }
  }

  @Nested
  class SweepLimit {
    @Test
    void restOfALongSweepExpiresAndNeverRestsAcrossTheBook() {
      market = new Tape(new BookTerms(1, 2), 1);
      market.resting("a1 sell 1 @ 100", "a2 sell 1 @ 100", "a3 sell 1 @ 100");

      market.submit("b1 buy 5 @ 100");

      market.printed(
          """
          a1 -> b1  1 @ 100 = 100
          a2 -> b1  1 @ 100 = 100
          b1 expired 3 sweep-limit
          """);
    }

    @Test
    void limitThatIsReachedButNotExceededChangesNothing() {
      market = new Tape(new BookTerms(1, 2), 1);
      market.resting("a1 sell 1 @ 100", "a2 sell 1 @ 100");

      market.submit("b1 buy 5 @ 100");

      market.printed(
          """
          a1 -> b1  1 @ 100 = 100
          a2 -> b1  1 @ 100 = 100
          b1 rests  3 @ 100
          """);
    }

    @Test
    void cancelledMakersCountToo() {
      market = new Tape(new BookTerms(1, 2), 1);
      market.resting("b1 sell 1 @ 100", "b2 sell 1 @ 100", "b3 sell 1 @ 100");

      market.submit("b4 buy 5 @ 100 cancel-maker");

      market.printed(
          """
          b1 cancelled 1 self-trade
          b2 cancelled 1 self-trade
          b4 expired 5 sweep-limit
          """);
    }
  }

  /** A changed lot leaves odd rests; with 100 base units a whole, 3 @ 30 are worth 0.9. */
  @Nested
  class WorthNothing {
    WorthNothing() {
      market = new Tape(new BookTerms(100, 100), 1);
    }

    @Test
    void makerOfWhomTooLittleIsLeftIsCancelledAndTheTakerGoesOn() {
      market.resting("a1 sell 3 @ 30", "c1 sell 50 @ 31");

      market.submit("b1 buy 10 @ 31");

      market.printed(
          """
          a1 cancelled 3 worth-nothing
          c1 -> b1 10 @ 31 = 3
          """);
    }

    @Test
    void takerOfWhomTooLittleIsLeftExpires() {
      market.resting("a1 buy 5 @ 100", "c1 buy 50 @ 30");

      market.submit("b1 sell 8 @ 1");

      market.printed(
          """
          a1 -> b1 5 @ 100 = 5
          b1 expired 3 worth-nothing
          """);
      market.holds("c1 buy 50 @ 30");
    }

    @Test
    void marketBuyGoesOnPastWhatIsWorthNothing() {
      market.resting("a1 sell 3 @ 30", "c1 sell 500 @ 31");

      market.submit("b1 buy for 1");

      market.printed(
          """
          a1 cancelled 3 worth-nothing
          c1 -> b1 6 @ 31 = 1
          """);
    }

    @Test
    void fillOrKillThatEndsInAnOddRestIsKilled() {
      market.resting("a1 buy 5 @ 100", "c1 buy 50 @ 30");

      market.submit("b1 sell 8 @ 1 fok");

      market.printed("b1 expired 8 fill-or-kill");
    }
  }

  @Nested
  class PriceBands {
    private final Tape market = new Tape(new BookTerms(1, 100, 1_000), 1);

    @Test
    void everyPriceIsTakenWhileNothingTraded() {
      market.submit("a1 sell 5 @ 1");
      market.printed("a1 rests 5 @ 1");
    }

    @Test
    void limitOutsideOfTheBandExpiresWholeOnEitherSide() {
      market.resting("a1 sell 5 @ 100");
      market.submit("b1 buy 1 @ 5000");
      market.printed("a1 -> b1 1 @ 100 = 100");

      market.submit("b2 buy 1 @ 89");
      market.printed("b2 expired 1 price-out-of-band");
      market.submit("b3 buy 1 @ 111");
      market.printed("b3 expired 1 price-out-of-band");
      market.submit("b4 buy 1 @ 90");
      market.printed("b4 rests 1 @ 90");
      market.submit("a2 sell 1 @ 110");
      market.printed("a2 rests 1 @ 110");
      market.submit("b5 buy 5 @ 111 fok");
      market.printed("b5 expired 5 price-out-of-band");
    }

    @Test
    void sweepOfAMarketOrderStopsAtTheBandWhereItBeganThoughItsOwnTradesMoveThePrice() {
      market.resting("a1 sell 2 @ 100", "a2 sell 2 @ 105", "a3 sell 2 @ 111");
      market.submit("b1 buy 1 @ 100");

      market.submit("b2 buy for 1000");

      market.printed(
          """
          a1 -> b2 1 @ 100 = 100
          a2 -> b2 2 @ 105 = 210
          b2 expired 690 price-out-of-band
          """);
      market.submit("b3 buy for 111");
      market.printed("a3 -> b3 1 @ 111 = 111");
    }

    @Test
    void marketBuyThatBuysNoFurtherLotIsCompleteThoughTheRestIsOutOfReach() {
      market.resting("a1 sell 2 @ 100", "a2 sell 2 @ 200");
      market.submit("b1 buy 1 @ 100");

      market.submit("b2 buy for 150");

      market.printed(
          """
          a1 -> b2 1 @ 100 = 100
          b2 completed 50 returned
          """);
    }

    @Test
    void marketSellStopsAtTheBand() {
      market.resting("a1 buy 2 @ 100", "a2 buy 2 @ 90", "a3 buy 2 @ 89");
      market.submit("b1 sell 1 @ 100");

      market.submit("b2 sell 5");

      market.printed(
          """
          a1 -> b2 1 @ 100 = 100
          a2 -> b2 2 @ 90 = 180
          b2 expired 2 price-out-of-band
          """);
      market.holds("a3 buy 2 @ 89");
    }
  }

  @Nested
  class Cancels {
    @Test
    void ownerTakesOutWhatIsLeft() {
      market.resting("a1 sell 5 @ 100");
      market.submit("b1 buy 2 @ 100");

      market.cancel("a1");

      market.printed("a1 cancelled 3 by-owner");
      market.holds("");
    }

    @Test
    void cancelOfSomethingGoneChangesNothing() {
      market.resting("a1 sell 2 @ 100");
      market.submit("b1 buy 2 @ 100");

      market.cancel("a1");

      market.printed("");
    }

    @Test
    void middleOfAQueueLeavesItsNeighboursInOrder() {
      market.resting("a1 sell 1 @ 100", "a2 sell 1 @ 100", "a3 sell 1 @ 100");
      market.cancel("a2");

      market.submit("b1 buy 2 @ 100");

      market.printed(
          """
          a1 -> b1  1 @ 100 = 100
          a3 -> b1  1 @ 100 = 100
          """);
    }
  }

  @Nested
  class Reductions {
    @Test
    void reducedOrderKeepsItsPlace() {
      market.resting("a1 sell 5 @ 100", "b1 sell 5 @ 100");

      market.reduce("a1", 2);

      market.printed("a1 reduced by 3 to 2");
      market.submit("c1 buy 3 @ 100");
      market.printed(
          """
          a1 -> c1 2 @ 100 = 200
          b1 -> c1 1 @ 100 = 100
          """);
    }

    @Test
    void reductionOfSomethingGoneOrToNoLessChangesNothing() {
      market.resting("a1 sell 5 @ 100", "b1 sell 5 @ 100");
      market.cancel("b1");

      market.reduce("a1", 5);
      market.printed("");
      market.reduce("a1", 6);
      market.printed("");
      market.reduce("b1", 1);
      market.printed("");
      market.holds("a1 sell 5 @ 100");
    }
  }

  @Nested
  class LoadingAndLooking {
    private final OrderBook book = new OrderBook(new BookTerms(1, 100));

    @Test
    void restoredOrdersKeepTheirPriority() {
      RestingOrder first = new RestingOrder(3, "a", Side.SELL, 100, 1);
      RestingOrder better = new RestingOrder(5, "a", Side.SELL, 99, 1);
      RestingOrder second = new RestingOrder(7, "c", Side.SELL, 100, 1);

      List.of(first, better, second).forEach(book::restore);

      assertThat(book.resting(Side.SELL)).containsExactly(better, first, second);
      assertThat(book.best(Side.SELL)).hasValue(99);
      assertThat(book.best(Side.BUY)).isEmpty();
      assertThat(book.resting(7)).contains(second);
      assertThat(book.resting(4)).isEmpty();
    }

    @Test
    void depthAddsUpEachPrice() {
      book.restore(new RestingOrder(1, "a", Side.SELL, 100, 1));
      book.restore(new RestingOrder(2, "b", Side.SELL, 100, 2));
      book.restore(new RestingOrder(3, "b", Side.SELL, 101, 3));
      book.restore(new RestingOrder(4, "b", Side.BUY, 99, 4));

      assertThat(book.depth(1))
          .isEqualTo(
              new Depth(List.of(new Depth.Level(99, 4, 1)), List.of(new Depth.Level(100, 3, 2))));
    }

    @Test
    void numbersMustIncrease() {
      book.restore(new RestingOrder(5, "a", Side.SELL, 100, 1));

      assertThatThrownBy(() -> book.restore(new RestingOrder(5, "a", Side.SELL, 100, 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("above 5");
      assertThatThrownBy(() -> book.submit(new Taker.MarketSell(4, "a", 1, SelfTrade.CANCEL_TAKER)))
          .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void crossedBookIsNotLoaded() {
      book.restore(new RestingOrder(1, "a", Side.SELL, 100, 1));

      assertThatThrownBy(() -> book.restore(new RestingOrder(2, "b", Side.BUY, 100, 1)))
          .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void orderWorthMoreThanALongIsRefusedBeforeItTouchesAnything() {
      book.restore(new RestingOrder(1, "a", Side.SELL, 100, 1));

      assertThatThrownBy(() ->
              book.submit(
                  new Taker.Limit(
                      2,
                      "b",
                      Side.BUY,
                      Long.MAX_VALUE,
                      2,
                      TimeInForce.GTC,
                      SelfTrade.CANCEL_TAKER)))
          .isInstanceOf(ArithmeticException.class);

      assertThat(book.size()).isEqualTo(1);
    }
  }
}
