package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputLogTest {
  private static final TopicPartition AT = new TopicPartition(Topic.SETTLE_REQUESTED.topicName, 3);

  @ParameterizedTest(name = "PostgreSQL at {1}, log {0}")
  @CsvSource({
    "1, 0",
    "1 2 3 4 5 6 7, 6",
    "1 2 3 4 5 6 7, 4",
    "1 2 3 3 4 5 3 2, 3",
    "1 2 99999 3, 2",
    "1 2 7 8 3 4, 3",
    "3 1 2 3, 2"
  })
  void logWhereAReaderAcceptsMoreThanWasGivenOutIsRefused(String log, long lastSeq) {
    assertRefused(numbers(log), lastSeq, 0);
  }

  /**
   * Of a process that should be dead, and that published what a restored database has forgotten.
   */
  @ParameterizedTest(name = "PostgreSQL at {1}, log {0}")
  @CsvSource({
    "1, 1",
    "1 2 3 4 5 6, 9",
    "1 2 3 1 2 3 3, 3",
    "1 2 3 99999, 3",
    "99999 1 0 2, 2",
    "1 2 3 8 9 10 11, 3",
    "1 2 8 9 10 3 4, 4",
    "1 2 8 9 10 3 4 5 6 7, 7",
    "1 2 8 9 10 3 4 5 6, 7",
    "4 5 6 1 2 3, 3"
  })
  void repeatsAndStraysProveNothingHoweverMany(String log, long lastSeq) {
    assertThatCode(() -> read(numbers(log), lastSeq, 0)).doesNotThrowAnyException();
  }

  @Test
  void onlyTheEndOfALongLogIsRead() {
    OutputLog.Reader reader = new OutputLog.Reader(10_000, 0);
    assertThat(reader.firstOffset()).isEqualTo(9_500);

    List<Long> end = LongStream.rangeClosed(9_500, 10_000).boxed().toList();
    assertThatCode(() -> read(end, 10_000, 0)).doesNotThrowAnyException();
    assertRefused(end, 9_999, 0);
  }

  /** Whether a reader would have accepted them nobody knows any more. */
  @ParameterizedTest(name = "PostgreSQL at {1}, log {0}")
  @CsvSource({"3 4 5 6 7, 4", "6 7 8, 2", "6 7 5 6, 6"})
  void logThatDoesNotKeepThePlaceAnyMoreIsRefusedForTwoInARow(String log, long lastSeq) {
    assertRefused(numbers(log), lastSeq, 5);
  }

  @ParameterizedTest(name = "PostgreSQL at {1}, log {0}")
  @CsvSource({"5 6, 9", "5 6 5 6 6, 6", "5 6 99999, 6", "99999 5 0 6, 6"})
  void logThatDoesNotKeepThePlaceAnyMoreIsTakenWithASingleStray(String log, long lastSeq) {
    assertThatCode(() -> read(numbers(log), lastSeq, 5)).doesNotThrowAnyException();
  }

  @Test
  void onlyATopicWithHigherNumbersIsDoubtful() {
    OutputLog.Tail tail =
        new OutputLog.Tail(
            3,
            Map.of(Topic.SETTLE_REQUESTED, 9L, Topic.MATCH_DLQ, 9L),
            Map.of(Topic.SETTLE_REQUESTED, 7L, Topic.MATCH_DLQ, 7L));

    assertThat(tail.doubtful(Map.of(Topic.SETTLE_REQUESTED, 7L))).containsExactly(Topic.MATCH_DLQ);
  }

  private static void assertRefused(List<Long> log, long lastSeq, long begin) {
    assertThatThrownBy(() -> read(log, lastSeq, begin))
        .isInstanceOf(PartitionStoppedException.class)
        .hasMessageContaining("settle.requested")
        .hasMessageContaining("partition 3")
        .hasMessageContaining("restore it to a state that has number");
  }

  private static void read(List<Long> log, long lastSeq, long begin) {
    OutputLog.Reader reader = new OutputLog.Reader(lastSeq, begin);
    log.forEach(reader::read);
    reader.requireNotAhead(AT);
  }

  private static List<Long> numbers(String log) {
    return Arrays.stream(log.split(" ")).map(Long::valueOf).toList();
  }
}
