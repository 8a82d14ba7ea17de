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

  @ParameterizedTest(name = "of {0} ms, within {1} ms, are left {2} ms")
  @CsvSource({"600000, 5000, 5000", "10000, 3600000, 9950"})
  void aPartMayHaveLessTimeThanTheCallButNeverMore(
      long timeoutMillis, long partMillis, long leftMillis) {
    Deadline part = Deadline.of(timeoutMillis).within(partMillis);

    assertThat(part.remainingMillis()).isBetween(leftMillis - SLOW_MACHINE_MILLIS, leftMillis);
  }

  @ParameterizedTest
  @CsvSource({"1", "100"})
  void aShortTimeIsNotSpentOnTheWayBack(long timeoutMillis) {
    assertThat(Deadline.of(timeoutMillis).remainingMillis()).isBetween(1L, timeoutMillis);
  }
}
