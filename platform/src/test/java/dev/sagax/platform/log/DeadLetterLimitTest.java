package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DeadLetterLimitTest {
  private final AtomicLong now = new AtomicLong(1_000_000);
  private final DeadLetterLimit limit = new DeadLetterLimit(10, now::get);

  @Test
  void asManyAsTheLimitGoThroughAndOneMoreStops() {
    write(6);
    now.addAndGet(59_999);
    write(4);

    limit.check(0);
    assertStops(1, "10 records of the last minute were put aside and 1 more");
  }

  @Test
  void whatIsAMinuteOldIsForgotten() {
    write(6);
    now.addAndGet(30_000);
    write(4);

    now.addAndGet(30_000);

    write(6);
    assertStops(1, "10 records");
  }

  @Test
  void oneBatchMayGoBeyondTheLimitAndTheNextStopsAgainAndAgain() {
    write(9);
    write(500);

    assertStops(1, "509 records of the last minute were put aside and 1 more");
    assertStops(500, "509 records of the last minute were put aside and 500 more");
    limit.check(0);
  }

  @Test
  void whatAPersonHasSeenDoesNotCount() {
    write(500);

    limit.startOver();

    write(10);
    assertStops(1, "10 records of the last minute were put aside and 1 more");
  }

  @Test
  void whatIsNotCommittedDoesNotCount() {
    write(9);
    limit.check(10);

    limit.check(10);
  }

  private void write(int letters) {
    limit.check(letters);
    limit.count(letters);
  }

  private void assertStops(int letters, String message) {
    assertThatThrownBy(() -> limit.check(letters))
        .isInstanceOf(PartitionStoppedException.class)
        .hasMessageContaining(message);
  }
}
