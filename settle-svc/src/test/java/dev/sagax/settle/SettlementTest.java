package dev.sagax.settle;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettlementTest {

  /** Where the last unit goes: the buyer pays, the seller receives less its fee, and so back. */
  @ParameterizedTest
  @CsvSource({
    // quantity, quote, buyer bps, seller bps -> base net, base fee, quote net, quote fee
    "200, 99999, 20, 10, 199, 1, 99899, 100",
    "1, 1, 1, 1, 0, 1, 0, 1",
    "1, 1, 0, 0, 1, 0, 1, 0",
    "10000, 10000, 1, 10000, 9999, 1, 0, 10000",
    "10001, 9999, 1, 1, 9999, 2, 9998, 1",
    "4611686018427387904, 4611686018427387904, 1, 0, 4611224849825545165, 461168601842739, 4611686018427387904, 0"
  })
  void eachSideReceivesWhatTheOtherPaysLessItsFee(
      long quantity,
      long quote,
      int buyerBps,
      int sellerBps,
      long baseNet,
      long baseFee,
      long quoteNet,
      long quoteFee) {
    Outcome.Party buyer = party("buy", "alice", Outcome.Side.BUY, buyerBps);
    Outcome.Party seller = party("sell", "bob", Outcome.Side.SELL, sellerBps);

    Settlement settlement =
        Settlement.of(outcome(buyer, List.of(new Outcome.Fill(seller, quantity, quote))));

    assertThat(settlement.legs())
        .containsExactly(
            new Leg(
                "buy", "alice", "KRW", quote, "BTC", baseNet, baseFee, quantity, 0, quantity,
                quote),
            new Leg(
                "sell", "bob", "BTC", quantity, "KRW", quoteNet, quoteFee, quantity, 0, quantity,
                quote));
  }

  @Test
  void takerThatSweepsHasOneLegAndPaysTheFeeOfEachFill() {
    Outcome.Party taker = party("t", "alice", Outcome.Side.BUY, 1);
    Outcome.Party first = party("m1", "bob", Outcome.Side.SELL, 0);
    Outcome.Party second = party("m2", "carol", Outcome.Side.SELL, 0);

    Settlement settlement =
        Settlement.of(
            outcome(
                taker,
                List.of(new Outcome.Fill(first, 10, 100), new Outcome.Fill(second, 5, 60)),
                new Outcome.Release(taker, 3),
                new Outcome.Release(second, 0)));

    assertThat(settlement.legs()).extracting(Leg::orderId).containsExactly("t", "m1", "m2");
    assertThat(settlement.legs().getFirst())
        .isEqualTo(new Leg("t", "alice", "KRW", 160, "BTC", 13, 2, 15, 3, 15, 160));
    assertThat(settlement.legs().getFirst().takenLeftUnits()).isEqualTo(18);
    assertThat(settlement.fees()).isEqualTo(Map.of("BTC", 2L));
  }

  @Test
  void marketBuyCountsWhatIsLeftInQuoteUnits() {
    Outcome.Party taker = new Outcome.Party("t", "alice", Outcome.Side.BUY, 0, true);
    Outcome.Party maker = party("m", "bob", Outcome.Side.SELL, 0);

    Settlement settlement =
        Settlement.of(
            outcome(
                taker, List.of(new Outcome.Fill(maker, 10, 99)), new Outcome.Release(taker, 1)));

    assertThat(settlement.legs().getFirst().takenLeftUnits()).isEqualTo(100);
    assertThat(settlement.legs().getLast().takenLeftUnits()).isEqualTo(10);
  }

  @Test
  void outcomeWithoutFillsAndReleasesMovesNothing() {
    Settlement settlement =
        Settlement.of(outcome(party("t", "alice", Outcome.Side.BUY, 1), List.of()));

    assertThat(settlement.legs()).isEmpty();
  }

  @Test
  void whatLegsPayIsWhatLegsReceiveAndTheFeesPerAsset() {
    long seed = Long.getLong("sagax.seed", System.nanoTime());
    System.out.println("SettlementTest: repeat with -Dsagax.seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      Settlement settlement = Settlement.of(randomOutcome(random));

      Map<String, BigInteger> sums = new HashMap<>();
      for (Leg leg : settlement.legs()) {
        sums.merge(leg.payAsset(), BigInteger.valueOf(-leg.payUnits()), BigInteger::add);
        sums.merge(leg.receiveAsset(), BigInteger.valueOf(leg.receiveUnits()), BigInteger::add);
        sums.merge(leg.receiveAsset(), BigInteger.valueOf(leg.feeUnits()), BigInteger::add);
      }
      assertThat(sums.values()).allMatch(sum -> sum.signum() == 0);
    }
  }

  private static Outcome randomOutcome(Random random) {
    boolean buys = random.nextBoolean();
    Outcome.Party taker =
        party("t", "alice", buys ? Outcome.Side.BUY : Outcome.Side.SELL, random.nextInt(10_001));
    List<Outcome.Fill> fills = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      Outcome.Party maker =
          party(
              "m" + random.nextInt(3),
              "bob",
              buys ? Outcome.Side.SELL : Outcome.Side.BUY,
              random.nextInt(10_001));
      fills.add(
          new Outcome.Fill(maker, 1 + random.nextLong(1L << 58), 1 + random.nextLong(1L << 58)));
    }
    return outcome(taker, fills, new Outcome.Release(taker, random.nextInt(10)));
  }

  private static Outcome outcome(
      Outcome.Party taker, List<Outcome.Fill> fills, Outcome.Release... releases) {
    return new Outcome(1, 2, "BTC", "KRW", taker, fills, List.of(releases));
  }

  private static Outcome.Party party(String order, String account, Outcome.Side side, int bps) {
    return new Outcome.Party(order, account, side, bps, false);
  }
}
