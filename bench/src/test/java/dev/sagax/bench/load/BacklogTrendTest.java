package dev.sagax.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BacklogTrendTest {
  private static final int SAMPLES = 600;
  private static final double SETTLED_PER_SECOND = 1_000;

  @Test
  void aBacklogThatOnlySwingsDoesNotGrow() {
    assertThat(grows(IntStream.range(0, SAMPLES).mapToObj(n -> 500L + 300 * (n % 2)).toList()))
        .isFalse();
  }

  @Test
  void fallingBehindByOnePercentOfTheRateIsGrowth() {
    assertThat(grows(IntStream.range(0, SAMPLES).mapToObj(n -> 500L + n).toList())).isTrue();
  }

  @Test
  void aPeakInTheMiddleThatIsWorkedOffIsNoGrowth() {
    assertThat(
            grows(
                IntStream.range(0, SAMPLES)
                    .mapToObj(n -> n > 200 && n < 300 ? 5_000L : 100L)
                    .toList()))
        .isFalse();
  }

  @Test
  void aShortWindowHasEndsToo() {
    assertThat(BacklogTrend.of(List.of(1L, 2L, 3L))).isEqualTo(new BacklogTrend(1, 3));
  }

  private static boolean grows(List<Long> samples) {
    BacklogTrend trend = BacklogTrend.of(samples);
    return trend.last() > trend.allowed(SETTLED_PER_SECOND);
  }
}
