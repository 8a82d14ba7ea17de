package dev.sagax.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.match.SettledIds.Range;
import org.junit.jupiter.api.Test;

class SettledIdsTest {
  private final SettledIds ids = new SettledIds();

  @Test
  void tradesInARowAreOneRange() {
    settle("A", 1, 2, 3);

    assertThat(ids.takeChanges()).containsExactly(new Range("A", 1, 3));
    assertThat(ids.takeChanges()).isEmpty();
  }

  @Test
  void refusedTradesEndARange() {
    settle("A", 1, 2, 5, 6, 9);

    assertThat(ids.takeChanges())
        .containsExactly(new Range("A", 1, 2), new Range("A", 5, 6), new Range("A", 9, 9));
  }

  @Test
  void rangeThatIsStoredGrowsUnderItsFirstId() {
    settle("A", 5);
    ids.takeChanges();

    settle("A", 6, 8);

    assertThat(ids.takeChanges()).containsExactly(new Range("A", 5, 6), new Range("A", 8, 8));
  }

  @Test
  void loadedRangeGoesOn() {
    ids.restore(new Range("A", 3, 7));

    assertThat(ids.add("A", 7)).isFalse();
    assertThat(ids.add("A", 2)).isFalse();
    assertThat(ids.add("A", 8)).isTrue();

    assertThat(ids.takeChanges()).containsExactly(new Range("A", 3, 8));
  }

  @Test
  void marketsAreNumberedForThemselves() {
    settle("A", 1);
    settle("B", 1);
    settle("A", 2);

    assertThat(ids.takeChanges()).containsExactly(new Range("A", 1, 2), new Range("B", 1, 1));
  }

  private void settle(String market, long... trades) {
    for (long id : trades) {
      assertThat(ids.add(market, id)).isTrue();
    }
  }
}
