package dev.sagax.order.saga.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.LogView;
import dev.sagax.platform.log.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Searching a long log: everything that is there is found, and little is read for it. */
class SagaLogTest {
  private static final Topic TOPIC = Topic.SETTLE_REQUESTED;
  private static final int EXPIRED = 1_000;

  /** A log in which records were published again, and whose oldest ones are gone. */
  private static final class Published implements LogView {
    private final List<Long> numbers = new ArrayList<>();
    private int read;

    @Override
    public long begin(Topic topic, int partition) {
      return EXPIRED;
    }

    @Override
    public long end(Topic topic, int partition) {
      return numbers.size();
    }

    @Override
    public List<LogRecord> read(Topic topic, int partition, long offset, int most) {
      List<LogRecord> records = new ArrayList<>();
      for (long at = offset; at < Math.min(numbers.size(), offset + most); at++) {
        records.add(new LogRecord(TOPIC, 0, numbers.get((int) at), at, null, null));
      }
      read += records.size();
      return records;
    }

    @Override
    public OptionalLong offsetAt(Topic topic, int partition, long millis) {
      return OptionalLong.empty();
    }
  }

  @Test
  void everyNumberIsFoundThoughRecordsWerePublishedAgain() {
    long seed = Long.getLong("sagax.seed", System.nanoTime());
    System.out.println("sagax.seed=" + seed);
    Random random = new Random(seed);
    Published published = new Published();
    int last = 50_000;
    for (long number = 1; number <= last; number++) {
      published.numbers.add(number);
      if (random.nextInt(500) == 0) {
        for (long again = Math.max(1, number - random.nextInt(80)); again <= number; again++) {
          published.numbers.add(again);
        }
      }
    }
    SagaLog log = new SagaLog(published, 0);

    for (int round = 0; round < 500; round++) {
      long wanted = EXPIRED + 1 + random.nextInt(last - EXPIRED);
      assertThat(log.numbered(TOPIC, wanted))
          .as("number %d, seed %d", wanted, seed)
          .hasValueSatisfying(record -> {
            assertThat(record.position()).isEqualTo(wanted);
            assertThat(record.offset()).isEqualTo(published.numbers.indexOf(wanted));
          });
    }

    assertThat(published.read / 500).isLessThan(2_000);
    assertThat(log.numbered(TOPIC, 1)).isEmpty();
    assertThat(log.numbered(TOPIC, last + 1)).isEmpty();
    assertThat(log.lastNumber(TOPIC)).isEqualTo(last);
  }
}
