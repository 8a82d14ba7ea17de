package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputLogTest {
  private static final Topic TOPIC = Topic.SETTLE_REQUESTED;

  @ParameterizedTest(name = "PostgreSQL at {1}, log {0}")
  @CsvSource({"1, 0", "7, 6", "3 4 5 6 7, 4", "6 7 8, 2", "6 7 5 6, 6", "0 99999 6 7, 6"})
  void logAheadOfPostgresIsRefused(String log, long lastSeq) {
    assertThatThrownBy(() -> tail(log).requireNotAheadOf(Map.of(TOPIC, lastSeq)))
        .isInstanceOf(PartitionStoppedException.class)
        .hasMessageContaining("settle.requested")
        .hasMessageContaining("partition 3")
        .hasMessageContaining("restore it to a state that has number");
  }

  @ParameterizedTest(name = "PostgreSQL at {1}, log {0}")
  @CsvSource({"1, 1", "5 6, 9", "5 6 5 6 6, 6", "5 6 99999, 6", "99999 5 0 6, 6"})
  void repeatsAndStraysProveNothing(String log, long lastSeq) {
    assertThatCode(() -> tail(log).requireNotAheadOf(Map.of(TOPIC, lastSeq)))
        .doesNotThrowAnyException();
  }

  @Test
  void whatIsToldIsTheLastNumberThatIsMissing() {
    assertThat(OutputLog.Tail.lastAheadOf(4, List.of(3L, 4L, 5L, 6L, 5L, 6L, 7L))).hasValue(7);
    assertThat(OutputLog.Tail.lastAheadOf(7, List.of(3L, 4L, 5L, 6L, 7L))).isEmpty();
  }

  private static OutputLog.Tail tail(String log) {
    List<Long> numbers = Arrays.stream(log.split(" ")).map(Long::valueOf).toList();
    return new OutputLog.Tail(3, Map.of(TOPIC, numbers));
  }
}
