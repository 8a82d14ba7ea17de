package dev.sagax.bench.dlq;

import com.google.protobuf.Timestamp;
import dev.sagax.proto.dlq.v1.DeadLetter;
import dev.sagax.proto.dlq.v1.DeadLetterDecision;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** A dead letter's parts as a person reads them. */
final class Words {
  private static final String PREFIX = "DEAD_LETTER_STATE_";

  private Words() {}

  static String state(DeadLetter letter) {
    return letter.getState().name().replace(PREFIX, "");
  }

  static String source(DeadLetter letter) {
    return "%s/%d/%d"
        .formatted(letter.getSourceTopic(), letter.getSourcePartition(), letter.getSourceOffset());
  }

  static String time(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos())
        .truncatedTo(ChronoUnit.MILLIS)
        .toString();
  }

  /** Who, when, where to and why; "-" for an open one. */
  static String decision(DeadLetter letter) {
    if (!letter.hasDecision()) {
      return "-";
    }
    DeadLetterDecision decision = letter.getDecision();
    return decision.getOperator()
        + " "
        + time(decision.getTime())
        + (decision.hasReplayOffset() ? ", again at offset " + decision.getReplayOffset() : "")
        + (decision.getReason().isEmpty() ? "" : ": " + decision.getReason());
  }

  /** In one line, for the answer to a decision. */
  static String outcome(DeadLetter letter) {
    return letter.getDeadLetterId() + " is " + state(letter) + " by " + decision(letter);
  }
}
