package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class IgnoredRecordsTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // nanoTime may overflow
  private final IgnoredRecords ignored = new IgnoredRecords("echo-svc", 3, now::get);

  @Test
  void everyRecordIsCountedByItsTopic() {
    ignored.count(Topic.SETTLE_COMPLETED);
    ignored.count(Topic.SETTLE_COMPLETED);
    ignored.count(Topic.ORDER_REQUESTED);

    assertThat(ignored.of(Topic.SETTLE_COMPLETED)).isEqualTo(2);
    assertThat(ignored.of(Topic.ORDER_REQUESTED)).isEqualTo(1);
    assertThat(ignored.of(Topic.MATCH_REQUESTED)).isZero();
  }

  @Test
  void theLogIsToldAtMostEveryTenSeconds() {
    assertThat(ignored.count(Topic.ORDER_REQUESTED)).isTrue();
    assertThat(ignored.count(Topic.ORDER_REQUESTED)).isFalse();
    now.addAndGet(TimeUnit.SECONDS.toNanos(9));
    assertThat(ignored.count(Topic.ORDER_REQUESTED)).isFalse();
    now.addAndGet(TimeUnit.SECONDS.toNanos(2));
    assertThat(ignored.count(Topic.ORDER_REQUESTED)).isTrue();
  }
}
