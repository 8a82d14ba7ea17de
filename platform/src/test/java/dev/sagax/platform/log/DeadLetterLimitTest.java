package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DeadLetterLimitTest {
  private final AtomicLong now = new AtomicLong(1_000_000);
  private final DeadLetterLimit limit = new DeadLetterLimit(10, now::get);

  @Test
  void asManyAsTheLimitGoThroughAndTheNextBatchIsNotBegun() {
    write(6);
    now.addAndGet(59_999);
    write(4);

    assertStops("10 records of the last minute were put aside");
  }

  @Test
  void whatIsAMinuteOldIsForgotten() {
    write(6);
    now.addAndGet(30_000);
    write(4);

    now.addAndGet(30_000);

    write(6);
    assertStops("10 records");
  }

  @Test
  void oneBatchMayGoBeyondTheLimitAndTheNextStopsAgainAndAgain() {
    write(9);
    write(500);

    assertStops("509 records of the last minute were put aside");
    assertStops("509 records of the last minute were put aside");
  }

  @Test
  void whatAPersonHasSeenDoesNotCount() {
    write(500);

    limit.startOver();

    write(10);
    assertStops("10 records of the last minute were put aside");
  }

  @Test
  void whatIsNotCommittedDoesNotCount() {
    write(9);
    limit.check();

    limit.check();
  }

  @Test
  void limitThatWouldStopAStepForEverIsRefused() {
    assertThatThrownBy(() -> new DeadLetterLimit(0, now::get))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dead.letters.per.minute is 0");
  }

  private void write(int letters) {
    limit.check();
    limit.count(letters);
  }

  private void assertStops(String message) {
    assertThatThrownBy(limit::check)
        .isInstanceOf(PartitionStoppedException.class)
        .hasMessageContaining(message);
  }
}
