package dev.sagax.platform.log;

import java.util.List;
import java.util.OptionalLong;

/** The log as one reading sees it. Every call blocks and throws when the broker is away. */
public interface LogView {

  /** A log without records. */
  LogView EMPTY =
      new LogView() {
        @Override
        public long begin(Topic topic, int partition) {
          return 0;
        }

        @Override
        public long end(Topic topic, int partition) {
          return 0;
        }

        @Override
        public List<LogRecord> read(Topic topic, int partition, long offset, int most) {
          return List.of();
        }

        @Override
        public OptionalLong offsetAt(Topic topic, int partition, long millis) {
          return OptionalLong.empty();
        }
      };

  /** The offset of the oldest record that is kept. */
  long begin(Topic topic, int partition);

  /** The offset that the next record will get, as it was when the reading first asked. */
  long end(Topic topic, int partition);

  /**
   * Records in their order.
   *
   * @param offset of the first one
   * @return fewer than {@code most} only where the log ends
   */
  List<LogRecord> read(Topic topic, int partition, long offset, int most);

  /** The offset of the first record that was appended at this time or later. */
  OptionalLong offsetAt(Topic topic, int partition, long millis);
}
