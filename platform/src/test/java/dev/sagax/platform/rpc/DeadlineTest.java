package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeadlineTest {
  private static final long SLOW_MACHINE_MILLIS = 2_000;

  @ParameterizedTest(name = "of {0} ms an answer may take {1} ms")
  @CsvSource({"0, 4950", "10000, 9950", "3600000, 599950", "9223372036854775807, 599950"})
  void anAnswerLeavesTimeForTheWayBack(long timeoutMillis, long answerMillis) {
    Deadline deadline = Deadline.of(timeoutMillis);

    assertThat(deadline.remainingMillis())
        .isBetween(answerMillis - SLOW_MACHINE_MILLIS, answerMillis);
    assertThat(deadline.hasPassed()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"1", "100"})
  void aShortTimeIsNotSpentOnTheWayBack(long timeoutMillis) {
    assertThat(Deadline.of(timeoutMillis).remainingMillis()).isBetween(1L, timeoutMillis);
  }
}
