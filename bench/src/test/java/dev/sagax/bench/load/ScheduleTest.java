package dev.sagax.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
  private static final long START = -5_000_000_123L;

  @Test
  void spacingIsConstantFromTheFirstSecondToTheLast() {
    Schedule schedule = new Schedule(START, 1_000, 60_000);

    for (long order = 0; order < 60_000; order++) {
      assertThat(schedule.dueNanos(order)).isEqualTo(START + order * 1_000_000);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 700, 1_100, 2_999})
  void anOrderIsDueExactlyFromItsMomentOn(int perSecond) {
    Schedule schedule = new Schedule(START, perSecond, 5L * perSecond);

    for (long order = 0; order < schedule.orders(); order++) {
      long due = schedule.dueNanos(order);
      assertThat(schedule.dueBy(due - 1)).isEqualTo(order);
      assertThat(schedule.dueBy(due)).isEqualTo(order + 1);
    }
  }

  @Test
  void noMoreIsDueThanThereIs() {
    Schedule schedule = new Schedule(START, 1_000, 10);

    assertThat(schedule.dueBy(START + 60_000_000_000L)).isEqualTo(10);
  }
}
