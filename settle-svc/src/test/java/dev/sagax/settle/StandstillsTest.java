package dev.sagax.settle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StandstillsTest {
  private static final FlowPartition SETTLE = new FlowPartition(Flow.SETTLE, 1);

  private long seconds = 1_000;
  private final Standstills standstills = new Standstills(() -> Instant.ofEpochSecond(seconds));

  @Test
  void positionThatIsNotJournaledForFiveMinutesIsABreach() {
    assertThat(look(SETTLE, 8, 7)).isEmpty();
    assertThat(lookAfter(300, SETTLE, 8, 7)).isEmpty();

    assertThat(lookAfter(5, SETTLE, 8, 7))
        .hasValueSatisfying(finding ->
            assertThat(finding)
                .contains("Partition 1 of the flow settle stands still: for 305 s")
                .contains("up to position 8, but the journal has it up to 7 only"));
  }

  @Test
  void logThatMovesDoesNotStandStill() {
    look(SETTLE, 8, 7);
    assertThat(lookAfter(300, SETTLE, 9, 8)).isEmpty();
    assertThat(lookAfter(300, SETTLE, 10, 8)).isEmpty();
    assertThat(lookAfter(300, SETTLE, 10, 10)).isEmpty();
    assertThat(lookAfter(300, SETTLE, 11, 10)).isEmpty();
  }

  @Test
  void timeInWhichNobodyLookedCountsLittle() {
    look(SETTLE, 8, 7);
    seconds += 3_600;

    assertThat(look(SETTLE, 8, 7)).isEmpty();
  }

  @Test
  void timeInWhichAStoreWasAwayDoesNotCount() {
    look(SETTLE, 8, 7);
    lookAfter(300, SETTLE, 8, 7);

    standstills.forget();

    assertThat(lookAfter(5, SETTLE, 8, 7)).isEmpty();
  }

  /** With a look every 5 s. */
  private Optional<String> lookAfter(int after, FlowPartition log, long mark, long journaled) {
    Optional<String> finding = Optional.empty();
    for (int passed = 0; passed < after; passed += 5) {
      seconds += 5;
      finding = look(log, mark, journaled);
    }
    return finding;
  }

  private Optional<String> look(FlowPartition log, long mark, long journaled) {
    return standstills.look(Map.of(log, mark), Map.of(log, journaled));
  }
}
