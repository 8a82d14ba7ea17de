package dev.sagax.platform.stream;

import dev.sagax.platform.log.LogRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The last records of one partition, each the next after the one before. */
final class Recent {
  private static final int MOST_BYTES = 1024 * 1024;
  private static final long UNKNOWN = -1;

  private final ArrayDeque<LogRecord> records = new ArrayDeque<>();
  private final int most;
  private int bytes;
  private long last = UNKNOWN;

  Recent(int most) {
    this.most = most;
  }

  /** How a record stands to those before it. */
  enum Standing {
    NEXT,
    /** Seen before. */
    REPEAT,
    /** Something before it was not seen, or nothing was seen yet. */
    GAP
  }

  Standing add(LogRecord record) {
    if (record.position() <= last) {
      return Standing.REPEAT;
    }
    Standing standing = record.position() == last + 1 ? Standing.NEXT : Standing.GAP;
    if (standing == Standing.GAP) {
      records.clear();
      bytes = 0;
    }
    last = record.position();
    records.add(record);
    bytes += record.bytes();
    while (records.size() > most || bytes > MOST_BYTES && records.size() > 1) {
      bytes -= records.remove().bytes();
    }
    return standing;
  }

  /** Puts older records before these. None is taken for seen that was not. */
  void putBefore(List<LogRecord> older) {
    List<LogRecord> newer = List.copyOf(records);
    long upTo = isKnown() ? last : Long.MAX_VALUE;
    records.clear();
    bytes = 0;
    last = UNKNOWN;
    older.stream().filter(record -> record.position() <= upTo).forEach(this::add);
    newer.forEach(this::add);
  }

  boolean isKnown() {
    return last != UNKNOWN;
  }

  /** The position of the last record that was seen; -1 before the first. */
  long last() {
    return last;
  }

  /** Whether whoever has seen everything up to this position finds all that came after it here. */
  boolean continues(long position) {
    return isKnown() && (position >= last || position >= records.getFirst().position() - 1);
  }

  List<LogRecord> after(long position) {
    List<LogRecord> after = new ArrayList<>();
    for (LogRecord record : records) {
      if (record.position() > position) {
        after.add(record);
      }
    }
    return after;
  }
}
