package dev.sagax.platform.log;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A record that a step has put aside, and what a person has decided about it.
 *
 * @param source the topic that the record was read from; its partition is the dead letter's
 * @param sourceMillis when the record was appended there, milliseconds since 1970; negative if not
 *     known
 * @param subject order or transfer id, "" if not known
 * @param valueBytes the length of its value
 * @param decision null while nobody has decided
 */
public record DeadLetter(
    Id id,
    Topic source,
    long sourceOffset,
    long sourceMillis,
    String subject,
    String error,
    int attempts,
    String service,
    long valueBytes,
    State state,
    Decision decision) {

  /** Where a dead letter stands: {@code seq} is its number in its topic-partition. */
  public record Id(Topic topic, int partition, long seq) {
    private static final Pattern TEXT = Pattern.compile("([a-z.]{1,40})/(\\d{1,9})/(\\d{1,18})");

    /** Reads {@code order.dlq/0/5}; empty if the text is not of this form. */
    public static Optional<Id> parse(String text) {
      Matcher parts = TEXT.matcher(text);
      if (!parts.matches()) {
        return Optional.empty();
      }
      return Topic.ofName(parts.group(1))
          .map(topic ->
              new Id(topic, Integer.parseInt(parts.group(2)), Long.parseLong(parts.group(3))));
    }

    @Override
    public String toString() {
      return topic + "/" + partition + "/" + seq;
    }
  }

  /**
   * <pre>
   * OPEN -> REPLAYING -> REPLAYED
   *    \--> DISCARDED
   * </pre>
   */
  public enum State {
    OPEN,
    /** A replay was begun; whether the record is in its topic again is not known. */
    REPLAYING,
    REPLAYED,
    DISCARDED
  }

  /**
   * @param by the operator's account
   * @param micros when, microseconds since 1970
   * @param why "" for a replay without a reason
   * @param replayOffset where the record stands in its source topic again, null if it does not
   */
  public record Decision(String by, long micros, String why, Long replayOffset) {}

  /** The record as it was read, byte for byte. */
  public record Content(byte[] key, byte[] value, List<LogHeader> headers) {}

  /** A dead letter with its record. */
  public record Whole(DeadLetter letter, Content content) {}

  /**
   * Whether the record may be appended to its source topic again. Only a topic with many writers
   * takes it: the id in it decides there whether it is new. A numbered topic is written by one loop
   * alone, and whatever else is appended to it is ignored.
   */
  public boolean isReplayable() {
    return !source.numbered();
  }
}
