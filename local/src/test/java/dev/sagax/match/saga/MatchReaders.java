package dev.sagax.match.saga;

import dev.sagax.platform.log.LogRecord;
import java.io.IOException;

/** How match-svc's steps and streams read their records. */
public final class MatchReaders {
  private MatchReaders() {}

  /** What they take the record for; throws if they cannot read it. */
  public static Object read(LogRecord record) throws IOException {
    return switch (record.topic()) {
      case MATCH_REQUESTED -> MatchEvents.decode(record);
      case MATCH_CANCEL_REQUESTED -> CancelEvents.decode(record);
      case SETTLE_COMPLETED -> SettledEvents.decode(record);
      case BOOK_UPDATED -> BookUpdateEvents.decode(record);
      default -> throw new IOException("They do not read " + record.topic());
    };
  }
}
