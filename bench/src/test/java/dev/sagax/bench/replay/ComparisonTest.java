package dev.sagax.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.bench.replay.Instruction.Side;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final BookSide BIDS = new BookSide("A-B", Side.BUY);

  @Test
  void equalTradesMayBeSpeltDifferently() {
    assertThat(
            Comparison.ofTrades(
                Map.of("A-B", List.of(trade("1.50", "2", "m"))),
                Map.of("A-B", List.of(trade("1.5", "2.000", "m")))))
        .isEmpty();
  }

  @Test
  void theOrderOfTradesCounts() {
    RecordedTrade first = trade("1", "2", "m-1");
    RecordedTrade second = trade("1", "2", "m-2");

    assertThat(
            Comparison.ofTrades(
                Map.of("A-B", List.of(first, second)), Map.of("A-B", List.of(second, first))))
        .containsExactly(
            "A-B trade 1: recorded BUY 2 at 1, maker m-1, made BUY 2 at 1, maker m-2.",
            "A-B trade 2: recorded BUY 2 at 1, maker m-2, made BUY 2 at 1, maker m-1.");
  }

  @Test
  void missingAndSurplusTradesAreNamed() {
    RecordedTrade trade = trade("1", "2", "m");

    assertThat(Comparison.ofTrades(Map.of("A-B", List.of(trade)), Map.of()))
        .containsExactly("A-B trade 1: recorded BUY 2 at 1, maker m, made none.");
    assertThat(Comparison.ofTrades(Map.of(), Map.of("A-B", List.of(trade))))
        .containsExactly("A-B trade 1: recorded none, made BUY 2 at 1, maker m.");
  }

  @Test
  void equalLevelsMayBeSpeltDifferently() {
    assertThat(
            Comparison.ofBooks(
                Map.of(BIDS, levels("1.0", "2")), Map.of(BIDS, levels("1.00", "2.0"))))
        .isEmpty();
  }

  @Test
  void everyLevelThatDiffersIsNamed() {
    BookSide asks = new BookSide("A-B", Side.SELL);

    assertThat(
            Comparison.ofBooks(
                Map.of(BIDS, levels("1", "2", "3", "4"), asks, levels("9", "1")),
                Map.of(BIDS, levels("1", "2.5", "5", "4"))))
        .containsExactly(
            "A-B BUY at 1: recorded 2, rests 2.5.",
            "A-B BUY at 3: recorded 4, rests 0.",
            "A-B BUY at 5: recorded 0, rests 4.",
            "A-B SELL at 9: recorded 1, rests 0.");
  }

  private static RecordedTrade trade(String price, String quantity, String maker) {
    return new RecordedTrade(
        "A-B", Side.BUY, new BigDecimal(price), new BigDecimal(quantity), maker);
  }

  private static Map<BigDecimal, BigDecimal> levels(String... pricesAndQuantities) {
    Map<BigDecimal, BigDecimal> levels = new TreeMap<>();
    for (int i = 0; i < pricesAndQuantities.length; i += 2) {
      levels.put(
          new BigDecimal(pricesAndQuantities[i]), new BigDecimal(pricesAndQuantities[i + 1]));
    }
    return levels;
  }
}
